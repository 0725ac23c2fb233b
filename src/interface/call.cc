// The way out: buffers and structs into scratch memory. The way back is in call_result.cc.
#include "interface/call.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "interface/text.h"
#include "interface/values.h"
#include "interface/x87.h"

namespace halfword::model {
namespace {

// Up to here a copy is kept of what was sent, so that only bytes that the library changed are written back even if
// the client changed others meanwhile. Beyond it the second copy would cost as much as the call may (copy.64MiB).
constexpr std::uint64_t kMostSnapshot = 64 * 1024;

}  // namespace

Result<void> Call::lower(const Op& op) {
  marshaller_.set_parameter(op.parameter);
  std::uint32_t* to = frame_.words() + op.word;
  const void* value = arguments_[op.parameter];
  switch (op.code) {
    case OpCode::narrow_signed:
    case OpCode::narrow_unsigned:
    case OpCode::integer: {
      const Integer integer = load_integer(value, op.client);
      if (!fits(integer, op.worker))
        return marshaller_.out_of_range(text_of(integer), program_.parameters[op.parameter].type, op.worker);
      std::memcpy(to, &integer.bits, op.worker.size <= 4 ? 4 : 8);
      return {};
    }
    case OpCode::handle:
      return marshaller_.out_of_range(text_of(load_integer(value, op.client)), program_.parameters[op.parameter].type,
                                      op.worker);
    case OpCode::record: {
      const Shape& shape = program_.shapes[op.index];
      // Words of a frame are only ever written, so the struct is made elsewhere: nested pointers read their own copies.
      std::vector<std::byte> made(as_size(shape.worker_size + 3) / 4 * 4);
      if (auto done =
              marshaller_.lower(shape, static_cast<const std::byte*>(value), made.data(), 1, Strictness::refuse);
          !done)
        return done;
      std::memcpy(to, made.data(), made.size());
      return {};
    }
    default:
      HALFWORD_CHECK(op.code == OpCode::pointer);
      return lower_pointer(op);
  }
}

Result<void> Call::lower_hidden() {
  const Shape& shape = program_.shapes[program_.result.index];
  marshaller_.set_parameter(Marshaller::kResult);
  const auto made = marshaller_.scratch(shape.worker_size, shape.worker_alignment);
  if (!made) return std::unexpected(made.error());
  frame_.hidden_result = *made;
  const auto address = static_cast<std::uint32_t>(made->address);
  std::memcpy(frame_.words() + program_.hidden_word, &address, 4);
  return {};
}

Result<void> Call::lower_pointer(const Op& op) {
  const PointerRule& rule = program_.rules[op.index];
  std::byte* pointer = nullptr;
  std::memcpy(&pointer, arguments_[op.parameter], sizeof pointer);
  Result<std::uint64_t> address = 0;
  if (pointer != nullptr)
    address = rule.down == PointerRule::Down::buffer ? lower_buffer(rule, op.index, pointer)
                                                     : marshaller_.lower_pointer(rule, pointer);
  if (!address) return std::unexpected(std::move(address.error()));
  if (*address >> 32 != 0)
    return marshaller_.refuse(ErrorCode::argument_range,
                              "points to " + hex(*address) + ", which no 32-bit pointer reaches");
  const auto word = static_cast<std::uint32_t>(*address);
  std::memcpy(frame_.words() + op.word, &word, 4);
  return {};
}

// ---- buffers ----

// Elements, or bytes where the words count those.
Result<std::uint64_t> Call::capacity_of(const PointerRule& rule, const std::byte* pointer) {
  if (rule.capacity.empty()) {
    if (!rule.zero_terminated) return 1;
    return units_before_zero(pointer, rule.client_unit, PTRDIFF_MAX / 8) + 1;
  }
  auto count = evaluate(rule.capacity, input());
  if (!count) return marshaller_.refuse(std::move(count.error()));
  if (*count) return **count;
  return marshaller_.refuse(ErrorCode::argument_type,
                            "has the size " + rule.capacity_text + ", but that pointer is NULL");
}

Result<std::uint64_t> Call::lower_buffer(const PointerRule& rule, std::uint32_t index, std::byte* pointer) {
  const Shape& shape = program_.shapes[rule.shape];
  const auto count = capacity_of(rule, pointer);
  if (!count) return count;
  const std::uint64_t element = rule.in_bytes ? 1 : shape.client_size;
  if (*count > PTRDIFF_MAX / 2 / std::max(element, shape.worker_size))
    return marshaller_.refuse(ErrorCode::argument_range,
                              "has a size of " + std::to_string(*count) + ", which is more than there is memory");
  const std::uint64_t bytes = *count * element;
  const Location location = space_.locate(pointer, as_size(std::max<std::uint64_t>(bytes, 1)));
  // In the worker's own memory things lie as the worker lays them out.
  if (location.place == Location::Place::worker) return location.address;
  if (location.place == Location::Place::visible && shape.identical) return location.address;
  if (shape.identical)
    if (const auto shared = shared_copy(rule, index, pointer, bytes)) return *shared;
  return copy_buffer(rule, index, pointer, *count);
}

Result<std::uint64_t> Call::copy_buffer(const PointerRule& rule, std::uint32_t index, std::byte* pointer,
                                        std::uint64_t count) {
  const Shape& shape = program_.shapes[rule.shape];
  const std::uint64_t bytes = rule.in_bytes ? count : count * shape.worker_size;
  const std::uint64_t aligned = (bytes + 15) / 16 * 16;
  const bool snapshot = rule.direction != Direction::in && bytes <= kMostSnapshot;
  const auto copy = marshaller_.scratch(snapshot ? aligned + bytes : bytes, shape.worker_alignment);
  if (!copy) return std::unexpected(copy.error());
  auto* scratch = static_cast<std::byte*>(copy->pointer);
  std::uint64_t terminated = count;
  if (rule.zero_terminated && rule.direction == Direction::in)
    terminated = std::min<std::uint64_t>(count, units_before_zero(pointer, rule.client_unit, as_size(count)) + 1);
  if (auto done = fill(rule, pointer, scratch, count, terminated); !done)
    return std::unexpected(std::move(done.error()));
  if (snapshot) std::memcpy(scratch + aligned, scratch, as_size(bytes));
  frame_.add({pointer, scratch, snapshot ? scratch + aligned : nullptr, copy->address, count, bytes, index,
              marshaller_.parameter()});
  return copy->address;
}

// The client's elements to scratch memory: what lies behind the end of text is not read.
Result<void> Call::fill(const PointerRule& rule, std::byte* pointer, std::byte* scratch, std::uint64_t count,
                        std::uint64_t terminated) {
  const Shape& shape = program_.shapes[rule.shape];
  if (shape.identical) {
    const std::uint64_t element = rule.in_bytes ? 1 : shape.worker_size;
    std::memcpy(scratch, pointer, as_size(terminated * element));
    std::memset(scratch + terminated * element, 0, as_size((count - terminated) * element));
    return {};
  }
  if (rule.starts_null) {
    std::memset(scratch, 0, as_size(count * shape.worker_size));
    return {};
  }
  const bool text = rule.zero_terminated && rule.direction != Direction::out;
  if (!text)
    return marshaller_.lower(shape, pointer, scratch, count,
                             rule.direction == Direction::out ? Strictness::truncate : Strictness::refuse);
  // Text in another encoding form: whole characters, which may need more units than there are on this side.
  const std::size_t units = units_before_zero(pointer, rule.client_unit, as_size(count));
  const auto converted = convert_text(pointer, rule.client_unit, units, rule.worker_unit);
  const std::size_t bytes = as_size(count * shape.worker_size);
  if (!converted || converted->size() + rule.worker_unit > bytes)
    return marshaller_.refuse(ErrorCode::argument_range, "is text that does not fit " + std::to_string(count) +
                                                             " characters of " + std::to_string(rule.worker_unit) +
                                                             " bytes");
  std::memset(scratch, 0, bytes);
  if (!converted->empty()) std::memcpy(scratch, converted->data(), converted->size());
  return {};
}

// Two arguments that are one buffer in the client stay one buffer in the worker: memmove and in-place filters rely on
// it.
std::optional<std::uint64_t> Call::shared_copy(const PointerRule& rule, std::uint32_t index, std::byte* pointer,
                                               std::uint64_t bytes) {
  for (std::size_t at = 0; at < frame_.transfer_count(); ++at) {
    const Transfer earlier = frame_.transfer(at);
    const PointerRule& other = program_.rules[earlier.rule];
    if (other.down != PointerRule::Down::buffer || !program_.shapes[other.shape].identical || bytes == 0) continue;
    if (other.zero_terminated && other.direction == Direction::in) continue;  // it may be shorter than it says
    if (pointer < earlier.client || static_cast<std::uint64_t>(pointer - earlier.client) > earlier.bytes) continue;
    const auto offset = static_cast<std::uint64_t>(pointer - earlier.client);
    if (bytes > earlier.bytes - offset) continue;
    // What is only read before may be written through this argument.
    if (rule.direction != Direction::in && other.direction == Direction::in) {
      Transfer part = earlier;
      part.client += offset;
      part.scratch += offset;
      part.address += offset;
      part.bytes = bytes;
      part.count = rule.in_bytes ? bytes : bytes / program_.shapes[rule.shape].worker_size;
      part.snapshot = nullptr;
      part.rule = index;
      part.parameter = marshaller_.parameter();
      frame_.add(part);
    }
    return earlier.address + offset;
  }
  return std::nullopt;
}

}  // namespace halfword::model
