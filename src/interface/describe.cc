// A program in words.
#include "interface/describe.h"

#include "interface/layout.h"

namespace halfword::model {
namespace {

std::string_view text_of(Direction direction) {
  switch (direction) {
    case Direction::out:
      return "out";
    case Direction::inout:
      return "in and out";
    default:
      return "in";
  }
}

std::string extent_of(const PointerRule& rule) {
  const std::string unit = rule.in_bytes ? " bytes" : " elements";
  if (rule.open_ended) return "as many elements as can be seen";
  if (rule.capacity.empty()) return rule.zero_terminated ? "up to its zero" : "one element";
  std::string text = rule.capacity_text + unit;
  if (!rule.length.empty()) text += ", " + rule.length_text + " after the call";
  return text;
}

std::string text_of(const PointerRule& rule) {
  switch (rule.down) {
    case PointerRule::Down::handle:
      return "handle";
    case PointerRule::Down::code:
      return "function of the library's or made by library.callback";
    case PointerRule::Down::token:
      return "token for callbacks";
    case PointerRule::Down::string:
      return "in, string";
    case PointerRule::Down::in_place:
      return "in memory that both see";
    case PointerRule::Down::buffer:
      break;
  }
  if (rule.starts_null) return "out, receives a pointer";
  std::string text = std::string(text_of(rule.direction)) + ", " + extent_of(rule);
  if (!rule.same_layout) text += ", converted";
  return text;
}

std::string result_text(const Program& program) {
  if (program.result.code != ResultCode::pointer) return "";
  switch (program.rules[program.result.index].up) {
    case PointerRule::Up::string:
      return ", string";
    case PointerRule::Up::handle:
      return ", handle";
    case PointerRule::Up::code:
      return ", function of the library's";
    default:
      return ", in memory that both see";
  }
}

}  // namespace

std::string describe(const Program& program) {
  std::string text = program.name.empty() ? "a function" : program.name;
  text += ": " + program.signature + " at " + std::string(rules(program.worker).name) + "\n";
  for (const ParameterInfo& parameter : program.parameters) {
    text += "  " + parameter.label + ": " + parameter.type;
    if (parameter.rule != kNoRule) text += ", " + text_of(program.rules[parameter.rule]);
    text += "\n";
  }
  return text + "  result: " + program.result_type + result_text(program) + "\n";
}

}  // namespace halfword::model
