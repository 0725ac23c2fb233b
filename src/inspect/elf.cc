// The headers and the dynamic section of ELF files; elf_symbols.cc reads symbols and versions.
// Called by read_image; one thread; trusts nothing. Like the system's loader it goes by segments and the dynamic
// section, and looks at the section table only to learn the number of symbols where the file still has one.
// Source of every offset: the System V ABI, "Object Files" and "Dynamic Linking"; GNU's tags: glibc's elf.h.
#include <map>
#include <set>

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

enum Tag : std::uint64_t {
  kNeeded = 1,
  kPltRelocationsSize = 2,
  kHash = 4,
  kStrings = 5,
  kSymbols = 6,
  kRela = 7,
  kRelaSize = 8,
  kStringsSize = 10,
  kSoname = 14,
  kRpath = 15,
  kRel = 17,
  kRelSize = 18,
  kPltRelocationType = 20,
  kDebug = 21,
  kTextRelocations = 22,
  kPltRelocations = 23,
  kBindNow = 24,
  kRunpath = 29,
  kFlags = 30,
  kGnuHash = 0x6ffffef5,
  kVersionSymbols = 0x6ffffff0,
  kFlags1 = 0x6ffffffb,
  kDefinedVersions = 0x6ffffffc,
  kNeededVersions = 0x6ffffffe,
};

// The entries of the dynamic section; of a tag that stands twice the last one counts, as in glibc.
struct Tags {
  std::vector<std::uint64_t> needed;
  std::map<std::uint64_t, std::uint64_t> others;  // not hashed: a file could make all of its tags collide

  std::optional<std::uint64_t> find(Tag tag) const {
    const auto found = others.find(tag);
    return found == others.end() ? std::nullopt : std::optional(found->second);
  }
  std::uint64_t value(Tag tag) const { return find(tag).value_or(0); }
  bool has(Tag tag) const { return others.contains(tag); }
};

Tags read_tags(Reader& reader, const Piece& section, bool wide) {
  const std::uint64_t entry = wide ? 16 : 8;
  Tags tags;
  for (std::uint64_t at = 0; at + entry <= section.file_size && !reader.failed(); at += entry) {
    const std::uint64_t tag = reader.word(section.offset + at, wide);
    const std::uint64_t value = reader.word(section.offset + at + entry / 2, wide);
    if (tag == 0) break;
    if (tag == kNeeded)
      tags.needed.push_back(value);
    else
      tags.others[tag] = value;
  }
  return tags;
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
  const std::uint64_t flags = tags.value(kFlags), flags_1 = tags.value(kFlags1);
  image.elf.text_relocations = tags.has(kTextRelocations) || (flags & 4);   // DF_TEXTREL
  image.elf.static_tls = flags & 0x10;                                      // DF_STATIC_TLS
  image.elf.bind_now = tags.has(kBindNow) || (flags & 8) || (flags_1 & 1);  // DF_BIND_NOW, DF_1_NOW
  image.elf.no_open = flags_1 & 0x40;                                       // DF_1_NOOPEN
  image.elf.no_default_dirs = flags_1 & 0x800;                              // DF_1_NODEFLIB
  constexpr std::uint64_t kPositionIndependentExecutable = 0x08000000;      // DF_1_PIE
  // Linkers before binutils 2.26 set no such flag. libc.so.6 has an interpreter too, but a name of its own.
  const bool old_executable = !image.elf.interpreter.empty() && tags.has(kDebug) && !tags.has(kSoname);
  if (image.kind == Kind::shared_library && ((flags_1 & kPositionIndependentExecutable) || old_executable))
    image.kind = Kind::executable;
}

void read_names(Reader& reader, const Tags& tags, const ElfDynamic& dynamic, Image& image) {
  std::set<std::string> seen;
  for (const std::uint64_t index : tags.needed) {
    std::string name = elf_text(reader, dynamic, index, "the name of a dependency");
    if (reader.failed()) return;
    if (!seen.insert(name).second) continue;
    image.dependencies.emplace_back().name = std::move(name);
  }
  const auto text = [&](Tag tag, std::string_view what) { return elf_text(reader, dynamic, tags.value(tag), what); };
  if (tags.has(kSoname)) image.soname = text(kSoname, "the library's own name");
  if (tags.has(kRpath)) image.elf.rpath = split_path(text(kRpath, "DT_RPATH"));
  if (tags.has(kRunpath)) image.elf.runpath = split_path(text(kRunpath, "DT_RUNPATH"));
}

void read_dynamic(Reader& reader, const Piece& section, ElfDynamic& dynamic, Image& image) {
  const Tags tags = read_tags(reader, section, dynamic.wide);
  image.elf.dynamic = true;
  if (!tags.has(kStrings) || !tags.has(kStringsSize))
    return reader.fail(section.offset, "its dynamic section names no strings");
  dynamic.strings_size = tags.value(kStringsSize);
  dynamic.strings = elf_offset(reader, dynamic, tags.value(kStrings), dynamic.strings_size, "the dynamic string table");
  dynamic.symbols = tags.find(kSymbols);
  dynamic.hash = tags.find(kHash);
  dynamic.gnu_hash = tags.find(kGnuHash);
  dynamic.versions = tags.find(kVersionSymbols);
  dynamic.defined_versions = tags.find(kDefinedVersions);
  dynamic.needed_versions = tags.find(kNeededVersions);
  dynamic.relocations[0] = {tags.value(kRela), tags.value(kRelaSize), true};
  dynamic.relocations[1] = {tags.value(kRel), tags.value(kRelSize), false};
  dynamic.relocations[2] = {tags.value(kPltRelocations), tags.value(kPltRelocationsSize),
                            tags.value(kPltRelocationType) == kRela};
  if (dynamic.symbols) dynamic.section_symbols = symbols_by_section(reader, dynamic.wide, *dynamic.symbols);
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

bool read_elf_header(Reader& reader, Image& image) {
  if (!reader.require(0, 20, "the ELF header")) return false;
  const std::uint8_t width = reader.u8(4);
  const std::uint8_t order = reader.u8(5);
  if (width != 1 && width != 2) reader.fail(4, "its ELF class is neither 32 nor 64 bit");
  if (order != 1 && order != 2) reader.fail(5, "its ELF byte order is neither little nor big");
  const bool wide = width == 2;
  image.bits = wide ? 64 : 32;
  image.elf.big_endian = order == 2;
  image.elf.os_abi = reader.u8(7);
  reader.set_big_endian(image.elf.big_endian);
  if (!reader.require(0, wide ? 64 : 52, "the ELF header")) return false;
  image.elf.flags = reader.u32(wide ? 48 : 36);
  name_elf_machine(reader.u16(18), image.elf.flags, wide, image);
  const std::uint16_t type = reader.u16(16);
  if (type < kRelocatable || type > kCore) reader.fail(16, "its ELF type is unknown");
  image.kind = type == kRelocatable      ? Kind::object
               : type == kExecutableFile ? Kind::executable
               : type == kSharedObject   ? Kind::shared_library
                                         : Kind::core;
  // An object file has no segments, and a core's segments are memory, not tables.
  return !reader.failed() && type != kRelocatable && type != kCore;
}

void read_elf(Reader& reader, Image& image) {
  if (!read_elf_header(reader, image)) return;
  const bool wide = image.bits == 64;
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
