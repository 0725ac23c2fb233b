// Writes what a run found: a table for people, JSON for programs. Called by main.cc.
#pragma once

#include <string>

#include "base/error.h"
#include "harness.h"

namespace halfword::bench {

/// The table, one line for each row and comparison, with the limit that the comparison has and whether it was kept.
std::string table(const Report& report);

/// A list of {"name","unit","median","p99","runs","against":{"ROW": RATIO}}.
std::string json(const Report& report);

/// Replaces the file `path`.
Result<void> write_file(const std::string& path, const std::string& text);

}  // namespace halfword::bench
