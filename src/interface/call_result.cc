// The way back: the result, and what the call changed in buffers. Everything here was written by the worker, or can
// still be written by it while it is read: each value is read once, and no length leads outside the client's memory.
#include <algorithm>
#include <cstring>

#include "interface/call.h"
#include "interface/text.h"
#include "interface/values.h"
#include "interface/x87.h"

namespace halfword::model {
namespace {

// Set by the worker where it was to read st(0) and found it empty (the byte behind the ten).
constexpr std::size_t kEmptyMark = 10;

std::uint64_t registers_of(const wire::Returned& returned) {
  return returned.eax | static_cast<std::uint64_t>(returned.edx) << 32;
}

}  // namespace

// ---- the result ----

std::optional<std::int64_t> Call::integer_result(const wire::Returned& returned) const {
  const ResultOp& op = program_.result;
  if (op.worker.size == 0 || op.code == ResultCode::float32 || op.code == ResultCode::float64 ||
      op.code == ResultCode::x87)
    return std::nullopt;
  const std::uint64_t bits = registers_of(returned);
  const Integer value = load_integer(&bits, op.worker);
  if (!value.is_negative && value.bits >> 63 != 0) return std::nullopt;
  return static_cast<std::int64_t>(value.bits);
}

Result<void> Call::raise_result(const wire::Returned& returned, void* result) {
  const ResultOp& op = program_.result;
  const std::uint64_t bits = registers_of(returned);
  marshaller_.set_parameter(Marshaller::kResult);
  switch (op.code) {
    case ResultCode::none:
      break;
    case ResultCode::low8:
    case ResultCode::low16:
    case ResultCode::low32:
    case ResultCode::low64:
      std::memcpy(result, &bits, op.size);
      break;
    case ResultCode::boolean: {
      const std::uint8_t value = (returned.eax & 0xff) != 0;
      std::memcpy(result, &value, 1);
      break;
    }
    case ResultCode::integer:
    case ResultCode::handle: {
      const Integer value = load_integer(&bits, op.worker);
      if (op.code == ResultCode::integer && !fits(value, op.client))
        return marshaller_.out_of_range(text_of(value), program_.result_type, op.client);
      store_integer(result, op.client, value);
      break;
    }
    case ResultCode::float32: {
      const float value = x87_to_float(returned.st0);
      std::memcpy(result, &value, sizeof value);
      break;
    }
    case ResultCode::float64: {
      const double value = x87_to_double(returned.st0);
      std::memcpy(result, &value, sizeof value);
      break;
    }
    case ResultCode::x87:
      std::memset(result, 0, op.size);
      std::memcpy(result, returned.st0, kX87Bytes);
      break;
    case ResultCode::pointer: {
      const auto pointer = marshaller_.raise_pointer(program_.rules[op.index], returned.eax);
      if (!pointer) return std::unexpected(pointer.error());
      std::memcpy(result, &*pointer, sizeof *pointer);
      break;
    }
    default:
      return raise_record(returned, result);
  }
  return {};
}

Result<void> Call::raise_record(const wire::Returned& returned, void* result) {
  const ResultOp& op = program_.result;
  const Shape& shape = program_.shapes[op.index];
  auto* to = static_cast<std::byte*>(result);
  if (op.code == ResultCode::record_memory)
    return marshaller_.raise(shape, static_cast<const std::byte*>(frame_.hidden_result.pointer), nullptr, to, 1);
  std::byte bytes[16] = {};
  const bool in_x87 =
      op.code == ResultCode::record_x87 || (op.code == ResultCode::record_either && returned.st0[kEmptyMark] == 0);
  if (!in_x87) {
    const std::uint64_t bits = registers_of(returned);
    std::memcpy(bytes, &bits, sizeof bits);
  } else if (op.worker_size == 4) {
    const float value = x87_to_float(returned.st0);
    std::memcpy(bytes, &value, sizeof value);
  } else if (op.worker_size == 8) {
    const double value = x87_to_double(returned.st0);
    std::memcpy(bytes, &value, sizeof value);
  } else {
    std::memcpy(bytes, returned.st0, kX87Bytes);
  }
  return marshaller_.raise(shape, bytes, nullptr, to, 1);
}

// ---- buffers ----

Result<void> Call::write_back(const wire::Returned& returned) {
  const auto result = integer_result(returned);
  // Lengths are read from memory that is itself written back, so buffers with a length come last.
  for (const bool with_length : {false, true}) {
    for (std::size_t index = 0; index < frame_.transfer_count(); ++index) {
      const Transfer& transfer = frame_.transfer(index);
      const PointerRule& rule = program_.rules[transfer.rule];
      if (rule.direction == Direction::in || rule.length.empty() == with_length) continue;
      marshaller_.set_parameter(transfer.parameter);
      std::uint64_t count = transfer.count;
      if (with_length) {
        const auto length = length_of(rule, transfer, result);
        if (!length) return std::unexpected(length.error());
        count = *length;
      }
      if (auto done = write_back(transfer, count); !done) return done;
    }
  }
  return {};
}

// What the library says that it wrote, but never more than there is room for. A negative length is how many functions
// report an error: nothing was written. One that cannot be known leaves the whole capacity to the comparison of bytes.
Result<std::uint64_t> Call::length_of(const PointerRule& rule, const Transfer& transfer,
                                      std::optional<std::int64_t> result) {
  auto length = evaluate(rule.length, input(result));
  if (!length && length.error().code == ErrorCode::argument_range) return 0;
  if (!length) return marshaller_.refuse(std::move(length.error()));
  return std::min(transfer.count, length->value_or(transfer.count));
}

Result<void> Call::write_back(const Transfer& transfer, std::uint64_t count) {
  const PointerRule& rule = program_.rules[transfer.rule];
  const Shape& shape = program_.shapes[rule.shape];
  if (shape.identical) {
    const std::uint64_t bytes = rule.in_bytes ? count : count * shape.client_size;
    copy_changed(transfer.client, transfer.scratch, transfer.snapshot, bytes);
    return {};
  }
  if (rule.zero_terminated) return write_back_text(rule, transfer, count);
  // What is only written has no value before the call that a comparison could speak of: its bytes may have been cut.
  const std::byte* snapshot = rule.direction == Direction::inout ? transfer.snapshot : nullptr;
  return marshaller_.raise(shape, transfer.scratch, snapshot, transfer.client, count);
}

Result<void> Call::write_back_text(const PointerRule& rule, const Transfer& transfer, std::uint64_t count) {
  const std::size_t bytes = as_size(count) * rule.worker_unit;
  const std::vector<std::byte> text(transfer.scratch, transfer.scratch + bytes);
  if (transfer.snapshot != nullptr && std::memcmp(text.data(), transfer.snapshot, bytes) == 0) return {};
  const std::size_t units = units_before_zero(text.data(), rule.worker_unit, as_size(count));
  auto converted = convert_text(text.data(), rule.worker_unit, units, rule.client_unit);
  const std::size_t room = as_size(transfer.count) * rule.client_unit;
  if (!converted || converted->size() > room)
    return marshaller_.refuse(ErrorCode::argument_range,
                              "received text that does not fit its " + std::to_string(transfer.count) + " characters");
  if (converted->size() + rule.client_unit <= room) converted->resize(converted->size() + rule.client_unit);
  std::memcpy(transfer.client, converted->data(), converted->size());
  return {};
}

}  // namespace halfword::model
