// Source of the formats: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, section 4.2.2.
#include "interface/x87.h"

#include <bit>
#include <cstring>

namespace halfword::model {
namespace {

struct Format {
  int mantissa_bits;  // stored ones
  int exponent_bits;
};
constexpr Format kDouble = {52, 11};
constexpr Format kFloat = {23, 8};

// The bits of the nearest value of `format`.
std::uint64_t round_to(const Format& format, const std::uint8_t* bytes) {
  std::uint64_t mantissa = 0;
  std::uint16_t top = 0;
  std::memcpy(&mantissa, bytes, 8);
  std::memcpy(&top, bytes + 8, 2);
  const std::uint64_t sign = static_cast<std::uint64_t>(top >> 15) << (format.mantissa_bits + format.exponent_bits);
  const std::uint64_t infinity = ((std::uint64_t{1} << format.exponent_bits) - 1) << format.mantissa_bits;
  const int biased = top & 0x7fff;
  if (biased == 0x7fff) {
    const std::uint64_t fraction = (mantissa << 1) >> (64 - format.mantissa_bits);
    if ((mantissa << 1) == 0) return sign | infinity;
    return sign | infinity | fraction | std::uint64_t{1} << (format.mantissa_bits - 1);
  }
  if (mantissa == 0) return sign;
  const int shift = std::countl_zero(mantissa);
  mantissa <<= shift;
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  int exponent = (biased == 0 ? 1 : biased) - 16383 - shift + bias;  // as the target stores it
  if (exponent >= (1 << format.exponent_bits) - 1) return sign | infinity;
  int drop = 63 - format.mantissa_bits;
  if (exponent < 1) {  // becomes subnormal
    drop += 1 - exponent;
    exponent = 1;
  }
  if (drop > 64) return sign;
  std::uint64_t kept = drop == 64 ? 0 : mantissa >> drop;
  const std::uint64_t rest = drop == 64 ? mantissa : mantissa << (64 - drop);
  const std::uint64_t half = std::uint64_t{1} << 63;
  if (rest > half || (rest == half && (kept & 1) != 0)) ++kept;
  // The leading one adds one to the exponent, and so does a carry out of the mantissa.
  const std::uint64_t bits = (static_cast<std::uint64_t>(exponent - 1) << format.mantissa_bits) + kept;
  return sign | (bits > infinity ? infinity : bits);
}

}  // namespace

double x87_to_double(const std::uint8_t* bytes) { return std::bit_cast<double>(round_to(kDouble, bytes)); }

float x87_to_float(const std::uint8_t* bytes) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(round_to(kFloat, bytes)));
}

void double_to_x87(double value, std::uint8_t* bytes) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  const auto stored = static_cast<int>(bits >> 52 & 0x7ff);
  const auto sign = static_cast<unsigned>(bits >> 63);
  std::uint64_t mantissa = 0;
  int exponent = 0;
  if (stored == 0x7ff) {
    exponent = 0x7fff;
    mantissa = std::uint64_t{1} << 63 | fraction << 11;
  } else if (stored != 0) {
    exponent = stored - 1023 + 16383;
    mantissa = std::uint64_t{1} << 63 | fraction << 11;
  } else if (fraction != 0) {
    const int shift = std::countl_zero(fraction);
    mantissa = fraction << shift;
    exponent = 16383 - 1022 + 11 - shift;
  }
  const auto top = static_cast<std::uint16_t>(sign << 15 | static_cast<unsigned>(exponent));
  std::memcpy(bytes, &mantissa, 8);
  std::memcpy(bytes + 8, &top, 2);
}

}  // namespace halfword::model
