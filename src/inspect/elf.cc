// The headers and the dynamic section of ELF files; elf_symbols.cc reads symbols and versions.
// Called by read_image; one thread; trusts nothing. Like the system's loader it goes by segments and the dynamic
// section, and looks at the section table only to learn the number of symbols where the file still has one.
// Source of every offset: the System V ABI, "Object Files" and "Dynamic Linking"; GNU's tags: glibc's elf.h.
#include <algorithm>
#include <unordered_set>

#include "inspect/formats.h"

namespace halfword::inspect {
namespace {

constexpr std::uint16_t kRelocatable = 1, kExecutableFile = 2, kSharedObject = 3, kCore = 4;

struct Segments {
  std::optional<Piece> dynamic, interpreter;
  std::vector<Piece> loaded;
};

void read_segment(Reader& reader, std::uint64_t header, bool wide, Segments& segments, Image& image) {
  constexpr std::uint32_t kLoad = 1, kDynamic = 2, kInterpreter = 3, kTls = 7, kGnuStack = 0x6474e551;
  constexpr std::uint32_t kExecutable = 1;
  const std::uint32_t type = reader.u32(header);
  const std::uint32_t flags = reader.u32(header + (wide ? 4 : 24));
  Piece piece;
  piece.offset = reader.word(header + (wide ? 8 : 4), wide);
  piece.address = reader.word(header + (wide ? 16 : 8), wide);
  piece.file_size = reader.word(header + (wide ? 32 : 16), wide);
  piece.memory_size = reader.word(header + (wide ? 40 : 20), wide);
  piece.executable = flags & kExecutable;
  if (type == kLoad || type == kDynamic || type == kInterpreter) {
    if (!reader.require(piece.offset, piece.file_size, "a segment")) return;
    if (piece.memory_size < piece.file_size)
      return reader.fail(header, "a segment is smaller in memory than in the file");
  }
  if (type == kLoad) segments.loaded.push_back(piece);
  if (type == kDynamic) segments.dynamic = piece;
  if (type == kInterpreter) segments.interpreter = piece;
  if (type == kTls) image.elf.thread_local_storage = true;
  if (type == kGnuStack && piece.executable) image.elf.executable_stack = true;
}

Segments read_segments(Reader& reader, bool wide, Image& image) {
  Segments segments;
  const std::uint64_t table = reader.word(wide ? 32 : 28, wide);
  const std::uint16_t size = reader.u16(wide ? 54 : 42);
  const std::uint16_t count = reader.u16(wide ? 56 : 44);
  if (count == 0) return segments;
  const std::uint16_t expected = wide ? 56 : 32;
  // glibc refuses any other size too.
  if (size != expected) reader.fail(wide ? 54 : 42, "the entries of its segment table have the wrong size");
  if (!reader.require(table, std::uint64_t{count} * size, "the segment table")) return segments;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i)
    read_segment(reader, table + i * size, wide, segments, image);
  return segments;
}

// The loader needs no section table; files without one or with a damaged one are read like it does.
std::optional<std::uint64_t> symbols_by_section(Reader reader, bool wide, std::uint64_t symbol_table) {
  constexpr std::uint32_t kDynamicSymbols = 11;
  const std::uint64_t table = reader.word(wide ? 40 : 32, wide);
  const std::uint64_t entry = wide ? 64 : 40;
  std::uint64_t count = reader.u16(wide ? 60 : 48);
  if (table == 0 || reader.u16(wide ? 58 : 46) != entry || !reader.holds(table, entry)) return std::nullopt;
  if (count == 0) count = reader.word(table + (wide ? 32 : 20), wide);
  if (count > reader.size() / entry || !reader.holds(table, count * entry)) return std::nullopt;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t header = table + i * entry;
    if (reader.u32(header + 4) != kDynamicSymbols) continue;
    if (reader.word(header + (wide ? 16 : 12), wide) != symbol_table) continue;
    const std::uint64_t size = reader.word(header + (wide ? 32 : 20), wide);
    if (!reader.holds(reader.word(header + (wide ? 24 : 16), wide), size)) return std::nullopt;
    return size / (wide ? 24 : 16);
  }
  return std::nullopt;
}

// The tags of the dynamic section; of a tag that stands twice the last one counts, as in glibc.
struct Tags {
  std::vector<std::uint64_t> needed;
  std::optional<std::uint64_t> soname, rpath, runpath, strings, strings_size, symbols;
  std::uint64_t flags = 0, flags_1 = 0;
  bool debug = false, text_relocations = false;
};

void read_tag(std::uint64_t tag, std::uint64_t value, Tags& tags, ElfDynamic& dynamic) {
  switch (tag) {
    case 1:
      return tags.needed.push_back(value);
    case 2:
      dynamic.tables[2].size = value;
      return;  // DT_PLTRELSZ
    case 4:
      dynamic.hash = value;
      return;
    case 5:
      tags.strings = value;
      return;
    case 6:
      tags.symbols = value;
      return;
    case 7:
      dynamic.tables[0].address = value;
      return;  // DT_RELA
    case 8:
      dynamic.tables[0].size = value;
      return;
    case 10:
      tags.strings_size = value;
      return;
    case 14:
      tags.soname = value;
      return;
    case 15:
      tags.rpath = value;
      return;
    case 17:
      dynamic.tables[1].address = value;
      return;  // DT_REL
    case 18:
      dynamic.tables[1].size = value;
      return;
    case 20:
      dynamic.tables[2].addend = value == 7;
      return;  // DT_PLTREL
    case 21:
      tags.debug = true;
      return;
    case 22:
      tags.text_relocations = true;
      return;
    case 23:
      dynamic.tables[2].address = value;
      return;  // DT_JMPREL
    case 24:
      tags.flags |= 8;
      return;  // DT_BIND_NOW
    case 29:
      tags.runpath = value;
      return;
    case 30:
      tags.flags |= value;
      return;
    case 0x6ffffef5:
      dynamic.gnu_hash = value;
      return;
    case 0x6ffffff0:
      dynamic.versions = value;
      return;
    case 0x6ffffffb:
      tags.flags_1 = value;
      return;
    case 0x6ffffffc:
      dynamic.defined_versions = value;
      return;
    case 0x6ffffffe:
      dynamic.needed_versions = value;
      return;
    default:
      return;
  }
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> folders;
  std::size_t from = 0;
  for (std::size_t colon; (colon = path.find(':', from)) != std::string::npos; from = colon + 1)
    folders.push_back(path.substr(from, colon - from));
  folders.push_back(path.substr(from));
  return folders;
}

void apply_flags(const Tags& tags, Image& image) {
  image.elf.text_relocations = tags.text_relocations || (tags.flags & 4);  // DF_TEXTREL
  image.elf.static_tls = tags.flags & 0x10;                                // DF_STATIC_TLS
  image.elf.bind_now = (tags.flags & 8) || (tags.flags_1 & 1);             // DF_BIND_NOW, DF_1_NOW
  image.elf.no_open = tags.flags_1 & 0x40;                                 // DF_1_NOOPEN
  image.elf.no_default_dirs = tags.flags_1 & 0x800;                        // DF_1_NODEFLIB
  constexpr std::uint64_t kPositionIndependentExecutable = 0x08000000;     // DF_1_PIE
  // Linkers before binutils 2.26 set no such flag. libc.so.6 has an interpreter too, but a name of its own.
  const bool old_executable = !image.elf.interpreter.empty() && tags.debug && !tags.soname;
  if (image.kind == Kind::shared_library && ((tags.flags_1 & kPositionIndependentExecutable) || old_executable))
    image.kind = Kind::executable;
}

void read_names(Reader& reader, const Tags& tags, const ElfDynamic& dynamic, Image& image) {
  std::unordered_set<std::string> seen;
  for (const std::uint64_t index : tags.needed) {
    std::string name = elf_text(reader, dynamic, index, "the name of a dependency");
    if (reader.failed()) return;
    if (!seen.insert(name).second) continue;
    image.dependencies.emplace_back().name = std::move(name);
  }
  if (tags.soname) image.soname = elf_text(reader, dynamic, *tags.soname, "the library's own name");
  if (tags.rpath) image.elf.rpath = split_path(elf_text(reader, dynamic, *tags.rpath, "DT_RPATH"));
  if (tags.runpath) image.elf.runpath = split_path(elf_text(reader, dynamic, *tags.runpath, "DT_RUNPATH"));
}

void read_dynamic(Reader& reader, const Piece& section, ElfDynamic& dynamic, Image& image) {
  const std::uint64_t entry = dynamic.wide ? 16 : 8;
  Tags tags;
  for (std::uint64_t at = 0; at + entry <= section.file_size && !reader.failed(); at += entry) {
    const std::uint64_t tag = reader.word(section.offset + at, dynamic.wide);
    if (tag == 0) break;
    read_tag(tag, reader.word(section.offset + at + entry / 2, dynamic.wide), tags, dynamic);
  }
  image.elf.dynamic = true;
  dynamic.tables[0].addend = true;
  if (!tags.strings || !tags.strings_size) return reader.fail(section.offset, "its dynamic section names no strings");
  dynamic.strings = elf_offset(reader, dynamic, *tags.strings, *tags.strings_size, "the dynamic string table");
  dynamic.strings_size = *tags.strings_size;
  dynamic.symbols = tags.symbols;
  if (tags.symbols) dynamic.section_symbols = symbols_by_section(reader, dynamic.wide, *tags.symbols);
  read_names(reader, tags, dynamic, image);
  apply_flags(tags, image);
}

}  // namespace

std::string elf_text(Reader& reader, const ElfDynamic& dynamic, std::uint64_t index, std::string_view what) {
  if (index >= dynamic.strings_size) {
    reader.fail(dynamic.strings, std::string(what) + " lies outside the dynamic string table");
    return {};
  }
  return reader.text(dynamic.strings + index, dynamic.strings_size - index, false, what);
}

std::uint64_t elf_offset(Reader& reader, const ElfDynamic& dynamic, std::uint64_t address, std::uint64_t length,
                         std::string_view what) {
  const auto extent = dynamic.map.find(address);
  if (extent && extent->bytes >= length) return extent->offset;
  reader.fail(extent ? extent->offset : 0, std::string(what) + " lies in no segment of the file");
  return 0;
}

void read_elf(Reader& reader, Image& image) {
  if (!reader.require(0, 20, "the ELF header")) return;
  const std::uint8_t width = reader.u8(4);
  const std::uint8_t order = reader.u8(5);
  if (width != 1 && width != 2) return reader.fail(4, "its ELF class is neither 32 nor 64 bit");
  if (order != 1 && order != 2) return reader.fail(5, "its ELF byte order is neither little nor big");
  const bool wide = width == 2;
  image.bits = wide ? 64 : 32;
  image.elf.big_endian = order == 2;
  image.elf.os_abi = reader.u8(7);
  reader.set_big_endian(image.elf.big_endian);
  if (!reader.require(0, wide ? 64 : 52, "the ELF header")) return;
  image.elf.flags = reader.u32(wide ? 48 : 36);
  name_elf_machine(reader.u16(18), image.elf.flags, wide, image);
  const std::uint16_t type = reader.u16(16);
  if (type < kRelocatable || type > kCore) return reader.fail(16, "its ELF type is unknown");
  image.kind = type == kRelocatable      ? Kind::object
               : type == kExecutableFile ? Kind::executable
               : type == kSharedObject   ? Kind::shared_library
                                         : Kind::core;
  // A core's segments are memory, not tables.
  if (type == kRelocatable || type == kCore) return;

  Segments segments = read_segments(reader, wide, image);
  if (segments.interpreter)
    image.elf.interpreter =
        reader.text(segments.interpreter->offset, segments.interpreter->file_size, true, "the interpreter's name");
  if (!segments.dynamic || reader.failed()) return;
  ElfDynamic dynamic;
  dynamic.wide = wide;
  dynamic.map = AddressMap(std::move(segments.loaded));
  read_dynamic(reader, *segments.dynamic, dynamic, image);
  if (!reader.failed() && dynamic.symbols) read_elf_symbols(reader, dynamic, image);
}

}  // namespace halfword::inspect
