// zlib through the C++ interface, in every mode of the window: strings, buffers in and out, a struct whose fields the
// library fills with pointers of its own.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "api/modes.h"
#include "halfword/halfword.hpp"

namespace {

using halfword::c_ulong;

class Zlib : public testing::TestWithParam<std::uint32_t> {
 protected:
  halfword::library zlib_ = halfword::open("libz.so.1", test::in_mode(GetParam()));
};

std::vector<unsigned char> some_text(std::size_t size) {
  std::mt19937 random(7);
  std::vector<unsigned char> text(size);
  for (unsigned char& byte : text) byte = static_cast<unsigned char>("etaoin shrdlu"[random() % 13]);
  return text;
}

TEST_P(Zlib, SaysItsVersion) {
  const auto version = zlib_.function<const char*()>("zlibVersion");
  EXPECT_EQ(std::string(version()).substr(0, 2), "1.");
}

TEST_P(Zlib, ChecksumsABufferOfTheClients) {
  const auto crc32 = zlib_.function<c_ulong(c_ulong, halfword::reads_bytes<2>, unsigned)>("crc32");
  EXPECT_EQ(crc32(0, "123456789", 9), 0xcbf43926UL);
}

TEST_P(Zlib, CompressesAndUncompresses) {
  const auto text = some_text(300'000);
  const auto compress = zlib_.prototype<int(unsigned char*, c_ulong*, const unsigned char*, c_ulong)>(
      "int compress(_Out_writes_bytes_to_(*n, *n) unsigned char *to, _Inout_ unsigned long *n,"
      " _In_reads_bytes_(size) const unsigned char *from, unsigned long size)");
  const auto uncompress = zlib_.prototype<int(unsigned char*, c_ulong*, const unsigned char*, c_ulong)>(
      "int uncompress(_Out_writes_bytes_to_(*n, *n) unsigned char *to, _Inout_ unsigned long *n,"
      " _In_reads_bytes_(size) const unsigned char *from, unsigned long size)");
  std::vector<unsigned char> packed(text.size()), unpacked(text.size());
  c_ulong packed_size = packed.size(), unpacked_size = unpacked.size();
  ASSERT_EQ(compress(packed.data(), &packed_size, text.data(), text.size()), 0);
  EXPECT_LT(packed_size, text.size());
  ASSERT_EQ(uncompress(unpacked.data(), &unpacked_size, packed.data(), packed_size), 0);
  EXPECT_EQ(unpacked_size, text.size());
  EXPECT_EQ(unpacked, text);
}

TEST_P(Zlib, TellsOfABufferThatIsTooSmall) {
  const auto text = some_text(1000);
  const auto compress = zlib_.prototype<int(unsigned char*, c_ulong*, const unsigned char*, c_ulong)>(
      "int compress(_Out_writes_bytes_to_(*n, *n) unsigned char *to, _Inout_ unsigned long *n,"
      " _In_reads_bytes_(size) const unsigned char *from, unsigned long size)");
  unsigned char packed[16];
  c_ulong packed_size = sizeof packed;
  EXPECT_EQ(compress(packed, &packed_size, text.data(), text.size()), -5);  // Z_BUF_ERROR
}

// The 32-bit z_stream as the library sees it: it lives in the library's heap, and its pointers are 4 bytes wide.
struct Stream32 {
  std::uint32_t next_in, avail_in, total_in, next_out, avail_out, total_out, message, state, allocate, release, opaque;
  std::int32_t data_type;
  std::uint32_t adler, reserved;
};

TEST_P(Zlib, DeflatesAndInflatesAStreamInTheLibrarysMemory) {
  if (GetParam() == HW_WINDOW_OFF) {
    EXPECT_THROW(zlib_.allocate<Stream32>(1), halfword::error);
    return;
  }
  const auto text = some_text(1 << 20);
  auto stream = zlib_.allocate<Stream32>(1);
  auto input = zlib_.allocate<unsigned char>(text.size());
  auto output = zlib_.allocate<unsigned char>(text.size() + 1000);
  std::copy(text.begin(), text.end(), input.data());
  const auto address = [&](const void* pointer) {
    return static_cast<std::uint32_t>(hw_address(zlib_.raw(), pointer));
  };
  stream[0] = {};
  const auto deflate_init = zlib_.function<int(void*, int, halfword::text, int)>("deflateInit_");
  const auto deflate = zlib_.function<int(void*, int)>("deflate");
  const auto deflate_end = zlib_.function<int(void*)>("deflateEnd");
  ASSERT_EQ(deflate_init(stream.data(), 6, "1.2.13", sizeof(Stream32)), 0);
  stream[0].next_in = address(input.data());
  stream[0].avail_in = static_cast<std::uint32_t>(text.size());
  stream[0].next_out = address(output.data());
  stream[0].avail_out = static_cast<std::uint32_t>(output.size());
  ASSERT_EQ(deflate(stream.data(), 4), 1);  // Z_FINISH, Z_STREAM_END
  const std::uint32_t packed = stream[0].total_out;
  EXPECT_LT(packed, text.size());
  ASSERT_EQ(deflate_end(stream.data()), 0);

  auto back = zlib_.allocate<unsigned char>(text.size());
  stream[0] = {};
  const auto inflate_init = zlib_.function<int(void*, halfword::text, int)>("inflateInit_");
  const auto inflate = zlib_.function<int(void*, int)>("inflate");
  const auto inflate_end = zlib_.function<int(void*)>("inflateEnd");
  ASSERT_EQ(inflate_init(stream.data(), "1.2.13", sizeof(Stream32)), 0);
  stream[0].next_in = address(output.data());
  stream[0].avail_in = packed;
  stream[0].next_out = address(back.data());
  stream[0].avail_out = static_cast<std::uint32_t>(back.size());
  ASSERT_EQ(inflate(stream.data(), 4), 1);
  EXPECT_TRUE(std::equal(text.begin(), text.end(), back.data()));
  ASSERT_EQ(inflate_end(stream.data()), 0);
}

INSTANTIATE_TEST_SUITE_P(Window, Zlib, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART, HW_WINDOW_OFF),
                         test::name_of_mode);

}  // namespace
