// The maker of test files. Called by tests only; one thread.
#include "inspect/test_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <random>

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

// Bytes that grow, with numbers of one byte order.
class Buffer {
 public:
  explicit Buffer(bool big_endian = false) : big_endian_(big_endian) {}

  std::uint64_t size() const { return bytes_.size(); }
  void align(std::size_t unit) { bytes_.resize((bytes_.size() + unit - 1) / unit * unit); }
  void grow_to(std::size_t size) { bytes_.resize(std::max(bytes_.size(), size)); }
  void number(std::uint64_t value, int length) {
    bytes_.resize(bytes_.size() + static_cast<std::size_t>(length));
    put(size() - static_cast<std::uint64_t>(length), value, length);
  }
  void put(std::uint64_t offset, std::uint64_t value, int length) {
    grow_to(static_cast<std::size_t>(offset) + static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i) {
      const int place = big_endian_ ? length - 1 - i : i;
      bytes_[static_cast<std::size_t>(offset) + static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(value >> (8 * place));
    }
  }
  std::uint64_t text(const std::string& value) {
    const std::uint64_t offset = size();
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    bytes_.push_back(0);
    return offset;
  }
  void place(std::uint64_t offset, const Bytes& bytes) {
    grow_to(static_cast<std::size_t>(offset) + bytes.size());
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  bool big_endian_;
  Bytes bytes_;
};

// In the data section's page, behind its stored bytes: an address inside the export table would mean a forwarder.
constexpr std::uint32_t kPeVariables = kPeDataAddress + 0xf00;

// The data section of a DLL; addresses are relative to the image.
class PeData {
 public:
  explicit PeData(const PeFile& file) : file_(file), word_(file.wide ? 8 : 4) {}

  void write_exports();
  void write_needs(bool delayed);
  const Bytes& bytes() const { return buffer_.bytes(); }
  std::uint32_t directories[16][2] = {};

 private:
  std::uint32_t here() const { return kPeDataAddress + static_cast<std::uint32_t>(buffer_.size()); }
  std::uint32_t text(const std::string& value) {
    return kPeDataAddress + static_cast<std::uint32_t>(buffer_.text(value));
  }
  std::uint32_t lookup_table(const std::vector<std::string>& names);

  const PeFile& file_;
  const int word_;
  Buffer buffer_;
};

void PeData::write_exports() {
  if (file_.exports.empty()) return;
  const std::uint32_t start = here();
  std::vector<std::uint32_t> names, forwarders;
  const std::uint64_t directory = buffer_.size();
  buffer_.grow_to(static_cast<std::size_t>(directory) + 40);
  const std::uint32_t own = text(file_.own_name);
  std::uint32_t named = 0;
  for (const PeExport& symbol : file_.exports) {
    names.push_back(symbol.name.empty() ? 0 : text(symbol.name));
    forwarders.push_back(symbol.forwarder.empty() ? 0 : text(symbol.forwarder));
    if (!symbol.name.empty()) ++named;
  }
  buffer_.align(4);
  const std::uint32_t functions = here();
  for (std::size_t i = 0; i < file_.exports.size(); ++i) {
    const std::uint32_t place = (file_.exports[i].data ? kPeVariables : kPeTextAddress) + static_cast<std::uint32_t>(i);
    buffer_.number(forwarders[i] ? forwarders[i] : place, 4);
  }
  const std::uint32_t name_array = here();
  for (const std::uint32_t name : names)
    if (name != 0) buffer_.number(name, 4);
  const std::uint32_t ordinals = here();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] != 0) buffer_.number(i, 2);
  const std::uint64_t fields[] = {0,     0,         0,          own,     kFirstOrdinal, file_.exports.size(),
                                  named, functions, name_array, ordinals};
  for (std::size_t i = 0; i < std::size(fields); ++i) buffer_.put(directory + i * 4, fields[i], 4);
  directories[0][0] = start;
  // Data behind the table must not look like forwarders.
  directories[0][1] = here() - start;
  buffer_.align(8);
}

std::uint32_t PeData::lookup_table(const std::vector<std::string>& names) {
  std::vector<std::uint64_t> entries;
  for (const std::string& name : names) {
    if (name.starts_with('#')) {
      entries.push_back((std::uint64_t{1} << (word_ * 8 - 1)) | std::stoul(name.substr(1)));
      continue;
    }
    buffer_.align(2);
    entries.push_back(here());
    buffer_.number(entries.size(), 2);  // the hint
    buffer_.text(name);
  }
  entries.push_back(0);
  buffer_.align(8);
  const std::uint32_t table = here();
  for (const std::uint64_t entry : entries) buffer_.number(entry, word_);
  return table;
}

void PeData::write_needs(bool delayed) {
  std::vector<std::vector<std::uint64_t>> descriptors;
  for (const PeNeed& need : file_.needs) {
    if (need.delayed != delayed) continue;
    const std::uint32_t name = text(need.library);
    const std::uint32_t table = lookup_table(need.names);
    if (delayed)
      descriptors.push_back({1, name, 0, table, table, 0, 0, 0});
    else
      descriptors.push_back({table, 0, 0, name, table});
  }
  if (descriptors.empty()) return;
  buffer_.align(8);
  const int directory = delayed ? 13 : 1;
  directories[directory][0] = here();
  for (const auto& descriptor : descriptors)
    for (const std::uint64_t field : descriptor) buffer_.number(field, 4);
  for (std::size_t i = 0; i < descriptors[0].size(); ++i) buffer_.number(0, 4);
  directories[directory][1] = here() - directories[directory][0];
}

void write_section(Buffer& file, std::uint64_t header, const std::string& name, std::uint32_t address,
                   std::uint32_t offset, std::uint32_t size, std::uint32_t flags) {
  file.place(header, bytes_of(name));
  file.put(header + 8, size, 4);
  file.put(header + 12, address, 4);
  file.put(header + 16, size, 4);
  file.put(header + 20, offset, 4);
  file.put(header + 36, flags, 4);
}

}  // namespace

TempFolder::TempFolder() {
  static std::atomic<int> count = 0;
  std::random_device random;
  path_ = fs::temp_directory_path() /
          ("halfword-inspect-" + std::to_string(random()) + "-" + std::to_string(count.fetch_add(1)));
  fs::create_directories(path_);
  path_ = fs::canonical(path_);
}

TempFolder::~TempFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

fs::path TempFolder::write(const std::string& name, const Bytes& bytes) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  EXPECT_TRUE(file.good()) << path;
  return path;
}

Bytes PeFile::make() const {
  PeData data(*this);
  data.write_exports();
  data.write_needs(false);
  data.write_needs(true);
  Buffer file;
  file.place(0, bytes_of("MZ"));
  file.put(0x3c, kPeHeader, 4);
  if (!wine_mark.empty()) file.place(0x40, bytes_of(wine_mark));
  file.place(kPeHeader, bytes_of(std::string_view("PE\0\0", 4)));
  const std::uint64_t coff = kPeHeader + 4, optional = coff + 20;
  const std::uint64_t optional_size = wide ? 240 : 224;
  file.put(coff, machine, 2);
  file.put(coff + 2, 2, 2);
  file.put(coff + 16, optional_size, 2);
  file.put(coff + 18, characteristics, 2);
  file.put(optional, wide ? 0x20b : 0x10b, 2);
  file.put(optional + (wide ? 24 : 28), 0x10000000, wide ? 8 : 4);
  file.put(optional + 32, 0x1000, 4);
  file.put(optional + 36, 0x200, 4);
  file.put(optional + 48, 6, 2);
  file.put(optional + 50, 1, 2);
  file.put(optional + 56, 0x4000, 4);
  file.put(optional + 60, 0x200, 4);
  file.put(optional + 68, 3, 2);
  const std::uint64_t table = optional + (wide ? 112 : 96);
  file.put(table - 4, 16, 4);
  for (std::uint64_t i = 0; i < 16; ++i)
    for (std::uint64_t field = 0; field < 2; ++field)
      file.put(table + i * 8 + field * 4, data.directories[i][field], 4);
  const std::uint64_t sections = optional + optional_size;
  const auto size = static_cast<std::uint32_t>((data.bytes().size() + 0x1ff) / 0x200 * 0x200);
  write_section(file, sections, ".text", kPeTextAddress, 0x200, 0x200, 0x60000020);
  write_section(file, sections + 40, ".data", kPeDataAddress, kPeDataOffset, std::max(size, 0x200u), 0xc0000040);
  file.place(kPeDataOffset, data.bytes());
  file.grow_to(kPeDataOffset + std::max(size, 0x200u));
  return file.bytes();
}

namespace {

// Writes an ELF file whose addresses are its offsets.
class ElfMaker {
 public:
  explicit ElfMaker(const ElfFile& file) : file_(file), word_(file.wide ? 8 : 4), out_(file.big_endian) {}
  Bytes make();

 private:
  std::uint64_t string(const std::string& text);
  void collect_strings();
  void tag(std::uint64_t number, std::uint64_t value) { tags_.emplace_back(number, value); }
  void write_symbols();
  void write_hash();
  void write_versions();
  void write_defined_versions();
  void write_needed_versions();
  void write_headers(std::uint64_t dynamic, std::uint64_t dynamic_size);

  const ElfFile& file_;
  const int word_;
  Buffer out_;
  std::string strings_ = std::string(1, '\0');
  std::map<std::string, std::uint64_t> string_index_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> tags_;
  std::map<std::string, std::uint16_t> defined_;                        // versions and their numbers
  std::map<std::string, std::map<std::string, std::uint16_t>> needed_;  // by library
};

std::uint64_t ElfMaker::string(const std::string& text) {
  const auto [entry, fresh] = string_index_.try_emplace(text, strings_.size());
  if (fresh) strings_ += text + '\0';
  return entry->second;
}

std::string version_name(const ElfSymbol& symbol) {
  return symbol.version.starts_with('@') ? symbol.version.substr(1) : symbol.version;
}

void ElfMaker::collect_strings() {
  std::uint16_t next = 2;
  for (const ElfSymbol& symbol : file_.symbols) {
    string(symbol.name);
    if (symbol.version.empty()) continue;
    string(version_name(symbol));
    string(symbol.from);
    auto& numbers = symbol.defined ? defined_ : needed_[symbol.from];
    if (numbers.try_emplace(version_name(symbol), next).second) ++next;
  }
  for (const std::string& name : file_.needed) tag(1, string(name));
  if (!file_.soname.empty()) tag(14, string(file_.soname));
  if (!file_.rpath.empty()) tag(15, string(file_.rpath));
  if (!file_.runpath.empty()) tag(29, string(file_.runpath));
}

void ElfMaker::write_symbols() {
  out_.align(8);
  tag(6, out_.size());
  out_.grow_to(static_cast<std::size_t>(out_.size()) + (file_.wide ? 24 : 16));
  for (std::size_t i = 0; i < file_.symbols.size(); ++i) {
    const ElfSymbol& symbol = file_.symbols[i];
    const std::uint64_t value = symbol.defined ? 0x100 + i : 0;
    const std::uint64_t info = (symbol.weak ? 2u << 4 : 1u << 4) | symbol.type;
    out_.number(string(symbol.name), 4);
    if (file_.wide) {
      out_.number(info, 1);
      out_.number(0, 1);
      out_.number(symbol.defined ? 1 : 0, 2);
      out_.number(value, 8);
      out_.number(8, 8);
    } else {
      out_.number(value, 4);
      out_.number(8, 4);
      out_.number(info, 1);
      out_.number(0, 1);
      out_.number(symbol.defined ? 1 : 0, 2);
    }
  }
}

// One bucket holds every symbol; nobody looks names up by hash here.
void ElfMaker::write_hash() {
  out_.align(8);
  const std::uint64_t count = file_.symbols.size() + 1;
  if (!file_.gnu_hash) {
    tag(4, out_.size());
    out_.number(1, 4);
    out_.number(count, 4);
    for (std::uint64_t i = 0; i <= count; ++i) out_.number(i % count, 4);
    return;
  }
  tag(0x6ffffef5, out_.size());
  for (const std::uint64_t field : {1, 1, 1, 0}) out_.number(field, 4);
  out_.number(0, word_);
  out_.number(1, 4);
  for (std::uint64_t i = 1; i < count; ++i) out_.number(i + 1 == count ? 1 : 2, 4);
}

void ElfMaker::write_versions() {
  if (defined_.empty() && needed_.empty()) return;
  out_.align(8);
  tag(0x6ffffff0, out_.size());
  out_.number(0, 2);
  for (const ElfSymbol& symbol : file_.symbols) {
    std::uint16_t number = 1;
    if (!symbol.version.empty())
      number = symbol.defined ? defined_[version_name(symbol)] : needed_[symbol.from][version_name(symbol)];
    if (symbol.version.starts_with('@')) number |= 0x8000;
    out_.number(number, 2);
  }
  write_defined_versions();
  write_needed_versions();
}

void ElfMaker::write_defined_versions() {
  if (defined_.empty()) return;
  out_.align(8);
  tag(0x6ffffffc, out_.size());
  std::size_t left = defined_.size();
  for (const auto& [name, number] : defined_) {
    out_.number(1, 2);
    out_.number(0, 2);
    out_.number(number, 2);
    out_.number(1, 2);
    for (const std::uint64_t field :
         {std::uint64_t{0}, std::uint64_t{20}, std::uint64_t{--left ? 28u : 0u}, string(name), std::uint64_t{0}})
      out_.number(field, 4);
  }
}

void ElfMaker::write_needed_versions() {
  if (needed_.empty()) return;
  out_.align(8);
  tag(0x6ffffffe, out_.size());
  std::size_t files_left = needed_.size();
  for (const auto& [file, versions] : needed_) {
    out_.number(1, 2);
    out_.number(versions.size(), 2);
    out_.number(string(file), 4);
    out_.number(16, 4);
    out_.number(--files_left ? 16 + versions.size() * 16 : 0, 4);
    std::size_t left = versions.size();
    for (const auto& [name, number] : versions) {
      out_.number(0, 4);
      out_.number(0, 2);
      out_.number(number, 2);
      out_.number(string(name), 4);
      out_.number(--left ? 16 : 0, 4);
    }
  }
}

void ElfMaker::write_headers(std::uint64_t dynamic, std::uint64_t dynamic_size) {
  const bool wide = file_.wide;
  const std::uint64_t header = wide ? 64 : 52, segment = wide ? 56 : 32;
  out_.place(0, bytes_of("\x7f"
                         "ELF"));
  out_.put(4, wide ? 2 : 1, 1);
  out_.put(5, file_.big_endian ? 2 : 1, 1);
  out_.put(6, 1, 1);
  out_.put(16, 3, 2);
  out_.put(18, file_.machine, 2);
  out_.put(20, 1, 4);
  out_.put(wide ? 32 : 28, header, word_);
  out_.put(wide ? 48 : 36, file_.flags, 4);
  out_.put(wide ? 52 : 40, header, 2);
  out_.put(wide ? 54 : 42, segment, 2);
  out_.put(wide ? 56 : 44, 2, 2);
  const std::uint64_t values[2][3] = {{1, 0, out_.size()}, {2, dynamic, dynamic_size}};
  for (std::uint64_t i = 0; i < 2; ++i) {
    const std::uint64_t at = header + i * segment;
    out_.put(at, values[i][0], 4);
    out_.put(at + (wide ? 8 : 4), values[i][1], word_);
    out_.put(at + (wide ? 16 : 8), values[i][1], word_);
    out_.put(at + (wide ? 32 : 16), values[i][2], word_);
    out_.put(at + (wide ? 40 : 20), values[i][2], word_);
  }
}

Bytes ElfMaker::make() {
  constexpr std::size_t kHeaders = 64 + 2 * 56;
  out_.grow_to(kHeaders);
  collect_strings();
  const std::uint64_t strings = out_.size();
  out_.place(strings, bytes_of(strings_));
  tag(5, strings);
  tag(10, strings_.size());
  write_symbols();
  write_hash();
  write_versions();
  out_.align(8);
  const std::uint64_t dynamic = out_.size();
  tag(0, 0);
  for (const auto& [number, value] : tags_) {
    out_.number(number, word_);
    out_.number(value, word_);
  }
  write_headers(dynamic, out_.size() - dynamic);
  return out_.bytes();
}

}  // namespace

Bytes ElfFile::make() const { return ElfMaker(*this).make(); }

Image must_read(const Bytes& bytes) {
  auto image = read_image(as_span(bytes), "made");
  EXPECT_TRUE(image) << image.error().message;
  return image ? std::move(*image) : Image();
}

}  // namespace halfword::inspect
