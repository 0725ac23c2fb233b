// Source of the encodings: The Unicode Standard, version 15, section 3.9.
#include "interface/text.h"

#include <cstring>

namespace halfword::model {
namespace {

constexpr std::uint32_t kLastCodePoint = 0x10ffff;

std::uint32_t unit_at(const void* text, unsigned unit, std::size_t index) {
  std::uint32_t value = 0;
  std::memcpy(&value, static_cast<const std::byte*>(text) + index * unit, unit);
  return value;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

void append(std::vector<std::byte>& out, std::uint32_t value, unsigned unit) {
  const std::size_t at = out.size();
  out.resize(at + unit);
  std::memcpy(out.data() + at, &value, unit);
}

// The code point at `index`, which moves behind it.
std::uint32_t next_code_point(const void* text, unsigned unit, std::size_t& index, std::size_t count) {
  const std::uint32_t first = unit_at(text, unit, index++);
  if (unit != 2 || !is_high_surrogate(first) || index == count) return first;
  const std::uint32_t second = unit_at(text, unit, index);
  if (!is_low_surrogate(second)) return first;
  ++index;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

}  // namespace

std::size_t units_before_zero(const void* text, unsigned unit, std::size_t limit) {
  if (unit == 1) {
    const void* end = std::memchr(text, 0, limit);
    return end == nullptr ? limit
                          : static_cast<std::size_t>(static_cast<const char*>(end) - static_cast<const char*>(text));
  }
  std::size_t count = 0;
  while (count < limit && unit_at(text, unit, count) != 0) ++count;
  return count;
}

std::optional<std::vector<std::byte>> convert_text(const void* from, unsigned from_unit, std::size_t count,
                                                   unsigned to_unit) {
  std::vector<std::byte> out;
  out.reserve((count + 1) * to_unit);
  for (std::size_t index = 0; index < count;) {
    const std::uint32_t point = next_code_point(from, from_unit, index, count);
    if (point > kLastCodePoint) return std::nullopt;
    if (to_unit == 2 && point > 0xffff) {
      append(out, 0xd800 + ((point - 0x10000) >> 10), 2);
      append(out, 0xdc00 + ((point - 0x10000) & 0x3ff), 2);
    } else {
      append(out, point, to_unit);
    }
  }
  return out;
}

std::size_t converted_units(const void* from, unsigned from_unit, std::size_t count, unsigned to_unit) {
  std::size_t units = 0;
  for (std::size_t index = 0; index < count;)
    units += next_code_point(from, from_unit, index, count) > 0xffff && to_unit == 2 ? 2 : 1;
  return units;
}

}  // namespace halfword::model
