// Prototype text to model: `int __stdcall add(int a, int b)`, C declarations with optional SAL words.
//
// Called by the client for every function that a program names by text, by the command line and the bindings. Any
// thread; no state. The text is hostile: it is bounded in size and nesting, and every error names its column.
// docs/prototypes.md describes the language.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "interface/model.h"

namespace halfword::model {

constexpr std::size_t kMaxPrototypeText = 64 * 1024;

/// A function and the types that it is made of.
struct Prototype {
  std::shared_ptr<const Model> model;  ///< owns what `function` points to
  Function function;
};

/// Where in the text an error lies; columns and lengths count bytes.
struct Position {
  std::size_t offset = 0;  ///< from the text's start
  std::size_t length = 0;  ///< at least 1, except at the text's end
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in its line
};

/// Parses declarations of types followed by one function.
///
/// \param text  at most kMaxPrototypeText bytes; zero bytes and bytes above 127 are errors outside comments
/// \param position  if not null, receives where the error lies
/// \return argument_type with a message such as `prototype: column 9: "flot" is not a type; did you mean float?`;
///     Error::name is the offending word
Result<Prototype> parse_prototype(std::string_view text, Position* position = nullptr);

/// The line of `text` that `position` lies in, and a second line that points at it: `    ^~~~`.
std::string caret(std::string_view text, const Position& position);

}  // namespace halfword::model
