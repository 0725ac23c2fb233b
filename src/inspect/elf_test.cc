#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ElfFile vendor() {
  ElfFile file;
  file.soname = "libvendor.so.1";
  file.needed = {"libc.so.6", "libother.so"};
  file.runpath = "$ORIGIN/../lib:/opt/vendor";
  file.symbols = {{.name = "add", .version = "V2"},
                  {.name = "add", .version = "@V1"},
                  {.name = "plain"},
                  {.name = "table", .type = 1},
                  {.name = "per_thread", .type = 6},
                  {.name = "malloc", .defined = false, .version = "GLIBC_2.0", .from = "libc.so.6"},
                  {.name = "helper", .defined = false},
                  {.name = "maybe", .defined = false, .weak = true}};
  return file;
}

struct Layout {
  bool wide, big_endian, gnu_hash;
};
constexpr Layout kLayouts[] = {{false, false, false}, {true, false, false}, {false, true, false},
                               {true, true, false},   {false, false, true}, {true, true, true}};

ElfFile vendor_as(const Layout& layout) {
  ElfFile file = vendor();
  file.wide = layout.wide;
  file.big_endian = layout.big_endian;
  file.gnu_hash = layout.gnu_hash;
  file.machine = layout.big_endian ? (layout.wide ? 21 : 20) : (layout.wide ? 62 : 3);
  return file;
}

TEST(Elf, SaysWhatTheFileIsInEachClassAndByteOrder) {
  const char* targets[] = {"i386-linux",      "x86_64-linux", "powerpc-linux",
                           "powerpc64-linux", "i386-linux",   "powerpc64-linux"};
  for (std::size_t i = 0; i < std::size(kLayouts); ++i) {
    const Image image = must_read(vendor_as(kLayouts[i]).make());
    EXPECT_EQ(image.format, Format::elf);
    EXPECT_EQ(image.kind, Kind::shared_library);
    EXPECT_EQ(image.target, targets[i]);
    EXPECT_EQ(image.bits, kLayouts[i].wide ? 64 : 32);
    EXPECT_EQ(image.soname, "libvendor.so.1");
    EXPECT_THAT(image.elf.runpath, ElementsAre("$ORIGIN/../lib", "/opt/vendor"));
    EXPECT_TRUE(image.elf.dynamic);
  }
}

TEST(Elf, ListsSymbolsWithTheirVersionsInEachClassAndByteOrder) {
  for (const Layout& layout : kLayouts) {
    const Image image = must_read(vendor_as(layout).make());
    ASSERT_EQ(image.exports.size(), 5u);
    EXPECT_EQ(image.exports[0].name, "add");
    EXPECT_EQ(image.exports[0].version, "V2");
    EXPECT_TRUE(image.exports[0].default_version);
    EXPECT_EQ(image.exports[1].version, "V1");
    EXPECT_FALSE(image.exports[1].default_version);
    EXPECT_EQ(image.exports[2].version, "");
    EXPECT_EQ(image.exports[2].address, 0x102u);
    EXPECT_EQ(image.exports[2].size, 8u);
    EXPECT_EQ(image.exports[3].type, SymbolType::data);
    EXPECT_EQ(image.exports[4].type, SymbolType::thread_local_data);
    EXPECT_THAT(image.elf.versions, testing::UnorderedElementsAre("V1", "V2"));
  }
}

TEST(Elf, GivesVersionedImportsToTheirLibraryAndTheRestToNone) {
  for (const Layout& layout : kLayouts) {
    const Image image = must_read(vendor_as(layout).make());
    ASSERT_EQ(image.dependencies.size(), 2u);
    EXPECT_EQ(image.dependencies[0].name, "libc.so.6");
    ASSERT_EQ(image.dependencies[0].imports.size(), 1u);
    EXPECT_EQ(image.dependencies[0].imports[0].name, "malloc");
    EXPECT_EQ(image.dependencies[0].imports[0].version, "GLIBC_2.0");
    ASSERT_EQ(image.dependencies[0].versions.size(), 1u);
    EXPECT_TRUE(image.dependencies[1].imports.empty());
    ASSERT_EQ(image.elf.imports.size(), 2u);
    EXPECT_EQ(image.elf.imports[0].name, "helper");
    EXPECT_FALSE(image.elf.imports[0].weak);
    EXPECT_TRUE(image.elf.imports[1].weak);
  }
}

TEST(Elf, TellsArmTargetsApartByTheirFloatConvention) {
  const std::pair<std::uint32_t, const char*> flags[] = {
      {0x5000400, "armhf-linux"}, {0x5000200, "armel-linux"}, {0x5000000, "arm-linux"}};
  for (const auto& [value, target] : flags) {
    ElfFile file = vendor();
    file.machine = 40;
    file.flags = value;
    EXPECT_EQ(must_read(file.make()).target, target);
  }
  ElfFile file = vendor();
  file.machine = 62;
  EXPECT_EQ(must_read(file.make()).target, "x32-linux");
  file.machine = 183;
  file.wide = true;
  EXPECT_EQ(must_read(file.make()).target, "aarch64-linux");
}

TEST(Elf, GivesAnErrorForEveryFileThatIsCutOff) {
  for (const Layout& layout : kLayouts) {
    const Bytes whole = vendor_as(layout).make();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto image = read_image(as_span(part), "part.so");
      ASSERT_FALSE(image) << size;
      EXPECT_EQ(image.error().code, ErrorCode::not_a_library);
    }
  }
}

TEST(Elf, RefusesVersionTablesThatLoopOrCreep) {
  const Bytes whole = vendor().make();
  // Every 32-bit number of the file in turn becomes 1: among them the links of both version tables, which then lead to
  // the next byte again and again.
  for (std::size_t at = 0; at + 4 <= whole.size(); at += 4) {
    Bytes bytes = whole;
    bytes[at] = 1;
    bytes[at + 1] = bytes[at + 2] = bytes[at + 3] = 0;
    (void)read_image(as_span(bytes), "creeping.so");
  }
}

TEST(Elf, RefusesSymbolsThatAllShareOneHugeName) {
  ElfFile file;
  const std::string name(60'000, 'x');
  for (int i = 0; i < 2000; ++i) file.symbols.push_back({.name = name});
  const auto image = read_image(as_span(file.make()), "attack.so");
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("overlap"));
}

TEST(Elf, RefusesAVersionWhoseNameWouldMultiply) {
  ElfFile file;
  for (int i = 0; i < 100; ++i)
    file.symbols.push_back({.name = "f" + std::to_string(i), .version = std::string(5000, 'v')});
  const auto image = read_image(as_span(file.make()), "attack.so");
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("version is too long"));
}

TEST(Elf, NamesAnUnknownProcessorByItsNumber) {
  ElfFile file = vendor();
  file.machine = 0x4321;
  const Image image = must_read(file.make());
  EXPECT_EQ(image.target, "machine 0x4321-linux");
  EXPECT_EQ(image.machine_kind, Machine::other);
}

TEST(Elf, KnowsObjectFilesAndDumps) {
  Bytes bytes = vendor().make();
  bytes[16] = 1;
  EXPECT_EQ(must_read(bytes).kind, Kind::object);
  bytes[16] = 4;
  EXPECT_EQ(must_read(bytes).kind, Kind::core);
  bytes[16] = 9;
  EXPECT_THAT(read_image(as_span(bytes), "odd").error().message, HasSubstr("type is unknown (at offset 0x10)"));
}

TEST(Elf, IsIdentifiedByItsHeaderAlone) {
  const Bytes whole = vendor().make();
  const auto image = identify_image(as_span(Bytes(whole.begin(), whole.begin() + 64)), "start");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->target, "i386-linux");
}

}  // namespace
}  // namespace halfword::inspect
