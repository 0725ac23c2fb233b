// Declarations and declarators. What stands before them is in specifiers.cc, extents are in expressions.cc.
#include "interface/declaration_parser.h"

#include "interface/layout.h"

namespace halfword::model {

// ---- tokens ----

const Token& DeclarationParser::peek(std::size_t ahead) const {
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : tokens_.back();
}

Token DeclarationParser::next() {
  const Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool DeclarationParser::at(std::string_view punctuation) const {
  return peek().kind == TokenKind::punctuation && peek().text == punctuation;
}

bool DeclarationParser::accept(std::string_view punctuation) {
  if (!at(punctuation)) return false;
  next();
  return true;
}

bool DeclarationParser::expect(std::string_view punctuation, std::string_view where) {
  if (accept(punctuation)) return true;
  return fail_at(peek(),
                 "expected '" + std::string(punctuation) + "' " + std::string(where) + ", found " + quoted(peek()));
}

bool DeclarationParser::at_word(std::string_view word) const {
  return peek().kind == TokenKind::identifier && peek().text == word;
}

// From an opening parenthesis over its closing one; [begin, end) are the tokens between.
bool DeclarationParser::skip_parentheses(std::size_t& begin, std::size_t& end) {
  const Token open = peek();
  if (!expect("(", "here")) return false;
  begin = at_;
  for (unsigned nesting = 1;;) {
    if (peek().kind == TokenKind::end) return fail_at(open, "this parenthesis is not closed");
    end = at_;
    const Token token = next();
    if (token.text == "(") ++nesting;
    if (token.text == ")" && --nesting == 0) return true;
  }
}

bool DeclarationParser::fail_at(const Token& token, std::string message) {
  if (!failure_) failure_ = ParseFailure{std::move(message), token.offset, token.text};
  return false;
}

bool DeclarationParser::enter() {
  if (++depth_ <= kMaxNesting) return true;
  return fail_at(peek(), "this is nested more than " + std::to_string(kMaxNesting) + " levels deep");
}

std::string DeclarationParser::quoted(const Token& token) {
  return token.kind == TokenKind::end ? "the end of the prototype" : "\"" + std::string(token.text) + "\"";
}

std::uint32_t DeclarationParser::column_of(const Token& token) const {
  return static_cast<std::uint32_t>(token.offset + 1);
}

// ---- declarations ----

bool DeclarationParser::run(Function& function) {
  for (bool found = false; !found;) {
    while (accept(";")) {
    }
    if (peek().kind == TokenKind::end)
      return fail_at(peek(), "there is no function; a prototype looks like `int add(int a, int b)`");
    if (!declaration(function, found)) return false;
  }
  while (accept(";")) {
  }
  if (peek().kind == TokenKind::end) return true;
  return fail_at(
      peek(), "a prototype ends with its function, but " + quoted(peek()) + " follows; types are declared before it");
}

bool DeclarationParser::declaration(Function& function, bool& found) {
  Specifiers spec;
  if (!specifiers(spec)) return false;
  if (spec.is_record_or_enum && at(";")) return accept(";");
  for (;;) {
    Declarator declared;
    if (!declarator(declared)) return false;
    for (bool packed = false; at_word("__attribute__");) {
      const Token where = peek();
      if (!attribute(spec.convention, packed)) return false;
      if (packed) return fail_at(where, "only a struct or union can be packed");
    }
    const bool is_function = !spec.is_typedef;
    const Type* type = build(spec.type, declared, is_function ? spec.words : SaidWords(), spec.convention);
    if (type == nullptr) return false;
    if (is_function) {
      found = true;
      return finish_function(spec, declared, type, function);
    }
    if (!spec.words.empty() || !declared.words.empty())
      return fail_at((spec.words.empty() ? declared.words : spec.words).front().at,
                     "a typedef takes no words; write them at the parameter");
    if (declared.name.kind != TokenKind::identifier)
      return fail_at(peek(), "expected the typedef's name, found " + quoted(peek()));
    Type named = *type;
    named.name = declared.name.text;
    if (!typedefs_.emplace(declared.name.text, model_.add(std::move(named))).second)
      return fail_at(declared.name, quoted(declared.name) + " is declared twice");
    if (accept(",")) continue;
    return expect(";", "after the typedef");
  }
}

bool DeclarationParser::finish_function(const Specifiers& spec, const Declarator& declared, const Type* type,
                                        Function& function) {
  if (type->kind == Kind::pointer && type->element->kind == Kind::function) type = type->element;
  if (type->kind != Kind::function) {
    const Token& where = declared.name.kind == TokenKind::identifier ? declared.name : spec.first;
    return fail_at(where, declared.name.kind == TokenKind::identifier
                              ? quoted(where) + " is not a function; write its parameters in parentheses: `int f(void)`"
                              : "this is a type, not a function");
  }
  for (const SaidWords* words : {&spec.words, &declared.words})
    for (const Said& said : *words)
      if (!said.word->of_result)
        return fail_at(said.at,
                       quoted(said.at) + " belongs to a parameter; of a result say _Ret_z_ or _Ret_maybenull_");
  function.name = declared.name.text;
  function.signature = *type->signature;
  return true;
}

// ---- declarators ----

bool DeclarationParser::declarator(Declarator& out) {
  if (!enter()) return false;
  out.first = peek();
  std::vector<Derivation> pointers;
  Declarator level;
  if (!prefix(level)) return false;
  pointers = std::move(level.parts);
  out.words = std::move(level.words);
  out.convention = level.convention;
  if (!direct(out)) return false;
  while (!pointers.empty()) {
    out.parts.push_back(std::move(pointers.back()));
    pointers.pop_back();
  }
  if (out.parts.size() > kMaxNesting)
    return fail_at(out.first,
                   "more than " + std::to_string(kMaxNesting) + " pointers, arrays and functions in one declaration");
  leave();
  return true;
}

// Pointers with their qualifiers, conventions, attributes and words, in the order of the text.
bool DeclarationParser::prefix(Declarator& out) {
  for (;;) {
    if (accept("*")) {
      if (out.parts.size() == kMaxNesting)
        return fail_at(peek(), "more than " + std::to_string(kMaxNesting) + " pointers in one declaration");
      out.parts.push_back({Kind::pointer, false, 0, {}});
      continue;
    }
    if (peek().kind != TokenKind::identifier) return true;
    const std::string_view word = peek().text;
    if (word == "const") {
      if (!out.parts.empty()) out.parts.back().constant = true;
    } else if (word == "__attribute__" || word == "__declspec") {
      bool packed = false;
      if (!attribute(out.convention, packed)) return false;
      if (packed) return fail_at(peek(), "only a struct or union can be packed");
      continue;
    } else if (looks_like_sal(word)) {
      if (!said_word(out.words)) return false;
      continue;
    } else if (!convention_word(word, out.convention) && word != "volatile" && word != "restrict" &&
               word != "__restrict" && word != "__restrict__") {
      return true;
    }
    next();
  }
}

bool DeclarationParser::direct(Declarator& out) {
  std::optional<Convention> convention = out.convention;
  // Behind `(` either a nested declarator or, where there is no name, the parameters.
  const bool nested =
      at("(") && !(peek(1).kind == TokenKind::punctuation && peek(1).text == ")") && !starts_type(peek(1));
  if (peek().kind == TokenKind::identifier) {
    if (is_keyword(peek().text)) return fail_at(peek(), quoted(peek()) + " cannot be a name");
    out.name = next();
  } else if (nested) {
    next();
    Declarator inner;
    if (!declarator(inner) || !expect(")", "after the declarator")) return false;
    out.name = inner.name;
    out.parts = std::move(inner.parts);
    for (Said& said : inner.words) out.words.push_back(said);
    if (inner.convention) convention = inner.convention;
  }
  const std::size_t before = out.parts.size();
  if (!suffixes(out, convention)) return false;
  bool used = false;
  for (std::size_t index = before; index < out.parts.size(); ++index) used |= out.parts[index].kind == Kind::function;
  out.convention = used ? std::nullopt : convention;
  return true;
}

bool DeclarationParser::suffixes(Declarator& out, std::optional<Convention> convention) {
  for (;;) {
    if (out.parts.size() > kMaxNesting)
      return fail_at(peek(), "more than " + std::to_string(kMaxNesting) + " arrays and functions in one declaration");
    if (at("[")) {
      if (!array_suffix(out)) return false;
    } else if (at("(")) {
      Derivation part{Kind::function, false, 0, {}};
      if (convention) part.signature.convention = *convention;
      part.constant = convention.has_value();  // of a function: its convention was said
      if (!parameters(part.signature)) return false;
      out.parts.push_back(std::move(part));
    } else {
      return true;
    }
  }
}

bool DeclarationParser::array_suffix(Declarator& out) {
  const Token open = next();
  Derivation part{Kind::array, false, 0, {}};
  if (!at("]")) {
    std::int64_t count = 0;
    if (!constant(count, "an array's length")) return false;
    if (count < 1) return fail_at(open, "an array has at least one element");
    part.count = static_cast<std::uint64_t>(count);
  }
  out.parts.push_back(std::move(part));
  return expect("]", "after the array's length");
}

bool DeclarationParser::starts_type(const Token& token) {
  if (token.kind == TokenKind::punctuation) return token.text == "...";
  return token.kind == TokenKind::identifier &&
         (is_keyword(token.text) || looks_like_sal(token.text) || named_type(token.text) != nullptr);
}

// ---- parameters ----

bool DeclarationParser::parameters(Signature& signature) {
  if (!expect("(", "before the parameters") || !enter()) return false;
  std::vector<SaidWords> words;
  const bool is_void = at_word("void") && peek(1).text == ")";
  if (is_void) next();
  while (!is_void && !at(")")) {
    if (!signature.parameters.empty() || signature.variadic) {
      if (!expect(",", "between parameters")) return false;
    }
    if (at("...")) {
      const Token dots = next();
      if (signature.variadic) return fail_at(dots, "\"...\" stands twice");
      signature.variadic = true;
      signature.fixed = signature.parameters.size();
      continue;
    }
    Value value;
    if (!parameter(value, words.emplace_back())) return false;
    if (signature.variadic) value.type = promoted(value.type);
    signature.parameters.push_back(std::move(value));
    if (signature.parameters.size() > kMaxParameters)
      return fail_at(peek(), "more than " + std::to_string(kMaxParameters) + " parameters");
  }
  if (!expect(")", "after the parameters")) return false;
  if (!signature.variadic) signature.fixed = signature.parameters.size();
  // Only now: an extent may name a parameter that stands further on.
  const std::size_t end = at_;
  for (std::size_t index = 0; index < signature.parameters.size(); ++index)
    if (!apply_words(words[index], signature.parameters, signature.parameters[index], false)) return false;
  if (!check_extents(signature.parameters)) return false;
  at_ = end;
  leave();
  return true;
}

bool DeclarationParser::parameter(Value& value, SaidWords& words) {
  Specifiers spec;
  if (!specifiers(spec)) return false;
  if (spec.is_typedef) return fail_at(spec.first, "a parameter cannot be a typedef");
  Declarator declared;
  if (!declarator(declared)) return false;
  words = std::move(spec.words);
  for (Said& said : declared.words) words.push_back(said);
  const Type* type = build(spec.type, declared, words, spec.convention);
  if (type == nullptr) return false;
  std::erase_if(words, [](const Said& said) { return said.word->of_result; });
  value.type = adjusted(type);
  value.name = declared.name.text;
  value.column = column_of(declared.name.kind == TokenKind::identifier ? declared.name : spec.first);
  if (value.type->kind == Kind::void_type) return fail_at(spec.first, "a parameter cannot be void");
  if (value.type->kind == Kind::record && !value.type->record->complete)
    return fail_at(spec.first,
                   "\"" + text_of(*value.type) +
                       "\" is not declared with its fields; pass a pointer to it, or declare it before the function");
  return true;
}

// C11 6.7.6.3: arrays become pointers to their elements, functions pointers to themselves.
const Type* DeclarationParser::adjusted(const Type* type) {
  if (type->kind == Kind::array) return model_.pointer_to(type->element);
  if (type->kind == Kind::function) return model_.pointer_to(type);
  return type;
}

// C11 6.5.2.2: what stands behind `...` is promoted.
const Type* DeclarationParser::promoted(const Type* type) {
  if (type->kind != Kind::scalar) return type;
  switch (type->scalar) {
    case Scalar::float_:
      return model_.scalar(Scalar::double_);
    case Scalar::boolean:
    case Scalar::character:
    case Scalar::signed_char:
    case Scalar::unsigned_char:
    case Scalar::short_int:
    case Scalar::unsigned_short:
    case Scalar::char16:
      return model_.scalar(Scalar::int_);
    default:
      return type;
  }
}

// ---- building types ----

const Type* DeclarationParser::build(const Type* base, Declarator& declared, const SaidWords& words,
                                     std::optional<Convention> convention) {
  Derivation* function = nullptr;  // the one nearest to the name: specifiers speak of it
  for (Derivation& part : declared.parts)
    if (part.kind == Kind::function && function == nullptr) function = &part;
  if (!convention) convention = declared.convention;
  if (convention && function == nullptr) {
    fail_at(declared.first, "a calling convention stands here, but this is no function");
    return nullptr;
  }
  if (convention && !function->constant) function->signature.convention = *convention;
  const Type* type = base;
  for (std::size_t index = declared.parts.size(); index-- != 0;) {
    Derivation& part = declared.parts[index];
    if (part.kind == Kind::function) {
      part.signature.result.type = type;
      if (&part == function) {
        SaidWords all = words;
        for (const Said& said : declared.words) all.push_back(said);
        if (!apply_words(all, part.signature.parameters, part.signature.result, true)) return nullptr;
      }
    }
    type = derive(type, part, declared.first);
    if (type == nullptr) return nullptr;
  }
  return type;
}

const Type* DeclarationParser::derive(const Type* inner, Derivation& part, const Token& where) {
  Type type;
  type.kind = part.kind;
  if (part.kind == Kind::function) {
    if (inner->kind == Kind::record && !inner->record->complete) {
      fail_at(where,
              "\"" + text_of(*inner) + "\" is not declared with its fields; a function can return a pointer to it");
      return nullptr;
    }
    if (inner->kind == Kind::array || inner->kind == Kind::function) {
      fail_at(where, "a function cannot return an array or a function");
      return nullptr;
    }
    // A variadic function has cdecl's stack whatever is said: nobody but the caller knows what to remove.
    if (part.signature.variadic) part.signature.convention = Convention::cdecl_call;
    type.signature = model_.add(std::move(part.signature));
  } else {
    type.element = inner;
    type.constant = part.kind == Kind::pointer && part.constant;
    type.count = part.count;
  }
  if (part.kind == Kind::array) {
    const auto element = layout_of(*inner, Target::x86_64_linux);
    if (!element) {
      fail_at(where, "an array of \"" + text_of(*inner) + "\" has no size");
      return nullptr;
    }
    if (part.count > kMaxTypeSize / element->size) {
      fail_at(where, "an array of more than " + std::to_string(kMaxTypeSize >> 20) + " MiB");
      return nullptr;
    }
  }
  const Type* made = model_.add(std::move(type));
  if (made->depth <= kMaxNesting) return made;
  fail_at(where, "types nested more than " + std::to_string(kMaxNesting) + " levels deep");
  return nullptr;
}

}  // namespace halfword::model
