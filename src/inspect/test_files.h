// Makes small PE and ELF files for the tests of this folder, byte by byte, so that the tests run on every system and at
// every target. Called by tests only. What it writes is correct unless a test changes it afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inspect/image.h"

namespace halfword::inspect {

using Bytes = std::vector<std::uint8_t>;

inline std::span<const std::byte> as_span(const Bytes& bytes) {
  return {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}
inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// A folder of a test's own, gone with everything in it at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file below the folder, making folders on the way.
  std::filesystem::path write(const std::string& name, const Bytes& bytes) const;

 private:
  std::filesystem::path path_;
};

struct PeExport {
  std::string name = {};  ///< empty: by ordinal only
  std::string forwarder = {};
  bool data = false;
};
struct PeNeed {
  std::string library = {};
  std::vector<std::string> names = {};  ///< `#12` is an ordinal
  bool delayed = false;
};
/// A DLL; ordinals are 5, 6, 7 …
struct PeFile {
  bool wide = false;
  std::uint16_t machine = 0x014c;
  std::uint16_t characteristics = 0x2102;  ///< a 32-bit DLL
  std::string own_name = "made.dll";
  std::vector<PeExport> exports = {};
  std::vector<PeNeed> needs = {};
  std::string wine_mark = {};  ///< stands where Wine puts its own

  Bytes make() const;
};
inline constexpr std::uint32_t kFirstOrdinal = 5;
/// Where PeFile puts its parts: the offsets are those of the file.
inline constexpr std::uint32_t kPeTextAddress = 0x1000, kPeDataAddress = 0x2000;
inline constexpr std::uint32_t kPeDataOffset = 0x400, kPeHeader = 0x80;

struct ElfSymbol {
  std::string name = {};
  bool defined = true;
  std::string version = {};  ///< of a defined symbol: `V1`; hidden with a leading `@`
  std::string from = {};     ///< of an undefined symbol with a version: the library that has it
  bool weak = false;
  std::uint8_t type = 2;  ///< a function
};
/// A shared library without a section table.
struct ElfFile {
  bool wide = false;
  bool big_endian = false;
  std::uint16_t machine = 3;
  std::uint32_t flags = 0;
  std::string soname = {};
  std::string rpath = {}, runpath = {};
  std::vector<std::string> needed = {};
  std::vector<ElfSymbol> symbols = {};
  bool gnu_hash = false;  ///< instead of the System V hash table

  Bytes make() const;
};

/// A library that needs a vendor's decorated name, made as `PeFile` makes it and read back; fails the test if it cannot
/// be.
Image must_read(const Bytes& bytes);

}  // namespace halfword::inspect
