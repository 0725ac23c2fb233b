// The sizes that SAL's words give, worked out for one call. Used by the engine on the thread of the call.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "interface/program.h"
#include "interface/space.h"

namespace halfword::model {

/// What an extent may look at: the call's arguments in the client's representation and, after the call, its result.
struct ExtentInput {
  const Program& program;
  void* const* arguments;
  Space& space;
  std::optional<std::int64_t> result;
};

/// \return nothing if a pointer that is looked at is NULL, or `return` is asked for and is no integer; argument_range
///     if the arithmetic overflows or the extent is negative
Result<std::optional<std::uint64_t>> evaluate(const Expression& expression, const ExtentInput& input);

}  // namespace halfword::model
