// The fast path of calls: a loop over flat operations. What is not one plain value goes to Call (call.h).
#include "interface/plan.h"

#include <cstddef>
#include <cstring>

#include "interface/call.h"
#include "interface/describe.h"
#include "interface/program.h"
#include "interface/values.h"
#include "interface/x87.h"

namespace halfword::model {
namespace {

template <class Wide, class Narrow>
void extend(std::uint32_t* to, const void* from) {
  Narrow value;
  std::memcpy(&value, from, sizeof value);
  const auto wide = static_cast<Wide>(value);
  std::memcpy(to, &wide, sizeof wide);
}

// False where the value does not fit.
template <class Wide, class Narrow>
bool narrow(std::uint32_t* to, const void* from) {
  Wide value;
  std::memcpy(&value, from, sizeof value);
  const auto narrowed = static_cast<Narrow>(value);
  std::memcpy(to, &narrowed, sizeof narrowed);
  return static_cast<Wide>(narrowed) == value;
}

bool lower_handle(std::uint32_t* to, const void* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  std::memcpy(to, &value, 4);
  return handle_fits(value);
}

void lower_x87(const Op& op, std::uint32_t* to, const void* from) {
  std::uint8_t bytes[12] = {};
  if (op.client.size == 8) {
    double value;
    std::memcpy(&value, from, sizeof value);
    double_to_x87(value, bytes);
  } else {
    std::memcpy(bytes, from, kX87Bytes);
  }
  if (op.worker.size == 8) {
    const double value = x87_to_double(bytes);
    std::memcpy(to, &value, sizeof value);
  } else {
    std::memcpy(to, bytes, sizeof bytes);
  }
}

void lower_record_bytes(const Op& op, std::uint32_t* to, const void* from) {
  to[(op.size - 1) / 4] = 0;  // the bytes behind its end in its last word
  std::memcpy(to, from, op.size);
}

// True: done. False: it needs memory, or does not fit, and Call says which.
bool lower_plain(const Op& op, std::uint32_t* to, const void* from) {
  switch (op.code) {
    case OpCode::word32:
      std::memcpy(to, from, 4);
      return true;
    case OpCode::word64:
      std::memcpy(to, from, 8);
      return true;
    case OpCode::boolean:
    case OpCode::unsigned8:
      extend<std::uint32_t, std::uint8_t>(to, from);
      return true;
    case OpCode::unsigned16:
      extend<std::uint32_t, std::uint16_t>(to, from);
      return true;
    case OpCode::signed8:
      extend<std::int32_t, std::int8_t>(to, from);
      return true;
    case OpCode::signed16:
      extend<std::int32_t, std::int16_t>(to, from);
      return true;
    case OpCode::narrow_signed:
      return narrow<std::int64_t, std::int32_t>(to, from);
    case OpCode::narrow_unsigned:
      return narrow<std::uint64_t, std::uint32_t>(to, from);
    case OpCode::handle:
      return lower_handle(to, from);
    case OpCode::x87:
    case OpCode::x87_double:
      lower_x87(op, to, from);
      return true;
    case OpCode::record_bytes:
      lower_record_bytes(op, to, from);
      return true;
    default:
      return false;
  }
}

// Integers of one size on both sides, the results of most functions; false for all others.
bool raise_plain(const ResultOp& op, const wire::Returned& returned, void* to) {
  switch (op.code) {
    case ResultCode::none:
      return true;
    case ResultCode::low32:
      std::memcpy(to, &returned, 4);
      return true;
    case ResultCode::low64:
      std::memcpy(to, &returned, 8);
      return true;
    default:
      return false;
  }
}
static_assert(offsetof(wire::Returned, edx) == offsetof(wire::Returned, eax) + 4);

}  // namespace

void CallFrame::add(const Transfer& transfer) {
  if (count_ < kInline)
    inline_[count_] = transfer;
  else
    more_.push_back(transfer);
  ++count_;
}

Result<void> Plan::lower(void* const* arguments, Space& space, CallFrame& frame) const {
  const Program& program = *program_;
  if (program.has_registers) frame.words()[0] = frame.words()[1] = 0;
  if (program.has_hidden)
    if (auto done = Call(program, arguments, space, frame).lower_hidden(); !done) return done;
  for (const Op& op : program.ops) {
    if (lower_plain(op, frame.words() + op.word, arguments[op.parameter])) continue;
    if (auto done = Call(program, arguments, space, frame).lower(op); !done) return done;
  }
  return {};
}

Result<void> Plan::raise(const wire::Returned& returned, void* result, void* const* arguments, Space& space,
                         CallFrame& frame) const {
  const Program& program = *program_;
  const bool is_raised = result == nullptr || raise_plain(program.result, returned, result);
  if (is_raised && frame.transfer_count() == 0) return {};
  Call call(program, arguments, space, frame);
  Result<void> raised;
  if (!is_raised) raised = call.raise_result(returned, result);
  // What the library wrote counts even where its result cannot be shown.
  if (frame.transfer_count() == 0) return raised;
  auto written = call.write_back(returned);
  return raised ? written : raised;
}

std::string Plan::describe() const { return model::describe(*program_); }
const std::string& Plan::function_name() const { return program_->name; }
std::string Plan::parameter_name(std::size_t index) const { return program_->parameters.at(index).name; }

}  // namespace halfword::model
