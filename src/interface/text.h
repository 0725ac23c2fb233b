// Zero-terminated text whose characters have other sizes on the two sides: wchar_t is UTF-32 on Linux and UTF-16 on
// Windows. Pure; any thread. Units are 1, 2 or 4 bytes; text may stand at any address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace halfword::model {

/// Units before the first zero one, at most `limit`.
std::size_t units_before_zero(const void* text, unsigned unit, std::size_t limit);

/// `count` units of `from`, converted to units of `to_unit` bytes, without a terminator. Nothing if a UTF-32 unit is
/// above 0x10ffff. Lone surrogates, which file names on Windows may hold, pass as they are.
std::optional<std::vector<std::byte>> convert_text(const void* from, unsigned from_unit, std::size_t count,
                                                   unsigned to_unit);

/// How many units of `to_unit` the first `count` units of the text become.
std::size_t converted_units(const void* from, unsigned from_unit, std::size_t count, unsigned to_unit);

}  // namespace halfword::model
