// How pointers pass: SAL's words where there are any, the safe rules where there are none.
//
// The rules without words are those of the design, section 4: `const char *` is a string only where no length follows;
// `void *` and a pointer to a struct without fields are handles; `T **` receives a pointer; any other pointer must lie
// in memory that both sides see. What remains is refused with the word that settles it.
#include "interface/layout.h"
#include "interface/plan_compiler.h"

namespace halfword::model {
namespace {

bool is_opaque(const Type& type) {
  return type.kind == Kind::void_type || (type.kind == Kind::record && !type.record->complete);
}

}  // namespace

bool is_text(const Type& type) {
  return type.kind == Kind::scalar && (type.scalar == Scalar::character || type.scalar == Scalar::wide ||
                                       type.scalar == Scalar::char16 || type.scalar == Scalar::char32);
}

PointerRule PlanCompiler::string_rule(Scalar character) const {
  PointerRule rule;
  rule.down = PointerRule::Down::string;
  rule.up = PointerRule::Up::string;
  rule.direction = Direction::in;
  rule.zero_terminated = true;
  rule.client_unit = leaf(character, client_).size;
  rule.worker_unit = leaf(character, worker_).size;
  return rule;
}

// How a pointer that the library gives out becomes the client's.
void PlanCompiler::set_up(PointerRule& rule, const Type& element, bool is_string) {
  rule.same_layout = true;
  if (element.kind == Kind::function) {
    rule.up = PointerRule::Up::code;
  } else if (is_opaque(element)) {
    rule.up = PointerRule::Up::handle;
  } else if (is_string || (element.constant && is_text(element))) {
    rule.up = PointerRule::Up::string;
    rule.client_unit = leaf(element.scalar, client_).size;
    rule.worker_unit = leaf(element.scalar, worker_).size;
    rule.same_layout = rule.client_unit == rule.worker_unit;
  } else {
    rule.same_layout = same_layout(element);
    rule.up = rule.same_layout ? PointerRule::Up::data : PointerRule::Up::refuse;
    if (const auto layout = layout_of(element, worker_)) rule.element_size = layout->size;
  }
}

// A pointer inside a struct or an array, or one that a callback returns: there is no room for a buffer of its own.
PointerRule PlanCompiler::nested_rule(const Type& pointer, const Type* next, std::string label) {
  const Type& element = *pointer.element;
  PointerRule rule;
  if (element.constant && is_text(element) && (next == nullptr || !is_integer(*next)))
    rule = string_rule(element.scalar);
  set_up(rule, element, false);
  if (element.kind == Kind::function) {
    rule.down = PointerRule::Down::code;
  } else if (is_opaque(element)) {
    rule.down = PointerRule::Down::handle;
  } else if (rule.down != PointerRule::Down::string) {
    rule.down = PointerRule::Down::in_place;
    rule.advice = "place what it points to in memory that both sides see";
  }
  rule.label = label.empty() ? 0 : add_label(std::move(label));
  return rule;
}

// ---- parameters ----

std::string PlanCompiler::missing_word(std::size_t index, const std::string& text) const {
  return program_->parameters[index].label + ", `" + text_of(*signature_.parameters[index].type) + "`, " + text;
}

// What to write before a parameter of which nothing is said.
std::string PlanCompiler::advice_for(std::size_t index) const {
  const Type& element = *signature_.parameters[index].type->element;
  std::string extent = "n";
  if (index + 1 < signature_.parameters.size() && is_integer(*signature_.parameters[index + 1].type) &&
      !signature_.parameters[index + 1].name.empty())
    extent = signature_.parameters[index + 1].name;
  const std::string bytes = element.kind == Kind::void_type ? "bytes_" : "";
  const std::string reads = "_In_reads_" + bytes + "(" + extent + ")";
  if (element.constant) {
    if (is_text(element)) return "write _In_z_ before it if it ends with a zero, or " + reads;
    if (is_opaque(element)) return "write " + reads + " before it if the library reads what it points to";
    return "write _In_ before it for one, or " + reads + " for several";
  }
  const std::string several =
      reads + ", _Out_writes_" + bytes + "(" + extent + ") or _Inout_updates_" + bytes + "(" + extent + ")";
  if (is_opaque(element)) return "write " + several + " before it, or _Token_ if only callbacks look at it";
  return "write _In_, _Out_ or _Inout_ before it for one, or " + several + " for several";
}

Result<PointerRule> PlanCompiler::parameter_rule(std::size_t index) {
  const Value& value = signature_.parameters[index];
  const Type& element = *value.type->element;
  PointerRule rule;
  if (value.words.token || index == token_parameter_) {
    rule.down = PointerRule::Down::token;
    rule.up = PointerRule::Up::token;
    return rule;
  }
  if (element.kind == Kind::function) {
    rule.down = PointerRule::Down::code;
    rule.up = PointerRule::Up::code;
    return rule;
  }
  if (value.words.outptr) return outptr_rule(index, element);
  const bool said = value.words.direction != Direction::unsaid || !value.words.capacity.empty();
  return said ? said_rule(index, element) : unsaid_rule(index, element);
}

Result<PointerRule> PlanCompiler::unsaid_rule(std::size_t index, const Type& element) {
  const Type* next = index + 1 < signature_.parameters.size() ? signature_.parameters[index + 1].type : nullptr;
  if (element.kind == Kind::pointer) {
    if (is_callback_) return open_array_rule(index, element);
    if (!element.constant) return outptr_rule(index, element);
    return refuse(
        ErrorCode::argument_type,
        missing_word(index, "points to pointers that are only read, and nothing says how many; " + advice_for(index)));
  }
  PointerRule rule = nested_rule(*signature_.parameters[index].type, next, "");
  rule.advice = advice_for(index);
  const bool counted_text = rule.up == PointerRule::Up::string && rule.down == PointerRule::Down::in_place;
  if (is_callback_ && (rule.up == PointerRule::Up::refuse || (counted_text && !rule.same_layout)))
    return refuse(ErrorCode::argument_type,
                  missing_word(index,
                               "points to something that is laid out differently in the client; write _In_ or "
                               "_Inout_ before it to have it converted"));
  // With a length behind it, text need not end with a zero: only what the client sees anyway passes.
  if (is_callback_ && counted_text) rule.up = PointerRule::Up::data;
  return rule;
}

Result<PointerRule> PlanCompiler::said_rule(std::size_t index, const Type& element) {
  const Words& words = signature_.parameters[index].words;
  const bool one = words.capacity.empty();
  if (words.zero_terminated && one && words.direction == Direction::in) return string_rule(element.scalar);
  if (is_opaque(element) && one) {
    if (words.direction == Direction::out)
      return refuse(ErrorCode::argument_type,
                    missing_word(index, "has no size of its own; write _Out_writes_bytes_(n) before it"));
    // `_In_ HANDLE` and `_Inout_ FILE *` are usual, and mean no more than that the handle is used.
    PointerRule rule = nested_rule(*signature_.parameters[index].type, nullptr, "");
    rule.advice = advice_for(index);
    return rule;
  }
  return buffer_rule(index, element, false);
}

Result<PointerRule> PlanCompiler::buffer_rule(std::size_t index, const Type& element, bool open_ended) {
  const Words& words = signature_.parameters[index].words;
  PointerRule rule;
  rule.down = PointerRule::Down::buffer;
  rule.up = PointerRule::Up::data;
  rule.direction = words.direction;
  rule.in_bytes = words.in_bytes;
  rule.zero_terminated = words.zero_terminated && element.kind != Kind::pointer;
  rule.capacity = words.capacity;
  rule.length = words.length;
  rule.capacity_text = text_of(words.capacity, signature_.parameters);
  rule.length_text = text_of(words.length, signature_.parameters);
  if (element.kind == Kind::void_type) {
    const Type byte{Kind::scalar, Scalar::unsigned_char, false, 0, "", nullptr, 0, nullptr, nullptr};
    rule.shape = *shape_of(byte);
  } else {
    if (is_opaque(element) || element.kind == Kind::function)
      return refuse(ErrorCode::argument_type,
                    missing_word(index, "has no size of its own; declare the struct with its fields"));
    PointerRule inner;
    if (element.kind == Kind::pointer) {
      inner = nested_rule(element, nullptr, "an element of " + program_->parameters[index].label);
      if (words.zero_terminated) {
        inner.down = PointerRule::Down::string;
        set_up(inner, *element.element, true);
      }
      if (open_ended) {
        if (!inner.same_layout)
          return refuse(ErrorCode::argument_type,
                        missing_word(index,
                                     "has elements that are converted one by one, and nothing says how many "
                                     "there are; write _In_reads_(n) before it"));
        // What lies behind the array's end is raised too and may be any number, so no element is looked into.
        inner.up = PointerRule::Up::handle;
      }
    }
    const auto shape = shape_of(element, element.kind == Kind::pointer ? &inner : nullptr);
    if (!shape) return std::unexpected(shape.error());
    rule.shape = *shape;
    if (is_text(element)) {
      rule.client_unit = leaf(element.scalar, client_).size;
      rule.worker_unit = leaf(element.scalar, worker_).size;
    }
  }
  const Shape& shape = program_->shapes[rule.shape];
  rule.same_layout = shape.identical;
  rule.element_size = shape.worker_size;
  if (rule.in_bytes && !shape.identical)
    return refuse(ErrorCode::unsupported,
                  missing_word(index,
                               "is counted in bytes, but its elements have other sizes in the library; count "
                               "elements, for example _In_reads_(n)"));
  if (rule.direction == Direction::unsaid) rule.direction = element.constant ? Direction::in : Direction::inout;
  return rule;
}

// `T **` that receives a pointer: a slot of the library's width that starts as NULL.
Result<PointerRule> PlanCompiler::outptr_rule(std::size_t index, const Type& element) {
  PointerRule inner = nested_rule(element, nullptr, "the pointer stored in " + program_->parameters[index].label);
  set_up(inner, *element.element, signature_.parameters[index].words.result_string);
  if (inner.up == PointerRule::Up::refuse)
    return refuse(ErrorCode::argument_type,
                  missing_word(index,
                               "receives a pointer to something that is laid out differently in the library; "
                               "declare it as `void **` and read that with the library's layout, or as a "
                               "struct without fields if it is a handle"));
  PointerRule rule;
  rule.down = PointerRule::Down::buffer;
  rule.direction = Direction::out;
  rule.starts_null = true;
  rule.same_layout = false;
  const auto shape = shape_of(element, &inner);
  if (!shape) return std::unexpected(shape.error());
  rule.shape = *shape;
  rule.element_size = program_->shapes[*shape].worker_size;
  return rule;
}

// A callback's `char **` without an extent: as far as the memory goes that both see.
Result<PointerRule> PlanCompiler::open_array_rule(std::size_t index, const Type& element) {
  auto rule = buffer_rule(index, element, true);
  if (!rule) return rule;
  rule->direction = Direction::in;
  rule->open_ended = true;
  rule->advice = "write _In_reads_(n) before it";
  return rule;
}

// ---- results ----

Result<PointerRule> PlanCompiler::result_rule(const Value& result) {
  const Type& element = *result.type->element;
  PointerRule rule = nested_rule(*result.type, nullptr, "");
  if (result.words.zero_terminated) {
    rule = string_rule(element.scalar);
    set_up(rule, element, true);
  }
  if (rule.up == PointerRule::Up::refuse && !is_callback_)
    return refuse(ErrorCode::argument_type,
                  "the result, `" + text_of(*result.type) +
                      "`, points to something that is laid out differently in the library; declare it as `void *` and "
                      "read that with the library's layout, or as a struct without fields if it is a handle");
  rule.advice = "the callback must return memory that both sides see";
  return rule;
}

}  // namespace halfword::model
