// The report of `halfword inspect --json`. Called by the command only; any thread. A module of its own, since nothing
// else needs nlohmann-json.
#pragma once

#include <nlohmann/json.hpp>

#include "inspect/report.h"

namespace halfword::inspect {

/// One object with the keys that docs and scripts rely on. All strings are valid UTF-8: names out of files that are not
/// are written with `\xNN`. Numbers above 2^53 do not occur; addresses are strings of the form "0x1000".
nlohmann::ordered_json to_json(const Report& report);

}  // namespace halfword::inspect
