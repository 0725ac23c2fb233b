// Writes what the readers see in many files, one fact per line, for compare_with_tools.py to hold against what
// llvm-readobj and readelf see; with --dependencies what the files need, for compare_with_loader.py. Reads file names
// from stdin, one per line. One thread; the files are only read.
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <string>

#include "inspect/dependencies.h"
#include "inspect/image.h"

namespace {

using namespace halfword::inspect;

void print_pe(const Image& image) {
  for (const Export& e : image.exports)
    std::printf("E %" PRIu32 " 0x%" PRIX64 " %s %s\n", *e.ordinal, e.address, e.name.c_str(), e.forwarder.c_str());
  for (const Dependency& dependency : image.dependencies) {
    const char* letter = dependency.delayed ? "D" : "I";
    std::printf("%s %s\n", letter, dependency.name.c_str());
    for (const Import& import : dependency.imports) {
      if (import.ordinal)
        std::printf("%s %s  (%u)\n", letter, dependency.name.c_str(), *import.ordinal);
      else
        std::printf("%s %s %s (%u)\n", letter, dependency.name.c_str(), import.name.c_str(), import.hint);
    }
  }
}

void print_import(const Import& import) {
  std::printf("U %s%s%s %s\n", import.name.c_str(), import.version.empty() ? "" : "@", import.version.c_str(),
              import.weak ? "WEAK" : "GLOBAL");
}

void print_elf(const Image& image) {
  std::printf("SONAME %s\n", image.soname.c_str());
  for (const std::string& folder : image.elf.rpath) std::printf("RPATH %s\n", folder.c_str());
  for (const std::string& folder : image.elf.runpath) std::printf("RUNPATH %s\n", folder.c_str());
  for (const Export& e : image.exports)
    std::printf("S %s%s%s %s %" PRIx64 " %" PRIu64 "\n", e.name.c_str(),
                e.version.empty()   ? ""
                : e.default_version ? "@@"
                                    : "@",
                e.version.c_str(), to_string(e.type), e.address, e.size);
  for (const Dependency& dependency : image.dependencies) {
    std::printf("N %s\n", dependency.name.c_str());
    for (const Import& import : dependency.imports) print_import(import);
  }
  for (const Import& import : image.elf.imports) print_import(import);
}

void print_dependencies(const std::string& path, const Image& image, const Places& places) {
  const Dependencies dependencies = find_dependencies(path, image, places);
  for (const ResolvedDependency& dependency : dependencies.list)
    std::printf("R %s => %s\n", dependency.name.c_str(),
                dependency.place == Place::found ? dependency.path.c_str() : to_string(dependency.place));
  for (const MissingVersion& version : dependencies.missing_versions)
    std::printf("V %s of %s\n", version.name.c_str(), version.expected_in.c_str());
  for (const MissingSymbol& symbol : dependencies.missing_symbols)
    std::printf("M %s%s%s by %s\n", symbol.name.c_str(), symbol.version.empty() ? "" : "@", symbol.version.c_str(),
                symbol.needed_by.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const bool with_dependencies = argc > 1 && std::string(argv[1]) == "--dependencies";
  const Places places = system_places();
  std::string path;
  while (std::getline(std::cin, path)) {
    std::printf("F %s\n", path.c_str());
    const auto image = read_library(path);
    if (!image) {
      std::printf("! %s\n", image.error().message.c_str());
      continue;
    }
    for (const std::string& note : image->notes) std::printf("NOTE %s\n", note.c_str());
    std::printf("TARGET %s %d %s\n", image->target.c_str(), image->bits, to_string(image->kind));
    if (with_dependencies)
      print_dependencies(path, *image, places);
    else if (image->format == Format::pe)
      print_pe(*image);
    else
      print_elf(*image);
  }
}
