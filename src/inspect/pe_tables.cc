// The export, import and delayed import tables of PE files. Called by pe.cc; one thread; trusts nothing.
// Source of every offset: Microsoft's "PE Format"; of what ends a table: what the system's loader does.
#include <algorithm>
#include <utility>
#include <vector>

#include "inspect/formats.h"
#include "inspect/names.h"

namespace halfword::inspect {
namespace {

// Reads at addresses relative to the image, as the loader would after mapping it.
class PeView {
 public:
  PeView(Reader& reader, const PeLayout& layout) : reader_(reader), layout_(layout) {}

  std::uint64_t number(std::uint64_t address, unsigned length, std::string_view what) {
    const Extent extent = find(address, what);
    if (reader_.failed()) return 0;
    if (extent.bytes < length) {
      // A terminating zero may lie in the part of a section that the file does not store.
      if (!extent.zeros_follow) reader_.fail(extent.offset, std::string(what) + " is cut off");
      return 0;
    }
    return length == 2 ? reader_.u16(extent.offset) : reader_.word(extent.offset, length == 8);
  }
  std::uint32_t u32(std::uint64_t address, std::string_view what) {
    return static_cast<std::uint32_t>(number(address, 4, what));
  }
  std::uint16_t u16(std::uint64_t address, std::string_view what) {
    return static_cast<std::uint16_t>(number(address, 2, what));
  }
  std::string text(std::uint64_t address, std::string_view what) {
    const Extent extent = find(address, what);
    if (reader_.failed()) return {};
    return reader_.text(extent.offset, extent.bytes, extent.zeros_follow, what);
  }
  /// The file offset of a table that has to be stored whole; 0 if it is empty or fails.
  std::uint64_t table(std::uint64_t address, std::uint64_t bytes, std::string_view what) {
    if (bytes == 0) return 0;
    const Extent extent = find(address, what);
    if (reader_.failed()) return 0;
    if (extent.bytes < bytes) {
      reader_.fail(extent.offset, std::string(what) + " is longer than its section");
      return 0;
    }
    return extent.offset;
  }

  Reader& reader() { return reader_; }

 private:
  Extent find(std::uint64_t address, std::string_view what) {
    const auto extent = layout_.map.find(address);
    // Messages point at the last place that could still be read.
    if (extent)
      last_ = extent->offset;
    else
      reader_.fail(last_, std::string(what) + " has an address outside the image");
    return extent.value_or(Extent{});
  }

  Reader& reader_;
  const PeLayout& layout_;
  std::uint64_t last_ = 0;
};

// The offsets of the three arrays of an export table.
struct ExportArrays {
  std::uint32_t base = 0, functions = 0, names = 0;
  std::uint64_t function_array = 0, name_array = 0, ordinal_array = 0;
};

ExportArrays find_export_arrays(PeView& view, std::uint64_t directory) {
  ExportArrays arrays;
  arrays.base = view.u32(directory + 16, "the export table");
  arrays.functions = view.u32(directory + 20, "the export table");
  arrays.names = view.u32(directory + 24, "the export table");
  const auto address = [&](std::uint64_t field) { return view.u32(directory + field, "the export table"); };
  arrays.function_array = view.table(address(28), std::uint64_t{arrays.functions} * 4, "the export address table");
  arrays.name_array = view.table(address(32), std::uint64_t{arrays.names} * 4, "the export name table");
  arrays.ordinal_array = view.table(address(36), std::uint64_t{arrays.names} * 2, "the export ordinal table");
  return arrays;
}

// Each name with the index of its function, in the order of the functions, the names of one function by alphabet.
std::vector<std::pair<std::uint32_t, std::string>> read_export_names(PeView& view, const ExportArrays& arrays,
                                                                     Image& image) {
  std::vector<std::pair<std::uint32_t, std::string>> names;
  std::uint32_t lost = 0;
  for (std::uint32_t i = 0; i < arrays.names && !view.reader().failed(); ++i) {
    const std::uint16_t index = view.reader().u16(arrays.ordinal_array + i * std::uint64_t{2});
    std::string name = view.text(view.reader().u32(arrays.name_array + i * std::uint64_t{4}), "the name of an export");
    if (index < arrays.functions)
      names.emplace_back(index, std::move(name));
    else
      ++lost;
  }
  if (lost != 0) image.notes.push_back(std::to_string(lost) + " exported names lead to no function");
  std::sort(names.begin(), names.end());
  return names;
}

Export make_export(PeView& view, const PeLayout& layout, std::uint32_t address) {
  Export result;
  const PeLayout::Directory& directory = layout.directories[0];
  // An address inside the export table itself is that of a forwarder's text.
  if (address >= directory.address && address - directory.address < directory.size) {
    result.forwarder = view.text(address, "the target of a forwarder");
    return result;
  }
  result.address = address;
  if (const auto extent = layout.map.find(address))
    result.type = extent->executable ? SymbolType::function : SymbolType::data;
  return result;
}

void read_lookup_table(PeView& view, const PeLayout& layout, std::uint64_t table, std::uint64_t bias,
                       std::vector<Import>& imports) {
  const unsigned length = layout.wide ? 8 : 4;
  const std::uint64_t by_ordinal = std::uint64_t{1} << (length * 8 - 1);
  for (;; table += length) {
    const std::uint64_t entry = view.number(table, length, "an import lookup table");
    if (entry == 0 || !view.reader().take_entries(1, 0, "an import lookup table")) return;
    Import import;
    if (entry & by_ordinal) {
      import.ordinal = static_cast<std::uint16_t>(entry & 0xffff);
    } else {
      const std::uint64_t address = (entry - bias) & 0xffffffff;
      import.hint = view.u16(address, "the name of an import");
      import.name = view.text(address + 2, "the name of an import");
    }
    imports.push_back(std::move(import));
  }
}

void read_delayed(PeView& view, const PeLayout& layout, std::vector<Dependency>& dependencies) {
  constexpr std::uint64_t kDescriptorSize = 32;
  for (std::uint64_t descriptor = layout.directories[13].address;; descriptor += kDescriptorSize) {
    const std::uint32_t attributes = view.u32(descriptor, "the delayed import table");
    const std::uint32_t name = view.u32(descriptor + 4, "the delayed import table");
    const std::uint32_t lookup = view.u32(descriptor + 16, "the delayed import table");
    if (name == 0 || !view.reader().take_entries(kDescriptorSize / 4, 0, "the delayed import table")) return;
    // Before Visual C++ 7 the fields were addresses, not offsets from the image's start.
    const std::uint64_t bias = attributes & 1 ? 0 : layout.image_base & 0xffffffff;
    Dependency dependency;
    dependency.delayed = true;
    dependency.name = view.text((name - bias) & 0xffffffff, "the name of a delayed dependency");
    if (lookup != 0) read_lookup_table(view, layout, (lookup - bias) & 0xffffffff, bias, dependency.imports);
    dependencies.push_back(std::move(dependency));
  }
}

}  // namespace

void read_pe_exports(Reader& reader, const PeLayout& layout, Image& image) {
  const std::uint64_t directory = layout.directories[0].address;
  if (directory == 0 || reader.failed()) return;
  PeView view(reader, layout);
  const ExportArrays arrays = find_export_arrays(view, directory);
  if (const std::uint32_t name = view.u32(directory + 12, "the export table"); name != 0)
    image.soname = view.text(name, "the library's own name");
  if (!reader.take_entries(std::uint64_t{arrays.functions} + arrays.names, 0, "the export table")) return;
  auto names = read_export_names(view, arrays, image);
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < arrays.functions && !reader.failed(); ++i) {
    const std::uint32_t address = reader.u32(arrays.function_array + i * std::uint64_t{4});
    const bool named = next < names.size() && names[next].first == i;
    if (address != 0 && !named) {
      Export& result = image.exports.emplace_back(make_export(view, layout, address));
      result.ordinal = arrays.base + i;
    }
    for (; next < names.size() && names[next].first == i; ++next) {
      if (address == 0) continue;
      Export& result = image.exports.emplace_back(make_export(view, layout, address));
      result.ordinal = arrays.base + i;
      result.name = std::move(names[next].second);
      result.plain = undecorate(result.name, image.format, image.machine_kind);
    }
  }
}

void read_pe_imports(Reader& reader, const PeLayout& layout, Image& image) {
  constexpr std::uint64_t kDescriptorSize = 20;
  std::uint64_t descriptor = layout.directories[1].address;
  if (descriptor == 0 || reader.failed()) return;
  PeView view(reader, layout);
  for (;; descriptor += kDescriptorSize) {
    const std::uint32_t lookup = view.u32(descriptor, "the import table");
    const std::uint32_t bound = view.u32(descriptor + 4, "the import table");
    const std::uint32_t name = view.u32(descriptor + 12, "the import table");
    const std::uint32_t addresses = view.u32(descriptor + 16, "the import table");
    if (name == 0 || addresses == 0) return;
    if (!reader.take_entries(kDescriptorSize / 4, 0, "the import table")) return;
    Dependency dependency;
    dependency.name = view.text(name, "the name of a dependency");
    // Old linkers (Borland, Watcom) write no lookup table. A bound file without one has lost its names.
    if (lookup != 0 || bound == 0)
      read_lookup_table(view, layout, lookup ? lookup : addresses, 0, dependency.imports);
    else
      image.notes.push_back("the names imported from " + dependency.name + " were lost when the file was bound");
    if (reader.failed()) return;
    image.dependencies.push_back(std::move(dependency));
  }
}

void read_pe_delayed_imports(Reader& reader, const PeLayout& layout, Image& image) {
  if (layout.directories[13].address == 0 || reader.failed()) return;
  // The loader does not look at this table, so damage to it keeps no library from loading.
  Reader apart = reader;
  PeView view(apart, layout);
  std::vector<Dependency> dependencies;
  read_delayed(view, layout, dependencies);
  if (apart.failed()) image.notes.push_back("the delayed import table is damaged: " + apart.failure_reason());
  for (Dependency& dependency : dependencies)
    if (!dependency.name.empty()) image.dependencies.push_back(std::move(dependency));
}

}  // namespace halfword::inspect
