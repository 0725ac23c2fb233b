#include "cli/duration.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace halfword::cli {
namespace {

struct Unit {
  std::string_view name;
  double ns;
};
constexpr Unit kUnits[] = {{"ns", 1},  {"us", 1e3}, {"\u00b5s", 1e3}, {"ms", 1e6},
                           {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
constexpr double kLongest = 24 * 3600e9;

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
  for (const Unit& one : kUnits) {
    if (read.ec != std::errc() || unit != one.name) continue;
    const double ns = number * one.ns;
    if (ns >= 1 && ns <= kLongest) return std::llround(ns);
    return fail(ErrorCode::argument_range, std::string(text) + " is not a time between 1ns and 24h");
  }
  return fail(ErrorCode::argument_type,
              "'" + std::string(text) + "' is not a time: write a number and its unit, for example 500ms or 2s");
}

std::string show_duration(std::int64_t ns) {
  static constexpr Unit kShown[] = {{"ns", 1}, {"\u00b5s", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  const auto value = static_cast<double>(ns);
  std::size_t unit = 0;
  while (unit + 1 < std::size(kShown) && value >= kShown[unit + 1].ns * 0.9995) ++unit;
  const double shown = value / kShown[unit].ns;
  const int decimals = unit == 0 || shown >= 99.95 ? 0 : shown >= 9.995 ? 1 : 2;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f ", decimals, shown);
  return text + std::string(kShown[unit].name);
}

}  // namespace halfword::cli
