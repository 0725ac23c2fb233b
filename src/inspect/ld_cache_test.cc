#include "inspect/ld_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void put(Bytes& bytes, std::uint64_t value, int length) {
  for (int i = 0; i < length; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// A cache of two entries, the second for special processors.
Bytes cache() {
  Bytes bytes = bytes_of("glibc-ld.so.cache1.1");
  const std::uint64_t strings = 48 + 2 * 24;
  put(bytes, 2, 4);
  put(bytes, 32, 4);
  while (bytes.size() < 48) bytes.push_back(0);
  for (const std::uint64_t special : {0, 1}) {
    put(bytes, 3, 4);
    put(bytes, strings, 4);
    put(bytes, strings + 8 + special * 12, 4);
    put(bytes, 0, 4);
    put(bytes, special, 8);
  }
  const Bytes text = bytes_of(std::string_view("libz.so\0/a/libz.so\0\0/b/libz.so\0", 31));
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

TEST(LdCache, GivesNamesPathsAndWhichAreSpecial) {
  const auto entries = read_ld_cache(as_span(cache()));
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "libz.so");
  EXPECT_EQ(entries[0].path, "/a/libz.so");
  EXPECT_FALSE(entries[0].special);
  EXPECT_EQ(entries[1].path, "/b/libz.so");
  EXPECT_TRUE(entries[1].special);
}

TEST(LdCache, IsFoundBehindATableOfTheOldFormat) {
  Bytes bytes = bytes_of("ld.so-1.7.0");
  bytes.push_back(0);
  put(bytes, 1, 4);
  while (bytes.size() < 32) bytes.push_back(0);
  const Bytes fresh = cache();
  bytes.insert(bytes.end(), fresh.begin(), fresh.end());
  EXPECT_EQ(read_ld_cache(as_span(bytes)).size(), 2u);
}

TEST(LdCache, GivesOnlyWhatLiesWithinTheFile) {
  const Bytes whole = cache();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_LE(read_ld_cache(as_span(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))).size(),
              1u);
  EXPECT_THAT(read_ld_cache(as_span(bytes_of("something else, and long enough to be a header of a cache"))), IsEmpty());
}

TEST(LdConfiguration, FollowsIncludesInTheOrderOfNames) {
  TempFolder folder;
  folder.write(
      "etc/ld.so.conf",
      bytes_of("# a comment\n/first  # and another\ninclude ld.so.conf.d/*.conf\nhwcap 1 x\n/last, /very/last\n"));
  folder.write("etc/ld.so.conf.d/b.conf", bytes_of("/b\nrelative\n"));
  folder.write("etc/ld.so.conf.d/a.conf", bytes_of("/a\n"));
  folder.write("etc/ld.so.conf.d/a.confused", bytes_of("/wrong\n"));
  const auto root = folder.path();
  EXPECT_THAT(read_ld_configuration(root),
              ElementsAre(root / "first", root / "a", root / "b", root / "last", root / "very/last"));
}

TEST(LdConfiguration, EndsWhenFilesIncludeEachOther) {
  TempFolder folder;
  folder.write("etc/ld.so.conf", bytes_of("include *.conf\n/a\n"));
  EXPECT_LE(read_ld_configuration(folder.path()).size(), 100u);
}

TEST(LdConfiguration, IsEmptyWithoutAFile) {
  TempFolder folder;
  EXPECT_THAT(read_ld_configuration(folder.path()), IsEmpty());
}

}  // namespace
}  // namespace halfword::inspect
