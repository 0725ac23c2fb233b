// UTF-8, a code point at a time. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halfword::cli {

void append_utf8(std::string& text, std::uint32_t point);

/// The code point at `at`, which moves behind it; nothing where the bytes are no UTF-8, and `at` moves by one.
std::optional<std::uint32_t> next_point(std::string_view text, std::size_t& at);

bool is_utf8(std::string_view text);

}  // namespace halfword::cli
