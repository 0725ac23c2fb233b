// The type names that a prototype may use without declaring them: C's, stdint's, POSIX's and Windows' most common.
// Used by the parser only; constant data.
#pragma once

#include <string>
#include <string_view>

#include "interface/model.h"

namespace halfword::model {

/// The type called `name`, made in `model`; nullptr for a name that is not known.
const Type* known_type(std::string_view name, Model& model);

/// The known names that look most like `name`, for "did you mean": at most one, empty if none is near.
std::string nearest_known_type(std::string_view name);

/// How many letters must be changed, inserted or removed to get from `a` to `b`; stops counting above `limit`.
unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit);

}  // namespace halfword::model
