// Types, expressions and conventions in C's own notation, for messages and for describe().
#include "interface/model.h"

#include <algorithm>

#include "interface/layout.h"

namespace halfword::model {
namespace {

// `inner` is what the declarator says so far: "*", "[4]", "(*)(int)".
std::string declare(const Type& type, std::string inner);

std::string parameters_of(const Signature& signature) {
  std::string text = "(";
  for (std::size_t index = 0; index < signature.parameters.size(); ++index) {
    if (index != 0) text += ", ";
    if (signature.variadic && index == signature.fixed) text += "..., ";
    text += text_of(*signature.parameters[index].type);
  }
  if (signature.variadic && signature.fixed == signature.parameters.size())
    text += signature.parameters.empty() ? "..." : ", ...";
  else if (signature.parameters.empty())
    text += "void";
  return text + ")";
}

std::string declare(const Type& type, std::string inner) {
  const bool named = !type.name.empty();
  if (named || type.kind == Kind::void_type || type.kind == Kind::scalar || type.kind == Kind::enumeration ||
      type.kind == Kind::record) {
    std::string text = type.constant ? "const " : "";
    if (named)
      text += type.name;
    else if (type.kind == Kind::void_type)
      text += "void";
    else if (type.kind == Kind::scalar)
      text += text_of(type.scalar);
    else if (type.kind == Kind::enumeration)
      text += "enum";
    else
      text += (type.record->is_union ? "union" : "struct") +
              (type.record->name.empty() ? std::string() : " " + type.record->name);
    return inner.empty() ? text : text + " " + inner;
  }
  if (type.kind == Kind::pointer) {
    inner = std::string("*") + (type.constant ? "const" : "") + (type.constant && !inner.empty() ? " " : "") + inner;
    const bool wrap =
        type.element->name.empty() && (type.element->kind == Kind::array || type.element->kind == Kind::function);
    return declare(*type.element, wrap ? "(" + inner + ")" : inner);
  }
  if (type.kind == Kind::array) return declare(*type.element, inner + "[" + std::to_string(type.count) + "]");
  return declare(*type.signature->result.type, inner + parameters_of(*type.signature));
}

}  // namespace

const Type* Model::add(Type type) {
  unsigned depth = 0;
  if (type.element != nullptr)
    depth = type.element->kind == Kind::record && type.kind == Kind::pointer ? 1 : type.element->depth + 1U;
  if (type.kind == Kind::record) depth = type.record->depth + 1U;
  type.depth = static_cast<std::uint16_t>(std::min(depth, 0xffffU));
  return &types_.emplace_back(std::move(type));
}

const Type* Model::scalar(Scalar scalar, bool constant) {
  Type type;
  type.kind = Kind::scalar;
  type.scalar = scalar;
  type.constant = constant;
  return add(std::move(type));
}

const Type* Model::pointer_to(const Type* element, bool constant) {
  Type type;
  type.kind = Kind::pointer;
  type.element = element;
  type.constant = constant;
  return add(std::move(type));
}

std::string_view text_of(Scalar scalar) {
  static constexpr std::string_view kNames[] = {
      "bool",   "char",         "signed char", "unsigned char", "short",     "unsigned short",
      "int",    "unsigned int", "long",        "unsigned long", "long long", "unsigned long long",
      "size_t", "ptrdiff_t",    "wchar_t",     "char16_t",      "char32_t",  "HANDLE",
      "float",  "double",       "long double"};
  return kNames[static_cast<std::size_t>(scalar)];
}

std::string text_of(const Type& type) { return declare(type, ""); }

std::string text_of(const Expression& expression, const std::vector<Value>& parameters) {
  std::vector<std::string> stack;
  const auto combine = [&](std::string_view sign) {
    if (stack.size() < 2) return;
    const std::string right = std::move(stack.back());
    stack.pop_back();
    stack.back() = "(" + stack.back() + std::string(sign) + right + ")";
  };
  for (const Term& term : expression) {
    switch (term.kind) {
      case Term::Kind::constant:
        stack.push_back(std::to_string(term.constant));
        break;
      case Term::Kind::parameter:
        stack.push_back(parameters[term.parameter].name);
        break;
      case Term::Kind::dereference:
        stack.push_back("*" + parameters[term.parameter].name);
        break;
      case Term::Kind::result:
        stack.emplace_back("return");
        break;
      case Term::Kind::add:
        combine("+");
        break;
      case Term::Kind::subtract:
        combine("-");
        break;
      case Term::Kind::multiply:
        combine("*");
        break;
      case Term::Kind::shift_left:
        combine("<<");
        break;
    }
  }
  if (stack.empty()) return "";
  std::string text = std::move(stack.back());
  if (text.front() == '(') text = text.substr(1, text.size() - 2);
  return text;
}

std::string_view text_of(Convention convention) {
  static constexpr std::string_view kNames[] = {"__cdecl", "__stdcall", "__fastcall", "__thiscall"};
  return kNames[static_cast<std::size_t>(convention)];
}

}  // namespace halfword::model
