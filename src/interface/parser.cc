// The way into the parser: bounds, positions, messages.
#include "interface/parser.h"

#include <algorithm>

#include "interface/declaration_parser.h"

namespace halfword::model {
namespace {

Position position_of(std::string_view text, std::size_t offset, std::size_t length) {
  Position position;
  position.offset = std::min(offset, text.size());
  position.length = length;
  for (std::size_t at = 0; at < position.offset; ++at) {
    ++position.column;
    if (text[at] == '\n') {
      ++position.line;
      position.column = 1;
    }
  }
  return position;
}

std::unexpected<Error> failure(std::string_view text, std::size_t offset, std::string_view token, std::string message,
                               Position* out) {
  const bool at_end = offset >= text.size();
  const Position position = position_of(text, offset, at_end ? 0 : std::max<std::size_t>(token.size(), 1));
  if (out != nullptr) *out = position;
  std::string where = "prototype: ";
  if (position.line > 1) where += "line " + std::to_string(position.line) + ", ";
  where += "column " + std::to_string(position.column) + ": ";
  Error error;
  error.code = ErrorCode::argument_type;
  error.message = where + message;
  error.name = token;
  return fail(std::move(error));
}

}  // namespace

Result<Prototype> parse_prototype(std::string_view text, Position* position) {
  if (text.size() > kMaxPrototypeText)
    return failure(text.substr(0, kMaxPrototypeText), kMaxPrototypeText, "",
                   "a prototype has at most " + std::to_string(kMaxPrototypeText) + " bytes", position);
  std::size_t offset = 0;
  auto tokens = tokenize(text, offset);
  if (!tokens) return failure(text, offset, text.substr(offset, 1), tokens.error().message, position);
  auto model = std::make_shared<Model>();
  DeclarationParser parser(text, std::move(*tokens), *model);
  Prototype prototype;
  if (!parser.run(prototype.function)) {
    const ParseFailure& found = parser.failure();
    return failure(text, found.offset, found.text, found.message, position);
  }
  prototype.model = std::move(model);
  return prototype;
}

std::string caret(std::string_view text, const Position& position) {
  const std::size_t begin = position.offset - (position.column - 1);
  const std::string_view line = text.substr(begin, text.substr(begin).find('\n'));
  std::string pointer;
  for (std::size_t at = 0; at + 1 < position.column; ++at) pointer += line[at] == '\t' ? '\t' : ' ';
  pointer += '^';
  const std::size_t room = line.size() - std::min(line.size(), position.column - 1);
  pointer.append(std::min(position.length, room) > 1 ? std::min(position.length, room) - 1 : 0, '~');
  return std::string(line) + "\n" + pointer;
}

}  // namespace halfword::model
