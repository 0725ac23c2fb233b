// The ABIs that halfword knows, as numbers: sizes, alignments and the few rules in which they differ.
//
// Used by everything in src/interface and by the client, on any thread: constant data. Nothing here asks the operating
// system; what this program itself is compiled for follows from the sizes of its own types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace halfword::model {

/// An ABI: processor, bitness, operating system, and on Windows the compiler, where compilers differ.
///
/// On Windows GCC (mingw-w64) and Microsoft's compiler agree on everything that COM and the system's own libraries
/// use, and differ in `long double`, in structs of one floating field returned by value, in the registers that wide
/// arguments use up in `__fastcall`, and in `__thiscall` with a returned struct. The plain names follow GCC.
enum class Target : std::uint8_t {
  i386_linux,
  i386_windows,
  i386_windows_msvc,
  x86_64_linux,
  x86_64_windows,
  x86_64_windows_msvc,
  armhf_linux,
  aarch64_linux,
};
constexpr std::size_t kTargetCount = 8;

enum class FloatFormat : std::uint8_t { binary32, binary64, x87, binary128 };

/// What differs between targets. Sizes and alignments are in bytes; `*_align` is the alignment inside a struct.
struct TargetRules {
  std::string_view name;  ///< as in design: "i386-linux"
  std::uint8_t pointer_size;
  std::uint8_t long_size;
  std::uint8_t wchar_size;
  bool wchar_signed;
  bool char_signed;
  std::uint8_t wide_align;  ///< of 64-bit integers and of double
  FloatFormat long_double_format;
  std::uint8_t long_double_size;
  std::uint8_t long_double_align;
  bool windows;
  bool microsoft_bit_fields;  ///< adjacent fields share a unit only if their types have one size
  bool microsoft;             ///< Microsoft's compiler rather than GCC
};

const TargetRules& rules(Target target);

/// The target with that name, for example "i386-windows"; nothing for an unknown name.
std::optional<Target> target_named(std::string_view name);

/// What this program is compiled for.
constexpr Target this_target() {
  constexpr bool is64 = sizeof(void*) == 8;
  constexpr int digits = std::numeric_limits<long double>::digits;
  if (sizeof(wchar_t) == 2) {
    if (digits == 53) return is64 ? Target::x86_64_windows_msvc : Target::i386_windows_msvc;
    return is64 ? Target::x86_64_windows : Target::i386_windows;
  }
  if (digits == 64) return is64 ? Target::x86_64_linux : Target::i386_linux;
  return is64 ? Target::aarch64_linux : Target::armhf_linux;
}

}  // namespace halfword::model
