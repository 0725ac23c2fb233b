// Sizes, alignments and field offsets of types at each target, for types that come from text.
//
// Used by the parser (which lays a record out when its last field is read) and by the engine; any thread. Readers of
// headers fill Record::layouts themselves.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "interface/model.h"

namespace halfword::model {

struct Layout {
  std::uint64_t size = 0;
  std::uint32_t alignment = 1;  ///< inside a struct
};

/// Size and alignment of a scalar.
Layout layout_of(Scalar scalar, Target target);

/// Size and alignment of an object of this type; nothing for void, functions, and what is not complete at that target.
std::optional<Layout> layout_of(const Type& type, Target target);

/// Whether an integer type, or an enumeration's, is signed at that target. False for floating types and bool.
bool is_signed(Scalar scalar, Target target);
/// Whether values of this type are integers: what may follow a string as its length, or stand in an extent.
bool is_integer(const Type& type);
bool is_floating(Scalar scalar);

/// Computes the layouts of a record whose fields are all there, and makes it complete.
/// \return argument_type if it has no fields or becomes larger than kMaxTypeSize
Result<void> lay_out(Record& record);

}  // namespace halfword::model
