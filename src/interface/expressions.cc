// Constants in declarations, and the expressions in SAL's words, which name parameters.
#include <limits>

#include "interface/declaration_parser.h"
#include "interface/layout.h"

namespace halfword::model {
namespace {

constexpr std::size_t kMaxTerms = 64;

// Evaluates terms that are all constants; nothing on overflow.
std::optional<std::int64_t> value_of(const Expression& expression) {
  std::vector<std::int64_t> stack;
  for (const Term& term : expression) {
    if (term.kind == Term::Kind::constant) {
      stack.push_back(term.constant);
      continue;
    }
    const std::int64_t right = stack.back();
    stack.pop_back();
    std::int64_t& left = stack.back();
    bool overflow = false;
    switch (term.kind) {
      case Term::Kind::add:
        overflow = __builtin_add_overflow(left, right, &left);
        break;
      case Term::Kind::subtract:
        overflow = __builtin_sub_overflow(left, right, &left);
        break;
      case Term::Kind::multiply:
        overflow = __builtin_mul_overflow(left, right, &left);
        break;
      default:
        overflow = left < 0 || right < 0 || right > 62 || left > std::numeric_limits<std::int64_t>::max() >> right;
        if (!overflow) left <<= right;
    }
    if (overflow) return std::nullopt;
  }
  return stack.back();
}

bool is_character(const Type& type) {
  if (type.kind != Kind::scalar) return false;
  switch (type.scalar) {
    case Scalar::character:
    case Scalar::signed_char:
    case Scalar::unsigned_char:
    case Scalar::wide:
    case Scalar::char16:
    case Scalar::unsigned_short:
    case Scalar::char32:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool DeclarationParser::constant(std::int64_t& value, std::string_view what) {
  Expression expression;
  const Token first = peek();
  if (!extent(tokens_.size(), nullptr, expression)) return false;
  const auto result = value_of(expression);
  if (!result) return fail_at(first, std::string(what) + " does not fit 64 bits");
  value = *result;
  return true;
}

// ---- words ----

bool DeclarationParser::apply_words(const SaidWords& said, const std::vector<Value>& parameters, Value& value,
                                    bool to_result) {
  for (const Said& word : said) {
    if (word.word->of_result != to_result) continue;
    if (!apply_word(word, parameters, value)) return false;
  }
  return true;
}

bool DeclarationParser::apply_word(const Said& said, const std::vector<Value>& parameters, Value& value) {
  const Words& word = said.word->words;
  Words& words = value.words;
  const Type& type = *value.type;
  const bool is_pointer = type.kind == Kind::pointer;
  if (word.direction != Direction::unsaid) {
    if (words.direction != Direction::unsaid) return fail_at(said.at, "two words say which way this parameter goes");
    // `_In_ int x` is usual in Windows' headers and says nothing new.
    if (!is_pointer && word.direction == Direction::in && said.word->arguments == SalArguments::none &&
        !word.zero_terminated)
      return true;
  }
  if (!is_pointer) return fail_at(said.at, quoted(said.at) + " speaks of memory, but this is no pointer");
  const Type& element = *type.element;
  if (element.constant && (word.direction == Direction::out || word.direction == Direction::inout))
    return fail_at(said.at, quoted(said.at) + " says that this is written, but it points to const");
  if (word.outptr && element.kind != Kind::pointer)
    return fail_at(said.at, quoted(said.at) + " needs a pointer to a pointer");
  if (word.zero_terminated && !is_character(element) &&
      !(element.kind == Kind::pointer && is_character(*element.element) &&
        said.word->arguments == SalArguments::capacity))
    return fail_at(said.at, quoted(said.at) + " needs a pointer to characters");
  if (word.result_string && !is_character(*element.element))
    return fail_at(said.at, quoted(said.at) + " needs a pointer to a pointer to characters");
  if (word.direction != Direction::unsaid) words.direction = word.direction;
  words.optional |= word.optional;
  words.zero_terminated |= word.zero_terminated;
  words.in_bytes |= word.in_bytes;
  words.outptr |= word.outptr;
  words.result_string |= word.result_string;
  words.maybe_null |= word.maybe_null;
  words.token |= word.token;
  if (said.word->arguments == SalArguments::text)
    words.retained = said.begin == said.end
                         ? word.retained
                         : std::string(source_.substr(tokens_[said.begin].offset,
                                                      tokens_[said.end].offset - tokens_[said.begin].offset));
  if (said.word->arguments == SalArguments::none || said.word->arguments == SalArguments::text) return true;
  at_ = said.begin;
  if (!extent(said.end, &parameters, words.capacity)) return false;
  if (said.word->arguments == SalArguments::capacity_and_length) {
    if (at_ >= said.end || !accept(","))
      return fail_at(peek(), quoted(said.at) + " needs a capacity and a length: (capacity, length)");
    if (!extent(said.end, &parameters, words.length)) return false;
  }
  if (at_ != said.end) return fail_at(peek(), "expected ')' after the size, found " + quoted(peek()));
  return true;
}

// What can be seen only when the words of all parameters are known.
bool DeclarationParser::check_extents(const std::vector<Value>& parameters) {
  for (const Value& value : parameters) {
    Token where;
    where.offset = value.column - 1;
    where.text = source_.substr(where.offset, value.name.size());
    for (const Term& term : value.words.capacity) {
      if (term.kind == Term::Kind::result)
        return fail_at(where, "the size of \"" + value.name + "\" before the call cannot be what the call returns");
      if (term.kind == Term::Kind::dereference && parameters[term.parameter].words.direction == Direction::out)
        return fail_at(where, "the size of \"" + value.name + "\" is read from \"" + parameters[term.parameter].name +
                                  "\" before the call, so that must be _Inout_ or _In_, not _Out_");
    }
  }
  return true;
}

// ---- expressions ----

// `end` is the token behind the expression; `parameters` is null where only constants may stand.
bool DeclarationParser::extent(std::size_t end, const std::vector<Value>* parameters, Expression& out) {
  if (!enter()) return false;
  if (!sum(parameters, out)) return false;
  while (accept("<<")) {
    if (!sum(parameters, out)) return false;
    out.push_back({Term::Kind::shift_left});
  }
  if (at_ > end) return fail_at(tokens_[end], "the size is not complete");
  leave();
  return true;
}

bool DeclarationParser::sum(const std::vector<Value>* parameters, Expression& out) {
  if (!product(parameters, out)) return false;
  while (at("+") || at("-")) {
    const Term::Kind kind = next().text == "+" ? Term::Kind::add : Term::Kind::subtract;
    if (!product(parameters, out)) return false;
    out.push_back({kind});
  }
  return true;
}

bool DeclarationParser::product(const std::vector<Value>* parameters, Expression& out) {
  if (!operand(parameters, out)) return false;
  while (accept("*")) {
    if (!operand(parameters, out)) return false;
    out.push_back({Term::Kind::multiply});
  }
  return true;
}

bool DeclarationParser::operand(const std::vector<Value>* parameters, Expression& out) {
  if (out.size() >= kMaxTerms)
    return fail_at(peek(), "the expression has more than " + std::to_string(kMaxTerms) + " parts");
  const Token token = next();
  if (token.kind == TokenKind::number) {
    out.push_back({Term::Kind::constant, static_cast<std::int64_t>(token.value)});
    return true;
  }
  if (token.text == "-") {
    out.push_back({Term::Kind::constant, 0});
    if (!enter() || !operand(parameters, out)) return false;
    leave();
    out.push_back({Term::Kind::subtract});
    return true;
  }
  if (token.text == "(") return extent(tokens_.size(), parameters, out) && expect(")", "in the expression");
  if (token.text == "*" && parameters != nullptr) {
    const bool wrapped = accept("(");
    if (!name_operand(next(), true, parameters, out)) return false;
    return !wrapped || expect(")", "in the expression");
  }
  return name_operand(token, false, parameters, out);
}

bool DeclarationParser::name_operand(const Token& token, bool dereferenced, const std::vector<Value>* parameters,
                                     Expression& out) {
  if (token.kind != TokenKind::identifier) return fail_at(token, "expected a number or a name, found " + quoted(token));
  if (parameters != nullptr) {
    if (token.text == "return" && !dereferenced) {
      out.push_back({Term::Kind::result});
      return true;
    }
    for (std::size_t index = 0; index < parameters->size(); ++index) {
      const Value& value = (*parameters)[index];
      if (value.name != token.text) continue;
      const Type* type = value.type;
      if (dereferenced) type = type->kind == Kind::pointer ? type->element : nullptr;
      if (type == nullptr || !is_integer(*type))
        return fail_at(token, quoted(token) + (dereferenced ? " is not a pointer to an integer"
                                                            : " is not an integer; write *" + value.name +
                                                                  " for what it points to"));
      Term term{dereferenced ? Term::Kind::dereference : Term::Kind::parameter};
      term.parameter = static_cast<std::uint32_t>(index);
      out.push_back(term);
      return true;
    }
  }
  if (const auto found = enumerators_.find(token.text); found != enumerators_.end() && !dereferenced) {
    out.push_back({Term::Kind::constant, found->second});
    return true;
  }
  return fail_at(
      token, quoted(token) + (parameters != nullptr ? " is not a parameter of this function" : " is not a constant"));
}

}  // namespace halfword::model
