// Writes what the readers see in many files, one fact per line, for compare_with_tools.py to hold against what
// llvm-readobj and readelf see. Reads file names from stdin, one per line. One thread; the files are only read.
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <string>

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

}  // namespace

int main() {
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
    if (image->format == Format::pe)
      print_pe(*image);
    else
      print_elf(*image);
  }
}
