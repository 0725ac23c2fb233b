// The dynamic symbols of ELF files and their versions. Called by elf.cc; one thread; trusts nothing.
// Sources: the System V ABI (symbols, DT_HASH), glibc's elf/dl-lookup.c (which definitions a name reaches,
// DT_GNU_HASH), the Linux Standard Base, "Symbol Versioning".
#include <algorithm>
#include <map>
#include <vector>

#include "inspect/formats.h"
#include "inspect/names.h"

namespace halfword::inspect {
namespace {

constexpr std::uint16_t kHidden = 0x8000;
constexpr std::uint16_t kVersionMask = 0x7fff;
constexpr std::size_t kLongestVersion = 256;  // GNOME's and Qt's longest have 30 letters

// What an index of the version table means.
struct Version {
  std::string name;
  std::optional<std::size_t> dependency;  // the library that has to provide it
  bool base = false;
};

class SymbolReader {
 public:
  SymbolReader(Reader& reader, const ElfDynamic& dynamic, Image& image)
      : reader_(reader), dynamic_(dynamic), image_(image) {}

  void read();

 private:
  std::uint64_t count_symbols();
  std::uint64_t count_by_gnu_hash();
  std::uint64_t count_by_relocations();
  void read_defined_versions();
  void read_needed_versions();
  void read_needs_of_file(std::uint64_t entry);
  void read_symbol(std::uint64_t index, std::uint64_t offset);
  void add_export(Export symbol, std::uint16_t version);
  void add_import(Import symbol, std::uint16_t version);
  void set_version(std::uint16_t index, Version version) {
    // Every symbol carries a copy of its version's name, so a long one would multiply.
    if (version.name.size() > kLongestVersion) reader_.fail(0, "the name of a version is too long");
    if (versions_.size() <= index) versions_.resize(index + std::size_t{1});
    versions_[index] = std::move(version);
  }
  // Index 0 is local, 1 is the library as a whole.
  const Version* find_version(std::uint16_t index) const {
    return index > 1 && index < versions_.size() ? &versions_[index] : nullptr;
  }
  // Every entry of the version tables costs at least 16 bytes in a correct file.
  bool take_version_entry(std::uint64_t offset) { return reader_.take_entries(4, offset, "a version table"); }

  Reader& reader_;
  const ElfDynamic& dynamic_;
  Image& image_;
  std::vector<Version> versions_;  // by index
  std::map<std::string, std::size_t> dependency_index_;
  std::uint64_t version_table_ = 0;
};

// The loader itself never needs the number. The section table says it; without one, the hash table covers what can be
// looked up and the relocations what is imported.
std::uint64_t SymbolReader::count_symbols() {
  if (dynamic_.section_symbols) return *dynamic_.section_symbols;
  std::uint64_t count = 0;
  if (dynamic_.hash) count = reader_.u32(elf_offset(reader_, dynamic_, *dynamic_.hash, 8, "the hash table") + 4);
  if (dynamic_.gnu_hash) count = std::max(count, count_by_gnu_hash());
  return std::max(count, count_by_relocations());
}

std::uint64_t SymbolReader::count_by_gnu_hash() {
  constexpr std::string_view kWhat = "the GNU hash table";
  const std::uint64_t table = elf_offset(reader_, dynamic_, *dynamic_.gnu_hash, 16, kWhat);
  const std::uint64_t buckets = reader_.u32(table), first = reader_.u32(table + 4);
  const std::uint64_t bloom_bytes = reader_.u32(table + 8) * (dynamic_.wide ? 8ULL : 4ULL);
  const std::uint64_t bucket_array = table + 16 + bloom_bytes;
  const std::uint64_t chains = bucket_array + buckets * 4;
  if (!reader_.require(bucket_array, buckets * 4, kWhat)) return 0;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < buckets; ++i) last = std::max<std::uint64_t>(last, reader_.u32(bucket_array + i * 4));
  if (last < first) return first;
  while (!reader_.failed() && !(reader_.u32(chains + (last - first) * 4) & 1)) ++last;
  return last + 1;
}

std::uint64_t SymbolReader::count_by_relocations() {
  std::uint64_t count = 0;
  for (const ElfDynamic::Relocations& table : dynamic_.relocations) {
    if (table.size == 0) continue;
    const std::uint64_t word = dynamic_.wide ? 8 : 4;
    const std::uint64_t entry = word * (table.addend ? 3 : 2);
    const std::uint64_t offset = elf_offset(reader_, dynamic_, table.address, table.size, "a relocation table");
    for (std::uint64_t at = 0; at + entry <= table.size && !reader_.failed(); at += entry) {
      const std::uint64_t info = reader_.word(offset + at + word, dynamic_.wide);
      count = std::max(count, (dynamic_.wide ? info >> 32 : info >> 8) + 1);
    }
  }
  return count;
}

void SymbolReader::read_defined_versions() {
  constexpr std::uint16_t kBase = 1;  // VER_FLG_BASE: stands for the library as a whole
  if (!dynamic_.defined_versions) return;
  std::uint64_t entry = elf_offset(reader_, dynamic_, *dynamic_.defined_versions, 20, "the table of versions");
  while (take_version_entry(entry)) {
    const std::uint16_t flags = reader_.u16(entry + 2), index = reader_.u16(entry + 4) & kVersionMask;
    const std::uint64_t name = entry + reader_.u32(entry + 12);
    Version version;
    version.name = elf_text(reader_, dynamic_, reader_.u32(name), "the name of a version");
    version.base = flags & kBase;
    if (!version.base) image_.elf.versions.push_back(version.name);
    set_version(index, std::move(version));
    const std::uint32_t next = reader_.u32(entry + 16);
    if (next == 0) return;
    entry += next;
  }
}

void SymbolReader::read_needs_of_file(std::uint64_t entry) {
  constexpr std::uint16_t kWeak = 2;  // VER_FLG_WEAK
  const std::uint16_t count = reader_.u16(entry + 2);
  const std::string file = elf_text(reader_, dynamic_, reader_.u32(entry + 4), "the file of a version");
  const auto found = dependency_index_.find(file);
  std::uint64_t need = entry + reader_.u32(entry + 8);
  for (std::uint16_t i = 0; i < count && take_version_entry(need); ++i) {
    const bool weak = reader_.u16(need + 4) & kWeak;
    Version version;
    version.name = elf_text(reader_, dynamic_, reader_.u32(need + 8), "the name of a version");
    if (found != dependency_index_.end()) {
      version.dependency = found->second;
      image_.dependencies[found->second].versions.push_back({version.name, weak});
    }
    set_version(reader_.u16(need + 6) & kVersionMask, std::move(version));
    const std::uint32_t next = reader_.u32(need + 12);
    if (next == 0) return;
    need += next;
  }
}

void SymbolReader::read_needed_versions() {
  if (!dynamic_.needed_versions) return;
  std::uint64_t entry = elf_offset(reader_, dynamic_, *dynamic_.needed_versions, 16, "the table of needed versions");
  while (take_version_entry(entry)) {
    read_needs_of_file(entry);
    const std::uint32_t next = reader_.u32(entry + 12);
    if (next == 0) return;
    entry += next;
  }
}

SymbolType type_of(std::uint8_t info) {
  switch (info & 15) {
    case 1:
    case 5:
      return SymbolType::data;  // STT_OBJECT, STT_COMMON
    case 2:
      return SymbolType::function;
    case 6:
      return SymbolType::thread_local_data;
    case 10:
      return SymbolType::indirect_function;
    default:
      return SymbolType::unknown;
  }
}

void SymbolReader::add_export(Export symbol, std::uint16_t version) {
  const std::uint16_t index = version & kVersionMask;
  if (version_table_ != 0 && index == 0) return;  // VER_NDX_LOCAL
  const Version* known = find_version(index);
  if (known && !known->base) symbol.version = known->name;
  // The linker marks each version by an absolute symbol of its name; nobody calls that.
  if (symbol.name == symbol.version && symbol.type != SymbolType::function) return;
  symbol.default_version = !(version & kHidden);
  symbol.fits_unversioned = symbol.default_version || index <= 2;
  symbol.plain = undecorate(symbol.name, image_.format, image_.machine_kind);
  image_.exports.push_back(std::move(symbol));
}

void SymbolReader::add_import(Import symbol, std::uint16_t version) {
  if (const Version* known = find_version(version & kVersionMask)) {
    symbol.version = known->name;
    if (known->dependency) {
      image_.dependencies[*known->dependency].imports.push_back(std::move(symbol));
      return;
    }
  }
  image_.elf.imports.push_back(std::move(symbol));
}

void SymbolReader::read_symbol(std::uint64_t index, std::uint64_t offset) {
  constexpr std::uint8_t kGlobal = 1, kWeak = 2, kUnique = 10;
  constexpr std::uint8_t kDefault = 0, kProtected = 3, kSection = 3, kFile = 4;
  const bool wide = dynamic_.wide;
  const std::uint8_t info = reader_.u8(offset + (wide ? 4 : 12));
  const std::uint8_t binding = info >> 4, type = info & 15;
  const std::uint8_t visibility = reader_.u8(offset + (wide ? 5 : 13)) & 3;
  const std::uint16_t section = reader_.u16(offset + (wide ? 6 : 14));
  if (binding != kGlobal && binding != kWeak && binding != kUnique) return;
  if (type == kSection || type == kFile) return;
  const std::uint16_t version = version_table_ ? reader_.u16(version_table_ + index * 2) : 1;
  std::string name = elf_text(reader_, dynamic_, reader_.u32(offset), "the name of a symbol");
  if (name.empty()) return;
  if (section == 0) {
    Import symbol;
    symbol.name = std::move(name);
    symbol.type = type_of(info);
    symbol.weak = binding == kWeak;
    return add_import(std::move(symbol), version);
  }
  if (visibility != kDefault && visibility != kProtected) return;
  Export symbol;
  symbol.name = std::move(name);
  symbol.type = type_of(info);
  symbol.address = reader_.word(offset + (wide ? 8 : 4), wide);
  symbol.size = reader_.word(offset + (wide ? 16 : 8), wide);
  add_export(std::move(symbol), version);
}

void SymbolReader::read() {
  const std::uint64_t entry = dynamic_.wide ? 24 : 16;
  const std::uint64_t count = count_symbols();
  if (count <= 1 || !reader_.take_entries(count, 0, "the symbol table")) return;
  const std::uint64_t table = elf_offset(reader_, dynamic_, *dynamic_.symbols, count * entry, "the symbol table");
  if (dynamic_.versions)
    version_table_ = elf_offset(reader_, dynamic_, *dynamic_.versions, count * 2, "the table of symbol versions");
  for (std::size_t i = 0; i < image_.dependencies.size(); ++i) dependency_index_[image_.dependencies[i].name] = i;
  read_defined_versions();
  read_needed_versions();
  for (std::uint64_t i = 1; i < count && !reader_.failed(); ++i) read_symbol(i, table + i * entry);
}

}  // namespace

void read_elf_symbols(Reader& reader, const ElfDynamic& dynamic, Image& image) {
  SymbolReader(reader, dynamic, image).read();
}

}  // namespace halfword::inspect
