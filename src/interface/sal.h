// SAL's words: which there are and what each sets. Used by the parser only; constant data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "interface/model.h"

namespace halfword::model {

/// What stands in a word's parentheses.
enum class SalArguments : std::uint8_t { none, capacity, capacity_and_length, text };

struct SalWord {
  std::string_view name;
  SalArguments arguments;
  bool of_result;  ///< `_Ret_…`: says something of the function's result
  Words words;     ///< what it sets, without its expressions
};

/// The word called `name`, or nullptr.
const SalWord* sal_word(std::string_view name);

/// Whether `name` is spelled as SAL's words are: `_In_`, `_Out_writes_`.
bool looks_like_sal(std::string_view name);

/// The word that looks most like `name`; empty if none is near.
std::string nearest_sal_word(std::string_view name);

}  // namespace halfword::model
