// The table of targets. Sources of the numbers:
// - i386-linux: System V ABI, Intel386 Architecture Processor Supplement, version 1.1 (2015), table 2.1: long long and
//   double are aligned to 4 in structs, long double has 12 bytes, aligned to 4.
// - i386-windows: Microsoft, "Storage and alignment of types" (x86): 64-bit integers and double are aligned to 8;
//   wchar_t has 16 bits. `long double` is double for Microsoft's compiler, the 80-bit format in 12 bytes for mingw-w64.
// - x86_64-linux: System V ABI, AMD64 Architecture Processor Supplement, figure 3.1.
// - x86_64-windows: Microsoft, "x64 ABI conventions": long has 4 bytes. mingw-w64 keeps the 80-bit long double.
// - ARM: Procedure Call Standard for the Arm Architecture (AAPCS32, AAPCS64): char and wchar_t are unsigned.
#include "interface/target.h"

namespace halfword::model {
namespace {

constexpr TargetRules kRules[kTargetCount] = {
    {"i386-linux", 4, 4, 4, true, true, 4, FloatFormat::x87, 12, 4, false, false, false},
    {"i386-windows", 4, 4, 2, false, true, 8, FloatFormat::x87, 12, 4, true, true, false},
    {"i386-windows-msvc", 4, 4, 2, false, true, 8, FloatFormat::binary64, 8, 8, true, true, true},
    {"x86_64-linux", 8, 8, 4, true, true, 8, FloatFormat::x87, 16, 16, false, false, false},
    {"x86_64-windows", 8, 4, 2, false, true, 8, FloatFormat::x87, 16, 16, true, true, false},
    {"x86_64-windows-msvc", 8, 4, 2, false, true, 8, FloatFormat::binary64, 8, 8, true, true, true},
    {"armhf-linux", 4, 4, 4, false, false, 8, FloatFormat::binary64, 8, 8, false, false, false},
    {"aarch64-linux", 8, 8, 4, false, false, 8, FloatFormat::binary128, 16, 16, false, false, false},
};

}  // namespace

const TargetRules& rules(Target target) { return kRules[static_cast<std::size_t>(target)]; }

std::optional<Target> target_named(std::string_view name) {
  for (std::size_t index = 0; index < kTargetCount; ++index)
    if (kRules[index].name == name) return static_cast<Target>(index);
  return std::nullopt;
}

}  // namespace halfword::model
