#include "cli/arguments.h"

#include <cstring>
#include <limits>

#include "interface/layout.h"

namespace halfword::cli {
namespace {

using model::Direction;
using model::Kind;
using model::Term;
using model::Type;

constexpr model::Target kClient = model::this_target();
constexpr std::uint64_t kMaxBuffer = std::uint64_t{2} << 30;

std::size_t size_of(const Type& type) {
  const std::optional<model::Layout> layout = layout_of(type, kClient);
  return layout ? static_cast<std::size_t>(layout->size) : 0;
}

// Of an element behind a pointer; what has no size of its own is counted in bytes.
std::size_t element_size(const Type& element) {
  const std::size_t size = element.kind == Kind::function ? 0 : size_of(element);
  return size == 0 ? 1 : size;
}

std::optional<std::int64_t> integer_at(const std::byte* at, const Type& type) {
  if (at == nullptr || !model::is_integer(type)) return std::nullopt;
  std::uint64_t bits = 0;
  const std::size_t size = size_of(type);
  std::memcpy(&bits, at, size);
  const unsigned unused = 64 - static_cast<unsigned>(size) * 8;
  if (is_signed_type(type)) return static_cast<std::int64_t>(bits << unused) >> unused;
  // An extent of half the address space and more is refused as negative.
  return static_cast<std::int64_t>(bits);
}

std::optional<std::int64_t> operand(const Term& term, const std::vector<Argument>& arguments,
                                    std::optional<std::int64_t> result) {
  if (term.kind == Term::Kind::constant) return term.constant;
  if (term.kind == Term::Kind::result) return result;
  if (term.parameter >= arguments.size()) return std::nullopt;
  const Argument& argument = arguments[term.parameter];
  if (term.kind == Term::Kind::parameter) return integer_at(argument.value.data(), *argument.parameter->type);
  if (!argument.is_buffer) return std::nullopt;
  const std::byte* at = argument.buffer;
  if (at == nullptr && argument.content.size() >= element_size(argument.element())) at = argument.content.data();
  return integer_at(at, argument.element());
}

bool combine(Term::Kind kind, std::int64_t& left, std::int64_t right) {
  if (kind == Term::Kind::add) return !__builtin_add_overflow(left, right, &left);
  if (kind == Term::Kind::subtract) return !__builtin_sub_overflow(left, right, &left);
  if (kind == Term::Kind::multiply) return !__builtin_mul_overflow(left, right, &left);
  if (left < 0 || right < 0 || right > 62 || left > std::numeric_limits<std::int64_t>::max() >> right) return false;
  left <<= right;
  return true;
}

std::unexpected<Error> not_a_size() {
  return fail(ErrorCode::argument_range, "the size that the arguments give is negative or too large");
}

Error in_argument(Error error, const Argument& argument) {
  error.message = argument.label + ": " + error.message;
  if (error.code != ErrorCode::export_missing) error.name = argument.parameter->name;
  return error;
}

}  // namespace

// The engine works extents out again when it makes the call; here they protect this program's own buffers from a size
// that the user gave wrongly.
Result<std::optional<std::uint64_t>> extent_of(const model::Expression& expression,
                                               const std::vector<Argument>& arguments,
                                               std::optional<std::int64_t> result) {
  std::vector<std::int64_t> stack;
  for (const Term& term : expression) {
    if (term.kind < Term::Kind::add) {
      const std::optional<std::int64_t> value = operand(term, arguments, result);
      if (!value) return std::optional<std::uint64_t>();
      stack.push_back(*value);
      continue;
    }
    if (stack.size() < 2) return not_a_size();
    const std::int64_t right = stack.back();
    stack.pop_back();
    if (!combine(term.kind, stack.back(), right)) return not_a_size();
  }
  if (stack.size() != 1 || stack[0] < 0) return not_a_size();
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(stack[0]));
}

Result<std::unique_ptr<ArgumentList>> ArgumentList::create(Library& library, const model::Signature& signature,
                                                           const std::vector<std::string>& words) {
  const std::size_t wanted = signature.parameters.size();
  if (words.size() != wanted)
    return fail(ErrorCode::argument_type, "the prototype has " + std::to_string(wanted) +
                                              (wanted == 1 ? " parameter, and " : " parameters, and ") +
                                              std::to_string(words.size()) +
                                              (words.size() == 1 ? " argument was given" : " arguments were given"));
  std::unique_ptr<ArgumentList> list(new ArgumentList(library, signature));
  list->arguments_.resize(wanted);
  for (std::size_t index = 0; index < wanted; ++index) {
    Argument& argument = list->arguments_[index];
    argument.parameter = &signature.parameters[index];
    argument.label = "argument " + std::to_string(index + 1);
    if (!argument.parameter->name.empty()) argument.label += " (" + argument.parameter->name + ")";
    argument.value.resize(size_of(*argument.parameter->type));
    const Result<Literal> literal = parse_literal(words[index]);
    if (!literal) return fail(in_argument(literal.error(), argument));
    if (Result<void> done = list->read(argument, *literal); !done) return fail(in_argument(done.error(), argument));
  }
  for (Argument& argument : list->arguments_) {
    Result<void> done = list->fit_extent(argument);
    if (!done) return fail(in_argument(done.error(), argument));
  }
  for (Argument& argument : list->arguments_) {
    if (Result<void> done = list->place(argument); !done) return fail(in_argument(done.error(), argument));
    list->pointers_.push_back(argument.value.data());
  }
  return list;
}

Result<void> ArgumentList::read(Argument& argument, const Literal& literal) {
  const Type& type = *argument.parameter->type;
  if (type.kind != Kind::pointer) {
    if (literal.kind == Literal::Kind::out || literal.kind == Literal::Kind::inout)
      return fail(ErrorCode::argument_type,
                  "a buffer was given for the type `" + text_of(type) + "`, which is no pointer");
    return writer_.write(type, literal, argument.value.data());
  }
  switch (literal.kind) {
    case Literal::Kind::null:
    case Literal::Kind::number:
    case Literal::Kind::symbol: {
      const Result<void*> address = writer_.address(type, literal);
      if (!address) return std::unexpected(address.error());
      std::memcpy(argument.value.data(), &*address, sizeof(void*));
      return {};
    }
    case Literal::Kind::boolean:
    case Literal::Kind::character:
      return writer_.write(type, literal, argument.value.data());
    default:
      argument.is_buffer = true;
      return read_buffer(argument, literal);
  }
}

// `out:8` means bytes as the library counts them: one `long` of its own takes 4, and 8 in a Linux client.
std::size_t ArgumentList::bytes_for(const Argument& argument, std::uint64_t library_bytes) const {
  const auto bytes = static_cast<std::size_t>(library_bytes);
  const std::optional<model::Layout> there = layout_of(argument.element(), library_.target());
  const std::size_t here = size_of(argument.element());
  if (argument.element().kind == Kind::void_type || !there || there->size == 0) return bytes;
  const auto its_size = static_cast<std::size_t>(there->size);
  return bytes / its_size * here + bytes % its_size;
}

Result<void> ArgumentList::read_buffer(Argument& argument, const Literal& literal) {
  argument.is_shown = literal.kind == Literal::Kind::out || literal.kind == Literal::Kind::inout;
  argument.may_grow = literal.kind == Literal::Kind::inout;
  if (literal.kind == Literal::Kind::out) {
    if (argument.element().kind == Kind::function)
      return fail(ErrorCode::argument_type, "a function cannot be stored in a buffer; give null or '&NAME'");
    argument.may_grow = !literal.size;
    argument.content.resize(literal.size ? bytes_for(argument, *literal.size) : element_size(argument.element()));
    return {};
  }
  const Literal& inside = literal.kind == Literal::Kind::inout ? literal.items[0] : literal;
  Result<Content> content = writer_.content(argument.element(), inside);
  if (!content) return propagate(content);
  argument.content = std::move(content->bytes);
  argument.is_text = content->is_text;
  return {};
}

// Makes the buffer as large as the words say that it is, or refuses one that the user made smaller.
Result<void> ArgumentList::fit_extent(Argument& argument) {
  const model::Words& words = argument.parameter->words;
  if (!argument.is_buffer || (words.direction == Direction::unsaid && words.capacity.empty())) return {};
  if (words.zero_terminated && words.direction == Direction::in) return {};
  std::uint64_t elements = 1;
  if (!words.capacity.empty()) {
    const auto extent = extent_of(words.capacity, arguments_, std::nullopt);
    if (!extent) return std::unexpected(extent.error());
    if (!*extent) return {};  // of a null pointer, which the engine refuses
    elements = **extent;
  }
  const std::size_t unit = words.in_bytes ? 1 : element_size(argument.element());
  if (elements > kMaxBuffer / unit)
    return fail(ErrorCode::argument_range, "its size is " + std::to_string(elements) + ", which no 32-bit library has");
  const std::size_t needed = static_cast<std::size_t>(elements) * unit;
  // A terminator is there, though it was not written.
  const std::size_t there = argument.content.size() + (argument.is_text ? element_size(argument.element()) : 0);
  if (needed <= there) return {};
  if (argument.may_grow) {
    argument.content.resize(needed);
    return {};
  }
  const std::string size = words.capacity.empty()
                               ? "one element"
                               : text_of(words.capacity, signature_.parameters) + " = " + std::to_string(elements);
  return fail(ErrorCode::argument_range, "the buffer has " + std::to_string(argument.content.size()) +
                                             " bytes, and the prototype says that it has " + std::to_string(needed) +
                                             " (" + size + ")");
}

// What the prototype says nothing about passes only in memory that both see; the rest is the engine's to copy.
Result<void> ArgumentList::place(Argument& argument) {
  if (!argument.is_buffer) return {};
  const Type& element = argument.element();
  const model::Words& words = argument.parameter->words;
  // `_Inout_ void *p` says no more than `void *p`.
  const bool unsaid = words.capacity.empty() && !words.token &&
                      (words.direction == Direction::unsaid || element.kind == Kind::void_type);
  const bool same = element.kind == Kind::void_type || same_layout(element, kClient, library_.target());
  const Result<std::byte*> buffer =
      memory_.allocate(argument.content.size(), unsaid && same ? Memory::Where::library : Memory::Where::client);
  if (!buffer) return std::unexpected(buffer.error());
  argument.buffer = *buffer;
  std::memcpy(argument.value.data(), &argument.buffer, sizeof argument.buffer);
  return {};
}

void ArgumentList::reset() {
  for (Argument& argument : arguments_) {
    if (!argument.is_buffer) continue;
    if (!argument.content.empty()) std::memcpy(argument.buffer, argument.content.data(), argument.content.size());
    std::memset(argument.buffer + argument.content.size(), 0, kSlack);
  }
}

}  // namespace halfword::cli
