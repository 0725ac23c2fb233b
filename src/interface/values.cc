// Numbers as messages show them.
#include "interface/values.h"

namespace halfword::model {

std::string text_of(Integer value) {
  return value.is_negative ? std::to_string(static_cast<std::int64_t>(value.bits)) : std::to_string(value.bits);
}

std::string range_of(Leaf leaf) {
  const unsigned bits = leaf.size * 8U;
  if (!leaf.is_signed) return "0 to " + std::to_string(~std::uint64_t{0} >> (64 - bits));
  const auto most = static_cast<std::int64_t>(~std::uint64_t{0} >> (65 - bits));
  return std::to_string(-most - 1) + " to " + std::to_string(most);
}

std::string hex(std::uint64_t value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

}  // namespace halfword::model
