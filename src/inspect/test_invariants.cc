// The common part of the fuzz targets for libraries and of mutation_test.cc. Called with hostile bytes; one thread.
#include "inspect/test_invariants.h"

#include <memory>
#include <vector>

#include "base/check.h"
#include "inspect/check_pe.h"
#include "inspect/finder.h"
#include "inspect/names.h"
#include "inspect/report.h"

namespace halfword::inspect {
namespace {

struct Extent {
  std::size_t text = 0, entries = 0;

  void add(const std::string& name) { text += name.size(); }
  void add(const std::vector<Import>& imports) {
    entries += imports.size();
    for (const Import& import : imports) add(import.name);
  }
};

void check_size(const Image& image, std::size_t file_size) {
  Extent extent;
  extent.entries = image.exports.size() + image.dependencies.size();
  for (const Export& symbol : image.exports) {
    extent.add(symbol.name);
    extent.add(symbol.forwarder);
    HALFWORD_CHECK(symbol.version.size() <= 256);
    HALFWORD_CHECK(symbol.plain.name.size() <= 2 * symbol.name.size() + 4);
  }
  for (const Dependency& dependency : image.dependencies) {
    extent.add(dependency.name);
    extent.add(dependency.imports);
  }
  extent.add(image.elf.imports);
  // The budgets of the reader; the delayed imports of a PE file have one of their own.
  HALFWORD_CHECK(extent.text <= 2 * (4 * file_size + 64 * 1024));
  HALFWORD_CHECK(extent.entries <= 2 * (file_size / 4 + 256));
}

// The library is its own provider, so that hostile imports meet hostile exports.
void check_resolution(Image image) {
  std::vector<std::unique_ptr<Module>> modules;
  auto& module = *modules.emplace_back(std::make_unique<Module>());
  module.name = image.dependencies.empty() ? "itself" : image.dependencies[0].name;
  module.image = std::move(image);
  Dependencies result;
  if (module.image.format == Format::elf) return check_elf_symbols(modules, result);
  PeChecker checker;
  for (const Dependency& dependency : module.image.dependencies)
    checker.check(module, dependency, [&](const std::string&, const Module&) { return &module; }, result);
}

}  // namespace

void check_reading(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)identify_image(bytes, "fuzzed");
  auto image = read_image(bytes, "fuzzed");
  if (!image) {
    HALFWORD_CHECK(image.error().code == ErrorCode::not_a_library);
    return;
  }
  check_size(*image, size);
  const std::string wanted = image->exports.empty() ? "add" : image->exports.back().plain.name;
  HALFWORD_CHECK(nearest_names(image->exports, wanted).size() <= 5);
  Report report;
  report.image = std::move(*image);
  const std::string text = to_text(report);
  HALFWORD_CHECK(text.find('\x1b') == std::string::npos);
  check_resolution(std::move(report.image));
}

}  // namespace halfword::inspect
