// Prototype text to tokens. Used by the parser only; any thread, no state. The text is hostile.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace halfword::model {

enum class TokenKind : std::uint8_t { identifier, number, punctuation, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;    ///< part of the prototype's text; empty at its end
  std::size_t offset = 0;   ///< of its first byte
  std::uint64_t value = 0;  ///< of a number
};

/// Splits `text` into tokens, the last of which is `end`. Comments count as space.
/// \param error_offset  receives where an error lies
/// \return argument_type for a byte or a number that C does not have there
Result<std::vector<Token>> tokenize(std::string_view text, std::size_t& error_offset);

}  // namespace halfword::model
