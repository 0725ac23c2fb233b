// Damages real and made files at random, by a fixed seed, and reads them: nothing may crash, hang or grow. What the
// fuzz targets do for hours, in a second of every test run and at every target.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "inspect/ld_cache.h"
#include "inspect/test_files.h"
#include "inspect/test_invariants.h"
#include "test_paths.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSeed = 20240607;

std::vector<Bytes> corpus(const std::string& name) {
  std::vector<Bytes> files;
  for (const auto& entry : fs::directory_iterator(fs::path(kTestSources) / "fuzz/inspect/corpus" / name)) {
    const auto bytes = read_file(entry.path());
    EXPECT_TRUE(bytes) << entry.path();
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes->span().data());
    files.emplace_back(data, data + bytes->span().size());
  }
  return files;
}

Bytes damaged(const Bytes& whole, std::mt19937& random) {
  Bytes bytes = whole;
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  for (std::size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = below(bytes.size());
    switch (below(5)) {
      case 0:
        bytes[at] ^= static_cast<std::uint8_t>(1u << below(8));
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:  // a number that is nearly the largest
        for (std::size_t i = at; i < std::min(at + 4, bytes.size()); ++i) bytes[i] = i == at ? 0xf8 : 0xff;
        break;
      case 3:  // a small number
        for (std::size_t i = at; i < std::min(at + 4, bytes.size()); ++i)
          bytes[i] = i == at ? static_cast<std::uint8_t>(below(64)) : 0;
        break;
      default: {  // a piece of the file over another
        const std::size_t from = below(bytes.size());
        const std::size_t length = std::min({below(64), bytes.size() - from, bytes.size() - at});
        const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                          bytes.begin() + static_cast<std::ptrdiff_t>(from + length));
        std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  }
  return bytes;
}

void damage_and_read(const std::vector<Bytes>& files, int rounds) {
  ASSERT_FALSE(files.empty());
  std::mt19937 random(kSeed);
  for (const Bytes& file : files) {
    check_reading(file.data(), file.size());
    for (int i = 0; i < rounds; ++i) {
      // A copy of exactly this size, so that AddressSanitizer sees a read of one byte too many.
      const Bytes bytes = damaged(file, random);
      check_reading(bytes.data(), bytes.size());
    }
  }
}

TEST(Mutation, OfPeFilesNeverCrashesTheReader) { damage_and_read(corpus("inspect_pe"), 1000); }

TEST(Mutation, OfElfFilesNeverCrashesTheReader) { damage_and_read(corpus("inspect_elf"), 500); }

TEST(Mutation, OfMadeFilesNeverCrashesTheReader) {
  PeFile pe;
  pe.exports = {{"_add@8"}, {""}, {"?add@Calc@@QAEHHH@Z"}, {"f", "other.g"}, {"variable", "", true}};
  pe.needs = {{"a.dll", {"f", "#1"}}, {"b.dll", {"g"}, true}};
  ElfFile elf;
  elf.needed = {"libc.so.6"};
  elf.runpath = "$ORIGIN";
  elf.symbols = {{.name = "f", .version = "V1"}, {.name = "g", .defined = false, .version = "V2", .from = "libc.so.6"}};
  std::vector<Bytes> files;
  for (const bool wide : {false, true}) {
    pe.wide = elf.wide = wide;
    files.push_back(pe.make());
    for (const bool big : {false, true}) {
      elf.big_endian = big;
      files.push_back(elf.make());
    }
  }
  damage_and_read(files, 1000);
}

TEST(Mutation, OfRealLibrariesNeverCrashesTheReader) {
  std::vector<Bytes> files;
  for (const char* path : {"/usr/lib/i386-linux-gnu/libz.so.1", "/usr/lib/x86_64-linux-gnu/libz.so.1",
                           "/usr/i686-w64-mingw32/lib/zlib1.dll", "/usr/x86_64-w64-mingw32/lib/zlib1.dll",
                           "/usr/lib/i386-linux-gnu/wine/i386-windows/ws2_32.dll"}) {
    const auto bytes = read_file(path);
    if (!bytes) continue;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes->span().data());
    files.emplace_back(data, data + bytes->span().size());
  }
  if (files.empty()) GTEST_SKIP() << "none of these libraries is on this machine";
  damage_and_read(files, 30);
}

TEST(Mutation, OfCachesNeverCrashesTheReader) {
  std::mt19937 random(kSeed);
  for (const Bytes& file : corpus("inspect_ld_cache"))
    for (int i = 0; i < 2000; ++i) EXPECT_LE(read_ld_cache(as_span(damaged(file, random))).size(), file.size());
}

}  // namespace
}  // namespace halfword::inspect
