#include "inspect/reader.h"

#include <gtest/gtest.h>

#include "inspect/address_map.h"
#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

TEST(Reader, ReadsNumbersOfBothByteOrders) {
  const Bytes bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  Reader little(as_span(bytes));
  EXPECT_EQ(little.u16(0), 0x0201);
  EXPECT_EQ(little.u32(4), 0x08070605u);
  EXPECT_EQ(little.u64(0), 0x0807060504030201u);
  Reader big(as_span(bytes), true);
  EXPECT_EQ(big.u16(0), 0x0102);
  EXPECT_EQ(big.u32(4), 0x05060708u);
  EXPECT_EQ(big.u64(0), 0x0102030405060708u);
  EXPECT_FALSE(little.failed() || big.failed());
}

TEST(Reader, KeepsTheFirstFailureAndGivesZeroAfterIt) {
  const Bytes bytes = {9, 9, 9, 9};
  Reader reader(as_span(bytes));
  EXPECT_EQ(reader.u32(1), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.failure_offset(), 1u);
  EXPECT_EQ(reader.u8(0), 0);
  reader.fail(3, "later");
  EXPECT_EQ(reader.failure_offset(), 1u);
}

TEST(Reader, DoesNotWrapAroundAtTheEndOfTheNumbers) {
  const Bytes bytes(16);
  const Reader reader(as_span(bytes));
  EXPECT_TRUE(reader.holds(16, 0));
  EXPECT_FALSE(reader.holds(17, 0));
  EXPECT_FALSE(reader.holds(UINT64_MAX, 2));
  EXPECT_FALSE(reader.holds(8, UINT64_MAX));
}

TEST(Reader, EndsTextAtTheTableUnlessZerosFollow) {
  const Bytes bytes = bytes_of("abcdef");
  Reader strict(as_span(bytes));
  EXPECT_EQ(strict.text(1, 3, false, "a name"), "");
  EXPECT_TRUE(strict.failed());
  Reader lenient(as_span(bytes));
  EXPECT_EQ(lenient.text(1, 3, true, "a name"), "bcd");
  EXPECT_FALSE(lenient.failed());
}

TEST(Reader, RefusesNamesThatTogetherAreFarLongerThanTheFile) {
  Bytes bytes(100'000, 'x');
  bytes.back() = 0;
  Reader reader(as_span(bytes));
  int read = 0;
  while (!reader.failed() && read < 1000) {
    (void)reader.text(0, bytes.size(), false, "a name");
    ++read;
  }
  EXPECT_TRUE(reader.failed());
  EXPECT_LE(read, 6);
}

TEST(Reader, RefusesMoreEntriesThanTheFileHasRoomFor) {
  const Bytes bytes(4000);
  Reader reader(as_span(bytes));
  EXPECT_TRUE(reader.take_entries(1000, 0, "a table"));
  EXPECT_FALSE(reader.take_entries(1000, 0, "a table"));
  EXPECT_TRUE(reader.failed());
}

TEST(AddressMap, FindsTheFileBytesAndTheZerosBehindThem) {
  const AddressMap map(
      {{.address = 0x1000, .memory_size = 0x1000, .offset = 0x200, .file_size = 0x300, .executable = true}});
  EXPECT_FALSE(map.find(0xfff));
  const auto inside = map.find(0x1100);
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->offset, 0x300u);
  EXPECT_EQ(inside->bytes, 0x200u);
  EXPECT_TRUE(inside->zeros_follow && inside->executable);
  const auto zeros = map.find(0x1fff);
  ASSERT_TRUE(zeros);
  EXPECT_EQ(zeros->bytes, 0u);
  EXPECT_FALSE(map.find(0x2000));
}

TEST(AddressMap, LetsTheLaterOfTwoOverlappingPiecesWin) {
  const AddressMap map({{.address = 0x2000, .memory_size = 0x10, .offset = 7, .file_size = 0x10},
                        {.address = 0x1000, .memory_size = 0x5000, .offset = 100, .file_size = 0x5000}});
  EXPECT_EQ(map.find(0x2001)->offset, 8u);
  EXPECT_EQ(map.find(0x1001)->offset, 101u);
}

}  // namespace
}  // namespace halfword::inspect
