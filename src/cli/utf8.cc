// The ranges are those of the Unicode Standard, version 15, table 3-7.
#include "cli/utf8.h"

namespace halfword::cli {

void append_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xe0 | point >> 12);
    } else {
      put(0xf0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3f));
    }
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

std::optional<std::uint32_t> next_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  static constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  if (first < 0xc2 || first > 0xf4 || text.size() - at < more) return std::nullopt;
  std::uint32_t point = first & (0x3fU >> more);
  for (std::size_t index = 0; index < more; ++index) {
    const auto byte = static_cast<unsigned char>(text[at + index]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (byte & 0x3fU);
  }
  if (point < kLeast[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return std::nullopt;
  at += more;
  return point;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (!next_point(text, at)) return false;
  return true;
}

}  // namespace halfword::cli
