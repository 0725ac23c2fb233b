// What stands before a declarator: basic types, structs, unions, enumerations, typedef names, conventions, attributes.
#include "interface/declaration_parser.h"
#include "interface/known_types.h"
#include "interface/layout.h"

namespace halfword::model {
namespace {

template <std::size_t N>
bool one_of(std::string_view word, const std::string_view (&words)[N]) {
  for (const std::string_view candidate : words)
    if (candidate == word) return true;
  return false;
}

constexpr std::string_view kKeywords[] = {"void",  "bool",  "_Bool",  "char",    "short",    "int",
                                          "long",  "float", "double", "signed",  "unsigned", "struct",
                                          "union", "enum",  "const",  "typedef", "return",   "sizeof"};

constexpr std::string_view kNoMeaning[] = {"volatile",   "restrict",      "__restrict", "__restrict__",
                                           "extern",     "static",        "inline",     "__inline",
                                           "__inline__", "__extension__", "_Noreturn",  "register"};

// Attributes that change neither a type nor a call.
constexpr std::string_view kHarmless[] = {
    "nonnull", "pure",       "const",     "noreturn",  "format", "visibility", "malloc", "warn_unused_result",
    "nothrow", "deprecated", "dllimport", "dllexport", "access", "cold",       "leaf",   "returns_nonnull",
    "unused",  "alloc_size", "noalias",   "restrict"};

std::string_view without_underscores(std::string_view word) {
  if (word.size() > 4 && word.starts_with("__") && word.ends_with("__")) return word.substr(2, word.size() - 4);
  return word;
}

}  // namespace

// ---- the list of specifiers ----

bool DeclarationParser::specifiers(Specifiers& out) {
  out.first = peek();
  Arithmetic arithmetic;
  bool constant = false, done = false;
  while (!done && peek().kind == TokenKind::identifier)
    if (!specifier(out, arithmetic, constant, done)) return false;
  if (out.type == nullptr && (arithmetic.any() || arithmetic.is_void))
    out.type = arithmetic_type(arithmetic, out.first);
  if (failure_) return false;
  if (out.type == nullptr) {
    const Token& token = peek();
    if (token.kind != TokenKind::identifier) return fail_at(token, "expected a type, found " + quoted(token));
    const std::string near = nearest_known_type(token.text);
    return fail_at(
        token, quoted(token) + " is not a type" +
                   (near.empty() ? "; declare it before the function, for example `struct " + std::string(token.text) +
                                       ";` and `struct " + std::string(token.text) + " *`"
                                 : "; did you mean " + near + "?"));
  }
  if (constant) out.type = with_const(out.type);
  return true;
}

bool DeclarationParser::specifier(Specifiers& out, Arithmetic& arithmetic, bool& constant, bool& done) {
  const Token token = peek();
  const std::string_view word = token.text;
  const bool has_type = out.type != nullptr || arithmetic.any() || arithmetic.is_void;
  if (word == "const" || word == "__const") {
    constant = true;
  } else if (word == "typedef") {
    out.is_typedef = true;
  } else if (looks_like_sal(word)) {
    return said_word(out.words);
  } else if (word == "__attribute__" || word == "__declspec") {
    bool packed = false;
    if (!attribute(out.convention, packed)) return false;
    return !packed || fail_at(token, "write the attribute packed behind `struct` or behind its closing brace");
  } else if (word == "__pack") {
    return pack_limit();
  } else if (word == "struct" || word == "union" || word == "enum") {
    if (has_type) return fail_at(token, "two types in one declaration");
    out.is_record_or_enum = true;
    out.type = word == "enum" ? enum_specifier() : record_specifier(word == "union");
    return out.type != nullptr;
  } else if (!convention_word(word, out.convention) && !one_of(word, kNoMeaning)) {
    bool taken = false;
    if (out.type == nullptr && !arithmetic_word(arithmetic, token, taken)) return false;
    if (!taken) {
      if (!has_type) out.type = named_type(word);
      if (has_type || out.type == nullptr) {
        done = true;
        return true;
      }
    }
  }
  next();
  return true;
}

bool DeclarationParser::arithmetic_word(Arithmetic& arithmetic, const Token& token, bool& taken) {
  const std::string_view word = token.text;
  taken = true;
  const auto other = [&](Scalar scalar) {
    arithmetic.other = scalar;
    ++arithmetic.others;
    return true;
  };
  if (word == "signed" || word == "__signed__") return ++arithmetic.signs != 0;
  if (word == "unsigned") return ++arithmetic.unsigneds != 0;
  if (word == "short") return ++arithmetic.shorts != 0;
  if (word == "long") return ++arithmetic.longs != 0;
  if (word == "int") return ++arithmetic.ints != 0;
  if (word == "char") return other(Scalar::character);
  if (word == "float") return other(Scalar::float_);
  if (word == "double") return other(Scalar::double_);
  if (word == "bool" || word == "_Bool") return other(Scalar::boolean);
  if (word == "void") return arithmetic.is_void = true;
  if (word == "__int64" && arithmetic.any()) return ++arithmetic.longs, ++arithmetic.longs != 0;
  if (word == "_Complex" || word == "__int128" || word == "__float128" || word == "_Atomic" || word == "_Alignas")
    return fail_at(token, quoted(token) + " is not supported in prototypes");
  taken = false;
  return true;
}

const Type* DeclarationParser::arithmetic_type(const Arithmetic& a, const Token& where) {
  const bool is_unsigned = a.unsigneds != 0;
  const bool sign_said = a.signs + a.unsigneds != 0;
  bool good = a.signs + a.unsigneds <= 1 && a.shorts <= 1 && a.longs <= 2 && a.ints <= 1 && a.others <= 1 &&
              !(a.shorts != 0 && a.longs != 0);
  if (a.is_void) {
    good &= !a.any();
    if (good) return model_.add(Type{});
  }
  Scalar scalar = is_unsigned ? Scalar::unsigned_int : Scalar::int_;
  if (a.others != 0) {
    scalar = a.other;
    good &= a.ints == 0 && a.shorts == 0;
    if (scalar == Scalar::character) {
      good &= a.longs == 0;
      if (sign_said) scalar = is_unsigned ? Scalar::unsigned_char : Scalar::signed_char;
    } else {
      good &= !sign_said && (a.longs == 0 || (a.longs == 1 && scalar == Scalar::double_));
      if (a.longs == 1) scalar = Scalar::long_double;
    }
  } else if (a.shorts != 0) {
    scalar = is_unsigned ? Scalar::unsigned_short : Scalar::short_int;
  } else if (a.longs == 1) {
    scalar = is_unsigned ? Scalar::unsigned_long : Scalar::long_int;
  } else if (a.longs == 2) {
    scalar = is_unsigned ? Scalar::unsigned_long_long : Scalar::long_long;
  }
  if (good) return model_.scalar(scalar);
  fail_at(where, "these words together are no type");
  return nullptr;
}

const Type* DeclarationParser::named_type(std::string_view name) {
  if (const auto found = typedefs_.find(name); found != typedefs_.end()) return found->second;
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  const Type* type = known_type(name, model_);
  if (type != nullptr) known_.emplace(name, type);
  return type;
}

const Type* DeclarationParser::with_const(const Type* type) {
  if (type->constant) return type;
  Type made = *type;
  made.constant = true;
  // `const` of an array is its elements'.
  if (made.kind == Kind::array) made.element = with_const(made.element);
  return model_.add(std::move(made));
}

bool DeclarationParser::is_keyword(std::string_view word) {
  return one_of(word, kKeywords) || one_of(word, kNoMeaning);
}

// ---- conventions and attributes ----

bool DeclarationParser::convention_word(std::string_view word, std::optional<Convention>& out) const {
  static constexpr std::string_view kStdcall[] = {"__stdcall", "_stdcall", "stdcall",           "WINAPI", "CALLBACK",
                                                  "APIENTRY",  "PASCAL",   "STDMETHODCALLTYPE", "NTAPI"};
  static constexpr std::string_view kCdecl[] = {"__cdecl", "_cdecl", "cdecl", "WINAPIV", "CDECL"};
  static constexpr std::string_view kFastcall[] = {"__fastcall", "_fastcall", "fastcall"};
  static constexpr std::string_view kThiscall[] = {"__thiscall", "_thiscall", "thiscall"};
  if (one_of(word, kStdcall)) return out = Convention::stdcall_call, true;
  if (one_of(word, kCdecl)) return out = Convention::cdecl_call, true;
  if (one_of(word, kFastcall)) return out = Convention::fastcall_call, true;
  if (one_of(word, kThiscall)) return out = Convention::thiscall_call, true;
  return false;
}

bool DeclarationParser::attribute(std::optional<Convention>& convention, bool& packed) {
  const bool gnu = next().text == "__attribute__";
  if (!expect("(", "after the attribute's keyword") || (gnu && !expect("(", "in __attribute__(("))) return false;
  while (!at(")")) {
    if (accept(",")) continue;
    if (peek().kind != TokenKind::identifier)
      return fail_at(peek(), "expected an attribute's name, found " + quoted(peek()));
    if (!one_attribute(convention, packed)) return false;
  }
  return expect(")", "after the attribute") && (!gnu || expect(")", "after the attribute"));
}

bool DeclarationParser::one_attribute(std::optional<Convention>& convention, bool& packed) {
  const Token token = next();
  const std::string_view name = without_underscores(token.text);
  if (name == "packed") {
    packed = true;
  } else if (!convention_word(name, convention)) {
    // An attribute that is not known may change the layout or the call.
    if (!one_of(name, kHarmless))
      return fail_at(token, "the attribute " + quoted(token) + " is not supported in prototypes");
    std::size_t begin = 0, end = 0;
    if (at("(")) return skip_parentheses(begin, end);
  }
  return true;
}

bool DeclarationParser::pack_limit() {
  next();
  std::int64_t limit = 0;
  const Token token = peek(1);
  if (!expect("(", "after __pack") || !constant(limit, "a packing limit") || !expect(")", "after the packing limit"))
    return false;
  if (limit != 1 && limit != 2 && limit != 4 && limit != 8 && limit != 16)
    return fail_at(token, "a packing limit is 1, 2, 4, 8 or 16");
  pack_ = static_cast<std::uint32_t>(limit);
  return true;
}

bool DeclarationParser::said_word(SaidWords& out) {
  Said said{sal_word(peek().text), next(), 0, 0};
  if (said.word == nullptr) {
    const std::string near = nearest_sal_word(said.at.text);
    return fail_at(said.at, quoted(said.at) + " is not a word that prototypes know" +
                                (near.empty() ? std::string() : "; did you mean " + near + "?"));
  }
  const bool wants =
      said.word->arguments == SalArguments::capacity || said.word->arguments == SalArguments::capacity_and_length;
  if (wants && !at("(")) return fail_at(said.at, quoted(said.at) + " needs its size in parentheses");
  if (said.word->arguments != SalArguments::none && at("(") && !skip_parentheses(said.begin, said.end)) return false;
  out.push_back(said);
  return true;
}

// ---- structs, unions ----

const Type* DeclarationParser::record_specifier(bool is_union) {
  next();
  const std::uint32_t pack = pack_;
  pack_ = 0;
  std::optional<Convention> convention;
  bool packed = false;
  while (at_word("__attribute__") || at_word("__declspec"))
    if (!attribute(convention, packed)) return nullptr;
  if (convention) {
    fail_at(peek(), "a struct has no calling convention");
    return nullptr;
  }
  Record* record = nullptr;
  const Token tag = peek();
  if (tag.kind == TokenKind::identifier) {
    next();
    Record*& slot = tags_[tag.text];
    if (slot == nullptr) {
      slot = model_.add_record();
      slot->name = tag.text;
      slot->is_union = is_union;
    }
    record = slot;
    if (record->is_union != is_union) {
      fail_at(tag, quoted(tag) + " is a " + (record->is_union ? "union" : "struct"));
      return nullptr;
    }
  } else {
    if (!at("{")) {
      fail_at(tag, "expected a tag or the fields in braces, found " + quoted(tag));
      return nullptr;
    }
    record = model_.add_record();
    record->is_union = is_union;
  }
  if (at("{")) {
    if (record->complete || !record->fields.empty()) {
      fail_at(tag, quoted(tag) + " is declared twice");
      return nullptr;
    }
    record->pack = pack;
    record->packed = packed;
    if (!record_body(*record)) return nullptr;
  }
  Type type;
  type.kind = Kind::record;
  type.record = record;
  return model_.add(std::move(type));
}

bool DeclarationParser::record_body(Record& record) {
  const Token open = next();
  if (!enter()) return false;
  if (!open_records_.insert(&record).second) return fail_at(open, "this is declared inside itself");
  while (!accept("}")) {
    if (peek().kind == TokenKind::end) return fail_at(open, "this brace is not closed");
    if (!field_declaration(record)) return false;
  }
  open_records_.erase(&record);
  leave();
  std::optional<Convention> convention;
  while (at_word("__attribute__"))
    if (!attribute(convention, record.packed)) return false;
  if (convention) return fail_at(open, "a struct has no calling convention");
  for (const Field& field : record.fields) record.depth = std::max(record.depth, field.type->depth);
  if (record.depth >= kMaxNesting)
    return fail_at(open, "types nested more than " + std::to_string(kMaxNesting) + " levels deep");
  if (auto done = lay_out(record); !done) return fail_at(open, done.error().message);
  return true;
}

bool DeclarationParser::field_declaration(Record& record) {
  Specifiers spec;
  if (!specifiers(spec)) return false;
  if (spec.is_typedef) return fail_at(spec.first, "a typedef cannot stand in a struct");
  if (!spec.words.empty()) return fail_at(spec.words.front().at, "words of fields are not supported in prototypes");
  if (at(";") && spec.type->kind == Kind::record) {
    Field anonymous;
    anonymous.type = spec.type;
    if (!add_field(record, std::move(anonymous), spec.first)) return false;
    return accept(";");
  }
  for (;;) {
    if (!field(record, spec)) return false;
    if (accept(",")) continue;
    return expect(";", "after the field");
  }
}

bool DeclarationParser::field(Record& record, const Specifiers& spec) {
  Field made;
  Declarator declared;
  declared.first = peek();
  if (!at(":") && !declarator(declared)) return false;
  if (!declared.words.empty())
    return fail_at(declared.words.front().at, "words of fields are not supported in prototypes");
  made.type = build(spec.type, declared, {}, spec.convention);
  if (made.type == nullptr) return false;
  made.name = declared.name.text;
  made.column = column_of(declared.first);
  if (at(":") && !bit_width(made)) return false;
  if (made.name.empty() && !made.is_bit_field)
    return fail_at(peek(), "expected the field's name, found " + quoted(peek()));
  return add_field(record, std::move(made), declared.name.kind == TokenKind::identifier ? declared.name : spec.first);
}

bool DeclarationParser::bit_width(Field& field) {
  const Token colon = next();
  std::int64_t bits = 0;
  if (!constant(bits, "a bit-field's width")) return false;
  if (field.type->kind != Kind::enumeration &&
      (field.type->kind != Kind::scalar || is_floating(field.type->scalar) || field.type->scalar == Scalar::handle))
    return fail_at(colon, "a bit-field's type is an integer, bool or an enumeration");
  field.is_bit_field = true;
  // Its width has to fit at every target, where the type may have fewer bits.
  std::uint64_t most = 64;
  for (std::size_t index = 0; index < kTargetCount; ++index)
    most = std::min(most, layout_of(field.type->scalar, static_cast<Target>(index)).size * 8);
  if (field.type->scalar == Scalar::boolean && field.type->kind == Kind::scalar) most = 1;
  if (bits < 0 || static_cast<std::uint64_t>(bits) > most)
    return fail_at(colon, "a bit-field of this type has at most " + std::to_string(most) + " bits");
  if (bits == 0 && !field.name.empty()) return fail_at(colon, "a bit-field of no bits has no name");
  field.bits = static_cast<std::uint32_t>(bits);
  return true;
}

bool DeclarationParser::add_field(Record& record, Field field, const Token& where) {
  if (record.fields.size() == kMaxFields) return fail_at(where, "more than " + std::to_string(kMaxFields) + " fields");
  if (!layout_of(*field.type, Target::x86_64_linux)) {
    if (field.type->kind == Kind::array && field.type->count == 0)
      return fail_at(where, "an array without a length cannot be a field; give it the length that is used");
    return fail_at(where, "a field of type \"" + text_of(*field.type) + "\" has no size");
  }
  if (!field.name.empty())
    for (const Field& other : record.fields)
      if (other.name == field.name) return fail_at(where, quoted(where) + " is declared twice");
  record.fields.push_back(std::move(field));
  return true;
}

// ---- enumerations ----

const Type* DeclarationParser::enum_specifier() {
  next();
  const Token tag = peek();
  if (tag.kind == TokenKind::identifier) next();
  if (at("{")) {
    if (tag.kind == TokenKind::identifier && enums_.contains(tag.text)) {
      fail_at(tag, quoted(tag) + " is declared twice");
      return nullptr;
    }
    if (!enumerators()) return nullptr;
    Type type;
    type.kind = Kind::enumeration;
    if (tag.kind == TokenKind::identifier) type.name = "enum " + std::string(tag.text);
    const Type* made = model_.add(std::move(type));
    if (tag.kind == TokenKind::identifier) enums_.emplace(tag.text, made);
    return made;
  }
  const auto found = tag.kind == TokenKind::identifier ? enums_.find(tag.text) : enums_.end();
  if (found == enums_.end()) {
    fail_at(tag, "the enumeration " + quoted(tag) + " is not declared; write its values in braces before the function");
    return nullptr;
  }
  return found->second;
}

bool DeclarationParser::enumerators() {
  const Token open = next();
  std::int64_t value = 0;
  while (!accept("}")) {
    const Token name = next();
    if (name.kind != TokenKind::identifier)
      return name.kind == TokenKind::end ? fail_at(open, "this brace is not closed")
                                         : fail_at(name, "expected a name, found " + quoted(name));
    if (accept("=") && !constant(value, "an enumeration's value")) return false;
    // GCC would make the enumeration wider, Microsoft's compiler would not.
    if (value < INT32_MIN || value > static_cast<std::int64_t>(UINT32_MAX))
      return fail_at(name, "an enumeration's value has at most 32 bits");
    if (!enumerators_.emplace(name.text, value).second) return fail_at(name, quoted(name) + " is declared twice");
    ++value;
    if (!at("}") && !expect(",", "between the values")) return false;
  }
  return true;
}

}  // namespace halfword::model
