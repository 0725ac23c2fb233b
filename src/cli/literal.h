// The values that `halfword call` takes as arguments, as they are written: text to a tree, still without types.
// Pure; any thread. The text is the user's own, and bounded in depth all the same, since scripts build it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace halfword::cli {

struct Literal {
  enum class Kind {
    number,     ///< `text`: digits as written, with their sign
    boolean,    ///< `number`: 0 or 1
    character,  ///< `number`: the code point of 'a'
    text,       ///< `text`: UTF-8, or whatever bytes \x gave; may hold zeros
    null,
    file,       ///< `text`: the path of @FILE
    symbol,     ///< `text`: the name in &NAME
    structure,  ///< `items`, which may have names
    array,      ///< `items`
    out,        ///< `size` bytes, or as many as are needed
    inout,      ///< `items[0]`: what is in the buffer
  };
  Kind kind = Kind::null;
  std::string text;
  std::uint64_t number = 0;
  std::optional<std::uint64_t> size;
  std::string name;  ///< of an item of a structure: `.x = 1`
  std::vector<Literal> items;
};

/// \return argument_type; the message says what is wrong and how to write it, without naming the argument
Result<Literal> parse_literal(std::string_view text);

/// The integer of a number's text as C writes it: decimal, 0x, 0b, or octal after a 0. Nothing if it is none.
struct Integer {
  std::uint64_t magnitude = 0;
  bool negative = false;
};
Result<Integer> integer_of(std::string_view text);

}  // namespace halfword::cli
