// What a library file is and what stands in its tables: the model that the PE and ELF readers fill in.
// Called by the client (to explain a failed load), by the command (`halfword inspect`) and by dependencies.h.
// Any thread; nothing here is shared. Trusts nothing: files are hostile, every count and string in them is bounded,
// and reading costs time and memory linear in the file's size whatever its tables claim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace halfword::inspect {

enum class Format { pe, elf };

enum class Kind {
  shared_library,
  executable,
  object,  ///< made by a compiler, not yet linked
  core,    ///< the memory of a process that crashed
};

/// The processors that targets are named after; all others are `other`, and Image::machine still names them.
enum class Machine { other, i386, x86_64, arm, aarch64 };

/// How the name of an export was decorated by its compiler.
enum class Decoration {
  none,
  stdcall,      ///< `_f@8` of Microsoft, `f@8` of mingw
  fastcall,     ///< `@f@8`
  vectorcall,   ///< `f@@16`
  msvc_cpp,     ///< `?f@@YAHH@Z`
  itanium_cpp,  ///< `_Z1fi`, the names of GCC and Clang
};

/// A calling convention, where a decoration proves one. A plain name proves none.
enum class Convention { unknown, cdecl_, stdcall_, fastcall_, thiscall_, vectorcall_ };

/// A name without its decoration.
struct PlainName {
  std::string name;  ///< `Calc::add` of `?add@Calc@@…`; equal to the whole name where there is nothing to take away
  Decoration decoration = Decoration::none;
  Convention convention = Convention::unknown;
  std::optional<std::uint32_t> argument_bytes;  ///< on the stack and in registers, where the decoration counts them
};

enum class SymbolType { unknown, function, data, thread_local_data, indirect_function };

/// One name (or one ordinal without a name) that a library offers.
struct Export {
  std::string name;                      ///< as it stands in the file; empty if exported by ordinal only
  std::optional<std::uint32_t> ordinal;  ///< PE only
  std::uint64_t address = 0;             ///< PE: relative to the image; ELF: the symbol's value. 0 for a forwarder
  std::uint64_t size = 0;                ///< ELF only, in bytes
  std::string forwarder;                 ///< PE only: `NTDLL.RtlAllocateHeap` or `NTDLL.#12`
  SymbolType type = SymbolType::unknown;
  PlainName plain;
  std::string version;           ///< ELF only: `GLIBC_2.0`; empty if the symbol has none
  bool default_version = true;   ///< ELF only: what a program linked today gets (`f@@V2`, not `f@V1`)
  bool fits_unversioned = true;  ///< ELF only: what a program gets that was linked without versions
};

/// One name that a library needs from another.
struct Import {
  std::string name;                      ///< empty if imported by ordinal
  std::optional<std::uint16_t> ordinal;  ///< PE only
  std::uint16_t hint = 0;                ///< PE only: the likely index in the other library's name table
  std::string version;                   ///< ELF only
  SymbolType type = SymbolType::unknown;
  bool weak = false;  ///< ELF only: may be missing
};

/// A version that an ELF library needs of another: `GLIBC_2.34`.
struct NeededVersion {
  std::string name;
  bool weak = false;  ///< may be missing
};

/// A library that this library needs.
struct Dependency {
  std::string name;      ///< as it stands in the file: `KERNEL32.dll`, `libc.so.6`
  bool delayed = false;  ///< PE only: loaded at the first call, so the load does not fail without it
  std::vector<Import> imports;
  std::vector<NeededVersion> versions;  ///< ELF only
};

/// The part of a PE file that concerns .NET.
struct DotNet {
  std::string runtime;   ///< `v4.0.30319`
  bool il_only = false;  ///< no machine code: the bitness is the process's own unless `requires_32bit`
  bool requires_32bit = false;
};

/// What only PE files have.
struct PeDetails {
  bool dll = false;
  bool large_address_aware = false;
  bool relocatable = false;   ///< has a relocation table, so it loads where its preferred place is taken
  bool dynamic_base = false;  ///< address space layout randomisation
  bool thread_local_storage = false;
  std::uint64_t image_base = 0;  ///< the preferred place
  std::uint32_t image_size = 0;  ///< in bytes, in memory
  std::uint16_t subsystem = 0;
  std::uint16_t subsystem_major = 0;  ///< the oldest Windows it is for: 6.1 is Windows 7
  std::uint16_t subsystem_minor = 0;
  std::optional<DotNet> dotnet;
  bool wine_builtin = false;      ///< a system library of Wine
  bool wine_placeholder = false;  ///< stands for a system library that Wine keeps elsewhere
};

/// What only ELF files have.
struct ElfDetails {
  std::uint8_t os_abi = 0;
  std::uint32_t flags = 0;  ///< e_flags
  bool big_endian = false;
  bool dynamic = false;  ///< has a dynamic section: without one the loader has nothing to do
  std::vector<std::string> rpath;
  std::vector<std::string> runpath;
  std::string interpreter;            ///< `/lib/ld-linux.so.2`
  std::vector<std::string> versions;  ///< versions that this library defines
  std::vector<Import> imports;        ///< names that any library may provide: they name no dependency
  bool executable_stack = false;      ///< refused by glibc 2.41 and later
  bool text_relocations = false;
  bool static_tls = false;  ///< needs room in the initial TLS block; many such libraries do not fit
  bool thread_local_storage = false;
  bool no_open = false;          ///< DF_1_NOOPEN: dlopen refuses it
  bool bind_now = false;         ///< every imported function must be there at load time
  bool no_default_dirs = false;  ///< DF_1_NODEFLIB: the system's folders are not searched for its dependencies
};

/// A library file, read.
struct Image {
  Format format = Format::elf;
  Kind kind = Kind::shared_library;
  Machine machine_kind = Machine::other;
  std::string machine;  ///< `i386`, `armhf`, `riscv64`; `machine 0x1234` for one that has no name here
  std::string os;       ///< `linux`, `windows`, `freebsd`, …
  std::string target;   ///< machine and os: `i386-linux`
  int bits = 0;         ///< 32 or 64: the width of a pointer
  std::string soname;   ///< the library's own name: DT_SONAME, or the name in a PE export table
  std::vector<Export> exports;
  std::vector<Dependency> dependencies;  ///< in the file's order, delay-loaded ones last
  PeDetails pe;
  ElfDetails elf;
  std::vector<std::string> notes;  ///< parts that are damaged but that the loader does not need
};

/// Reads a PE or ELF file that lies in `bytes`; the result keeps no reference to them. `name` is the file's name for
/// messages. Errors: `not_a_library` with the reason and the offset; a file of another kind (a script, a static
/// library, a 16-bit DLL, a Mach-O file) is named as what it is.
Result<Image> read_image(std::span<const std::byte> bytes, std::string_view name);

/// The same from the file's first bytes (4 KiB do for nearly all), as far as its headers say: format, machine, bits,
/// os, target, kind of PE files. No tables, so an ELF program may still be called a shared library.
Result<Image> identify_image(std::span<const std::byte> start, std::string_view name);

/// The bytes of a file.
class FileBytes {
 public:
  FileBytes() = default;
  FileBytes(std::unique_ptr<std::byte[]> bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}
  std::span<const std::byte> span() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
};

/// Reads a whole file (not a mapping: a file that shrinks under a mapping kills the process), or its first `at_most`
/// bytes. Errors: `file_not_found` (also for a folder, a pipe or a device, and without permission), `limit_exceeded`
/// above 2 GiB, `no_memory`, `environment` when reading stops half way.
Result<FileBytes> read_file(const std::filesystem::path& path, std::uint64_t at_most = UINT64_MAX);

/// read_file and read_image in one.
Result<Image> read_library(const std::filesystem::path& path);

/// identify_image of a file, reading no more of it than necessary.
Result<Image> identify_library(const std::filesystem::path& path);

/// The short names that JSON and text use: "pe", "shared_library", "stdcall", …
const char* to_string(Format format);
const char* to_string(Kind kind);
const char* to_string(Decoration decoration);
const char* to_string(Convention convention);
const char* to_string(SymbolType type);
/// The name of a PE subsystem: "console", "gui", "native", …; "unknown" for others.
const char* subsystem_name(std::uint16_t subsystem);

}  // namespace halfword::inspect
