#include "interface/extents.h"

#include <cstring>
#include <limits>

#include "interface/values.h"

namespace halfword::model {
namespace {

constexpr std::size_t kMaxTerms = 128;  // the parser stops at half of that

std::unexpected<Error> too_large() {
  return fail(ErrorCode::argument_range, "the size that the arguments give does not fit 63 bits");
}

// What `*n` is worth now. A pointer to memory that only the worker has is read there, in the worker's layout.
Result<std::optional<Integer>> dereference(const ExtentInput& input, std::uint32_t parameter) {
  const ParameterInfo& info = input.program.parameters[parameter];
  void* pointer = nullptr;
  std::memcpy(&pointer, input.arguments[parameter], sizeof pointer);
  if (pointer == nullptr) return std::optional<Integer>();
  const Location location = input.space.locate(pointer, info.pointee_client.size);
  if (location.place != Location::Place::worker) return load_integer(pointer, info.pointee_client);
  std::uint8_t bytes[8] = {};
  if (auto done = input.space.read(location.address, bytes, info.pointee_worker.size); !done) return propagate(done);
  return load_integer(bytes, info.pointee_worker);
}

Result<std::optional<Integer>> operand(const Term& term, const ExtentInput& input) {
  switch (term.kind) {
    case Term::Kind::constant:
      return Integer{static_cast<std::uint64_t>(term.constant), term.constant < 0};
    case Term::Kind::parameter:
      return load_integer(input.arguments[term.parameter], input.program.parameters[term.parameter].client);
    case Term::Kind::dereference:
      return dereference(input, term.parameter);
    default:
      break;
  }
  if (!input.result) return std::optional<Integer>();
  return Integer{static_cast<std::uint64_t>(*input.result), *input.result < 0};
}

bool combine(Term::Kind kind, std::int64_t& left, std::int64_t right) {
  switch (kind) {
    case Term::Kind::add:
      return !__builtin_add_overflow(left, right, &left);
    case Term::Kind::subtract:
      return !__builtin_sub_overflow(left, right, &left);
    case Term::Kind::multiply:
      return !__builtin_mul_overflow(left, right, &left);
    default:
      break;
  }
  if (left < 0 || right < 0 || right > 62 || left > std::numeric_limits<std::int64_t>::max() >> right) return false;
  left <<= right;
  return true;
}

}  // namespace

Result<std::optional<std::uint64_t>> evaluate(const Expression& expression, const ExtentInput& input) {
  std::int64_t stack[kMaxTerms];
  std::size_t depth = 0;
  for (const Term& term : expression) {
    if (term.kind >= Term::Kind::add) {
      if (depth < 2) return too_large();
      --depth;
      if (!combine(term.kind, stack[depth - 1], stack[depth])) return too_large();
      continue;
    }
    const auto value = operand(term, input);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::optional<std::uint64_t>();
    if (depth == kMaxTerms || (!(*value)->is_negative && (*value)->bits >> 63 != 0)) return too_large();
    stack[depth++] = static_cast<std::int64_t>((*value)->bits);
  }
  if (depth != 1) return too_large();
  if (stack[0] < 0)
    return fail(ErrorCode::argument_range, "the size that the arguments give is negative: " + std::to_string(stack[0]));
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(stack[0]));
}

}  // namespace halfword::model
