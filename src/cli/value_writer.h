// Turns what the user wrote into values of a prototype's types, in the client's own layout.
// Main thread only; trusts the model (its sizes are bounded), not the literals.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/literal.h"
#include "cli/memory.h"
#include "interface/model.h"

namespace halfword::cli {

/// What a buffer holds before the call.
struct Content {
  std::vector<std::byte> bytes;
  bool is_text = false;  ///< a terminator, which is not counted, stands behind it
};

class ValueWriter {
 public:
  ValueWriter(Library& library, Memory& memory) : library_(library), memory_(memory) {}

  /// Writes one value of `type` to `to`, which has room for it and holds zeros.
  /// \return argument_type or argument_range; the message does not name the argument
  Result<void> write(const model::Type& type, const Literal& literal, std::byte* to);

  /// The elements that a pointer to `element` points to: text, a file's bytes, a list, or one value.
  Result<Content> content(const model::Type& element, const Literal& literal);

  /// An address that is no buffer: null, a number, an export's.
  Result<void*> address(const model::Type& pointer, const Literal& literal);

 private:
  Result<void> write_record(const model::Record& record, const Literal& literal, std::byte* to);
  Result<void> write_field(const model::Record& record, std::size_t index, const Literal& literal, std::byte* to);
  Result<void> write_array(const model::Type& type, const Literal& literal, std::byte* to);
  Result<void> write_pointer(const model::Type& type, const Literal& literal, std::byte* to);

  Library& library_;
  Memory& memory_;
};

/// Whether an integer type is signed in the client.
bool is_signed_type(const model::Type& type);

/// Whether what lies in memory is the same for both sides, so that it needs no conversion.
bool same_layout(const model::Type& type, model::Target client, model::Target worker);

}  // namespace halfword::cli
