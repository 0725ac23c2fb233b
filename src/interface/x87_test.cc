// The software conversions against the processor's own, where the compiler has the type.
#include "interface/x87.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace halfword::model {
namespace {

static_assert(std::numeric_limits<long double>::digits == 64, "these tests run on x86 only, compiled by GCC or Clang");

struct Register {
  std::uint8_t bytes[16] = {};
};

Register stored(long double value) {
  Register out;
  std::memcpy(out.bytes, &value, kX87Bytes);
  return out;
}

template <class T>
::testing::AssertionResult same_bits(T a, T b) {
  if (std::memcmp(&a, &b, sizeof(T)) == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << a << " is not " << b;
}

void expect_like_hardware(long double value) {
  EXPECT_TRUE(same_bits(x87_to_double(stored(value).bytes), static_cast<double>(value))) << value;
  EXPECT_TRUE(same_bits(x87_to_float(stored(value).bytes), static_cast<float>(value))) << value;
}

TEST(X87, RoundsAsTheProcessorDoes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200000; ++round) {
    const auto mantissa = static_cast<long double>(random() | std::uint64_t{1} << 63);
    // Around the ranges of float and double, subnormals and overflow included.
    const int range = round % 2 == 0 ? 160 : 1100;
    const int exponent = static_cast<int>(random() % static_cast<unsigned>(2 * range)) - range - 63;
    const long double value = std::ldexp(mantissa, exponent);
    expect_like_hardware((random() & 1) != 0 ? value : -value);
  }
}

TEST(X87, RoundsTiesToEven) {
  for (const long double step : {0x1p-24L, 0x1p-53L, 0x1p-150L, 0x1p-1075L})
    for (int count = 0; count < 16; ++count) {
      expect_like_hardware(step * static_cast<long double>(count));
      expect_like_hardware(1 + step * static_cast<long double>(count));
    }
}

TEST(X87, KeepsZerosInfinitiesAndNans) {
  constexpr auto kInfinity = std::numeric_limits<long double>::infinity();
  for (const long double value : {0.0L, -0.0L, kInfinity, -kInfinity, std::numeric_limits<long double>::max()})
    expect_like_hardware(value);
  EXPECT_TRUE(std::isnan(x87_to_double(stored(std::numeric_limits<long double>::quiet_NaN()).bytes)));
  EXPECT_TRUE(std::isnan(x87_to_float(stored(std::numeric_limits<long double>::quiet_NaN()).bytes)));
}

TEST(X87, WidensDoublesExactly) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 100000; ++round) {
    const auto value = std::bit_cast<double>(round % 4 == 0 ? random() >> 12 : random());
    if (std::isnan(value)) continue;
    Register made;
    double_to_x87(value, made.bytes);
    EXPECT_EQ(std::memcmp(made.bytes, stored(value).bytes, kX87Bytes), 0) << value;
  }
}

}  // namespace
}  // namespace halfword::model
