// Times as people write and read them. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace halfword::cli {

/// `500ms`, `2s`, `1.5s`, `250us`, `100ns`, `1m`: a number above zero and its unit, up to 24 hours.
/// \return nanoseconds; argument_type for what is no duration, argument_range for one that is too long or zero
Result<std::int64_t> parse_duration(std::string_view text);

/// `120 ns`, `4.2 µs`, `1.05 s`: three digits that count.
std::string show_duration(std::int64_t ns);

}  // namespace halfword::cli
