// What the parts of the readers say to each other; not for use outside src/inspect. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/address_map.h"
#include "inspect/image.h"
#include "inspect/reader.h"

namespace halfword::inspect {

/// Fill in `image`; a failure is left in `reader`. The reader stands at the start of a file whose magic fits.
void read_pe(Reader& reader, Image& image);
void read_elf(Reader& reader, Image& image);

/// The same, but no further than the header; true if there is more to read.
bool read_elf_header(Reader& reader, Image& image);

/// A COFF object file has no magic: true if the header is that of a known processor and its tables lie in the file.
bool looks_like_coff_object(Reader reader);
void read_coff_object(Reader& reader, Image& image);

/// What a file that is neither PE nor ELF is, as a clause ("it is a static library (an ar archive)").
std::string describe_foreign(const Reader& reader);

/// Processor, name and target of a PE machine number, set in `image`.
void name_pe_machine(std::uint16_t machine, Image& image);
/// The same for ELF, where the class, the endianness and the flags decide as well.
void name_elf_machine(std::uint16_t machine, std::uint32_t flags, bool wide, Image& image);

/// The headers of a PE file, as the tables need them.
struct PeLayout {
  bool wide = false;  ///< PE32+
  std::uint64_t image_base = 0;
  AddressMap map;
  std::uint64_t cut_off = 0;  ///< where a section header stands whose section goes on behind the end of the file
  struct Directory {
    std::uint32_t address = 0;
    std::uint32_t size = 0;
  };
  Directory directories[16];
};

/// The headers alone; false if they cannot be read.
bool read_pe_headers(Reader& reader, Image& image, PeLayout& layout);
void read_pe_exports(Reader& reader, const PeLayout& layout, Image& image);
void read_pe_imports(Reader& reader, const PeLayout& layout, Image& image);
void read_pe_delayed_imports(Reader& reader, const PeLayout& layout, Image& image);

/// The dynamic section of an ELF file, as the symbol reader needs it. Values are addresses unless said otherwise.
struct ElfDynamic {
  bool wide = false;
  AddressMap map;
  std::uint64_t strings = 0;
  std::uint64_t strings_size = 0;  ///< in bytes
  std::optional<std::uint64_t> symbols, hash, gnu_hash, versions, needed_versions, defined_versions;
  struct Relocations {
    std::uint64_t address = 0;
    std::uint64_t size = 0;  ///< in bytes
    bool addend = false;
  };
  Relocations relocations[3];
  std::optional<std::uint64_t> section_symbols;  ///< the number that the section table gives, if there is one
};

/// A string of the dynamic string table.
std::string elf_text(Reader& reader, const ElfDynamic& dynamic, std::uint64_t index, std::string_view what);
/// The file offset of `address` if `length` bytes of the file lie there; fails otherwise.
std::uint64_t elf_offset(Reader& reader, const ElfDynamic& dynamic, std::uint64_t address, std::uint64_t length,
                         std::string_view what);
/// Exports, imports and versions.
void read_elf_symbols(Reader& reader, const ElfDynamic& dynamic, Image& image);

}  // namespace halfword::inspect
