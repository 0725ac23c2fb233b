#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

using testing::HasSubstr;

PeFile vendor() {
  PeFile file;
  file.own_name = "vendor.dll";
  file.exports = {
      {"_add@8", "", false}, {"", "", false}, {"table", "", true}, {"HeapAlloc", "NTDLL.RtlAllocateHeap", false}};
  file.needs = {{"KERNEL32.dll", {"HeapFree", "#12"}, false},
                {"MSVCR100.dll", {"malloc"}, false},
                {"late.dll", {"on_demand"}, true}};
  return file;
}

TEST(Pe, SaysWhatTheFileIs) {
  const Image image = must_read(vendor().make());
  EXPECT_EQ(image.format, Format::pe);
  EXPECT_EQ(image.kind, Kind::shared_library);
  EXPECT_EQ(image.target, "i386-windows");
  EXPECT_EQ(image.bits, 32);
  EXPECT_EQ(image.soname, "vendor.dll");
  EXPECT_TRUE(image.pe.dll);
  EXPECT_STREQ(subsystem_name(image.pe.subsystem), "console");
  EXPECT_EQ(image.pe.subsystem_major, 6);
  EXPECT_EQ(image.pe.image_base, 0x10000000u);
  EXPECT_TRUE(image.notes.empty());
}

TEST(Pe, NamesEachProcessorItsTarget) {
  const std::pair<std::uint16_t, const char*> machines[] = {
      {0x014c, "i386-windows"},    {0x8664, "x86_64-windows"}, {0x01c4, "arm-windows"},
      {0xaa64, "aarch64-windows"}, {0x0200, "ia64-windows"},   {0x1234, "machine 0x1234-windows"}};
  for (const auto& [machine, target] : machines) {
    PeFile file = vendor();
    file.machine = machine;
    EXPECT_EQ(must_read(file.make()).target, target);
  }
}

TEST(Pe, ListsExportsByNameByOrdinalAndForwarded) {
  for (const bool wide : {false, true}) {
    PeFile file = vendor();
    file.wide = wide;
    file.machine = wide ? 0x8664 : 0x014c;
    const Image image = must_read(file.make());
    ASSERT_EQ(image.exports.size(), 4u);
    EXPECT_EQ(image.bits, wide ? 64 : 32);
    EXPECT_EQ(image.exports[0].name, "_add@8");
    EXPECT_EQ(image.exports[0].ordinal, kFirstOrdinal);
    EXPECT_EQ(image.exports[0].address, kPeTextAddress);
    EXPECT_EQ(image.exports[0].type, SymbolType::function);
    EXPECT_EQ(image.exports[1].name, "");
    EXPECT_EQ(image.exports[1].ordinal, kFirstOrdinal + 1);
    EXPECT_EQ(image.exports[2].type, SymbolType::data);
    EXPECT_EQ(image.exports[3].forwarder, "NTDLL.RtlAllocateHeap");
    EXPECT_EQ(image.exports[3].address, 0u);
  }
}

TEST(Pe, TellsTheConventionOnlyWhereTheDecorationProvesIt) {
  PeFile file = vendor();
  EXPECT_EQ(must_read(file.make()).exports[0].plain.convention, Convention::stdcall_);
  EXPECT_EQ(must_read(file.make()).exports[0].plain.argument_bytes, 8u);
  EXPECT_EQ(must_read(file.make()).exports[3].plain.convention, Convention::unknown);
  // 64-bit Windows has one convention and decorates nothing.
  file.machine = 0x8664;
  file.wide = true;
  EXPECT_EQ(must_read(file.make()).exports[0].plain.convention, Convention::unknown);
  EXPECT_EQ(must_read(file.make()).exports[0].plain.name, "_add@8");
}

TEST(Pe, ListsImportsByNameAndOrdinalAndTheDelayedOnesLast) {
  for (const bool wide : {false, true}) {
    PeFile file = vendor();
    file.wide = wide;
    const Image image = must_read(file.make());
    ASSERT_EQ(image.dependencies.size(), 3u);
    EXPECT_EQ(image.dependencies[0].name, "KERNEL32.dll");
    ASSERT_EQ(image.dependencies[0].imports.size(), 2u);
    EXPECT_EQ(image.dependencies[0].imports[0].name, "HeapFree");
    EXPECT_EQ(image.dependencies[0].imports[0].hint, 1);
    EXPECT_EQ(image.dependencies[0].imports[1].ordinal, 12);
    EXPECT_FALSE(image.dependencies[1].delayed);
    EXPECT_EQ(image.dependencies[2].name, "late.dll");
    EXPECT_TRUE(image.dependencies[2].delayed);
    EXPECT_EQ(image.dependencies[2].imports[0].name, "on_demand");
  }
}

TEST(Pe, GivesAnErrorForEveryFileThatIsCutOff) {
  const Bytes whole = vendor().make();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto image = read_image(as_span(part), "part.dll");
    ASSERT_FALSE(image) << size;
    EXPECT_EQ(image.error().code, ErrorCode::not_a_library);
    EXPECT_EQ(image.error().file, "part.dll");
    if (size >= kPeDataOffset) {
      EXPECT_THAT(image.error().message, HasSubstr("cut off"));
    }
  }
}

TEST(Pe, NamesTheReasonAndTheOffset) {
  Bytes bytes = vendor().make();
  const std::uint64_t exports = kPeHeader + 24 + 96;
  bytes[exports + 2] = 0x77;  // the export table far outside the image
  const auto image = read_image(as_span(bytes), "vendor.dll");
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("vendor.dll is not a library: the export table has an address outside"));
  EXPECT_THAT(image.error().message, HasSubstr("at offset 0x"));
}

TEST(Pe, KnowsTheOlderExecutablesOfMicrosoft) {
  Bytes bytes = vendor().make();
  bytes[kPeHeader] = 'N';
  const auto sixteen_bit = read_image(as_span(bytes), "old.dll");
  ASSERT_FALSE(sixteen_bit);
  EXPECT_THAT(sixteen_bit.error().message, HasSubstr("16-bit Windows"));
  bytes[kPeHeader] = 'X';
  EXPECT_THAT(read_image(as_span(bytes), "old.com").error().message, HasSubstr("DOS program"));
}

TEST(Pe, RefusesDescriptorsThatAllShareOneHugeLookupTable) {
  PeFile file;
  std::vector<std::string> names(3000, "#1");
  for (int i = 0; i < 200; ++i) file.needs.push_back({"a.dll", {"#1"}, false});
  file.needs[0].names = names;
  Bytes bytes = file.make();
  // Each of the 200 descriptors now claims the table of the first.
  const Image image = must_read(bytes);
  ASSERT_EQ(image.dependencies.size(), 200u);
  const auto directory = [&](std::size_t i) { return bytes[kPeHeader + 24 + 96 + 8 + i]; };
  const std::uint32_t address = directory(0) | (directory(1) << 8) | (directory(2) << 16);
  const std::size_t table = address - kPeDataAddress + kPeDataOffset;
  for (std::size_t i = 1; i < 200; ++i)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(table), 4,
                bytes.begin() + static_cast<std::ptrdiff_t>(table + i * 20));
  const auto attack = read_image(as_span(bytes), "attack.dll");
  ASSERT_FALSE(attack);
  EXPECT_THAT(attack.error().message, HasSubstr("more entries than a file of this size can hold"));
}

TEST(Pe, ReadsADamagedDelayedTableAsANote) {
  PeFile file = vendor();
  Bytes bytes = file.make();
  const std::uint64_t delayed = kPeHeader + 24 + 96 + 13 * 8;
  bytes[delayed + 2] = 0x77;
  const Image image = must_read(bytes);
  EXPECT_EQ(image.dependencies.size(), 2u);
  ASSERT_EQ(image.notes.size(), 1u);
  EXPECT_THAT(image.notes[0], HasSubstr("delayed import table is damaged"));
}

TEST(Pe, KnowsWhatBelongsToWine) {
  PeFile file = vendor();
  file.wine_mark = "Wine builtin DLL";
  EXPECT_TRUE(must_read(file.make()).pe.wine_builtin);
  file.wine_mark = "Wine placeholder DLL";
  EXPECT_TRUE(must_read(file.make()).pe.wine_placeholder);
}

TEST(Pe, KnowsObjectFiles) {
  Bytes bytes(20 + 40);
  bytes[0] = 0x64;
  bytes[1] = 0x86;
  bytes[2] = 1;
  const Image image = must_read(bytes);
  EXPECT_EQ(image.kind, Kind::object);
  EXPECT_EQ(image.target, "x86_64-windows");
}

TEST(Pe, IsIdentifiedByItsHeadersAlone) {
  const Bytes whole = vendor().make();
  const Bytes start(whole.begin(), whole.begin() + kPeDataOffset);
  const auto image = identify_image(as_span(start), "start");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->target, "i386-windows");
  EXPECT_EQ(image->kind, Kind::shared_library);
}

}  // namespace
}  // namespace halfword::inspect
