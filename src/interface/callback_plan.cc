// Callbacks: the library's words to the client's arguments, and the client's result to registers.
#include "interface/callback_plan.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "interface/describe.h"
#include "interface/extents.h"
#include "interface/marshaller.h"
#include "interface/text.h"
#include "interface/values.h"
#include "interface/x87.h"

namespace halfword::model {
namespace {

/// What a `T**` without an extent shows at most: more than any list of columns or arguments.
constexpr std::uint64_t kMostOpenElements = 4096;

/// Copies up to here are made without asking first whether the library has that much memory.
constexpr std::uint64_t kUnprobed = 64 * 1024;

/// One callback's arguments on their way up.
class CallbackCall {
 public:
  CallbackCall(const Program& program, Space& space, CallbackFrame& frame)
      : program_(program), space_(space), frame_(frame), marshaller_(program, space, nullptr, &frame) {}

  Result<void> raise(const Op& op, const std::uint32_t* words, void* to);
  /// Pointers whose extents look at other arguments, once those are there.
  Result<void> raise_buffer(const Op& op, const std::uint32_t* words, void* to);
  Result<void> write_back();
  Result<CallbackAnswer> answer(const void* result);

 private:
  Result<void*> buffer(const PointerRule& rule, std::uint32_t index, std::uint64_t address);
  Result<std::uint64_t> count_of(const PointerRule& rule, std::uint64_t address);
  std::uint64_t visible_elements(std::uint64_t address, std::uint64_t size);
  Result<void*> copy(const PointerRule& rule, std::uint32_t index, std::uint64_t address, std::uint64_t count);
  Result<void> answer_record(const void* result, CallbackAnswer& answer);
  Result<void> answer_pointer(const void* result, CallbackAnswer& answer);
  Result<void> answer_integer(const void* result, CallbackAnswer& answer);

  const Program& program_;
  Space& space_;
  CallbackFrame& frame_;
  Marshaller marshaller_;
};

bool is_buffer(const Program& program, const Op& op) {
  return op.code == OpCode::pointer && program.rules[op.index].down == PointerRule::Down::buffer;
}

std::size_t client_size(const Program& program, const Op& op) {
  if (op.code == OpCode::record || op.code == OpCode::record_bytes)
    return as_size(program.shapes[op.index].client_size);
  return op.client.size;
}

Result<void> CallbackCall::raise(const Op& op, const std::uint32_t* words, void* to) {
  marshaller_.set_parameter(op.parameter);
  const std::uint32_t* from = words + op.word;
  switch (op.code) {
    case OpCode::boolean: {
      // Only 0 and 1 are values of a bool; the library may put more into its byte.
      const std::uint8_t value = (*from & 0xff) != 0;
      std::memcpy(to, &value, 1);
      return {};
    }
    case OpCode::x87:
      std::memset(to, 0, op.client.size);
      std::memcpy(to, from, kX87Bytes);
      return {};
    case OpCode::x87_double: {
      std::uint8_t bytes[16] = {};
      double value = 0;
      if (op.worker.size == 8) {
        std::memcpy(&value, from, sizeof value);
        double_to_x87(value, bytes);
        std::memcpy(to, bytes, op.client.size);
      } else {
        std::memcpy(bytes, from, kX87Bytes);
        value = x87_to_double(bytes);
        std::memcpy(to, &value, sizeof value);
      }
      return {};
    }
    case OpCode::record:
    case OpCode::record_bytes:
      return marshaller_.raise(program_.shapes[op.index], reinterpret_cast<const std::byte*>(from), nullptr,
                               static_cast<std::byte*>(to), 1);
    case OpCode::pointer: {
      const auto pointer = marshaller_.raise_pointer(program_.rules[op.index], *from);
      if (!pointer) return std::unexpected(pointer.error());
      std::memcpy(to, &*pointer, sizeof *pointer);
      return {};
    }
    default:
      break;
  }
  const Integer value = load_integer(from, op.worker);
  if (op.code == OpCode::integer && !fits(value, op.client))
    return marshaller_.out_of_range(text_of(value), program_.parameters[op.parameter].type, op.client);
  store_integer(to, op.client, value);
  return {};
}

// ---- buffers ----

Result<void> CallbackCall::raise_buffer(const Op& op, const std::uint32_t* words, void* to) {
  marshaller_.set_parameter(op.parameter);
  void* pointer = nullptr;
  if (words[op.word] != 0) {
    const auto raised = buffer(program_.rules[op.index], op.index, words[op.word]);
    if (!raised) return std::unexpected(raised.error());
    pointer = *raised;
  }
  std::memcpy(to, &pointer, sizeof pointer);
  return {};
}

Result<void*> CallbackCall::buffer(const PointerRule& rule, std::uint32_t index, std::uint64_t address) {
  const Shape& shape = program_.shapes[rule.shape];
  const auto count = count_of(rule, address);
  if (!count) return std::unexpected(count.error());
  const std::uint64_t element = rule.in_bytes ? 1 : shape.worker_size;
  if (*count > UINT32_MAX / element)
    return marshaller_.refuse(ErrorCode::argument_range, "has a size of " + std::to_string(*count) +
                                                             ", which is more than the library has memory");
  if (shape.identical)
    if (void* seen = space_.pointer_to(address, as_size(std::max<std::uint64_t>(*count * element, 1)))) return seen;
  return copy(rule, index, address, *count);
}

Result<std::uint64_t> CallbackCall::count_of(const PointerRule& rule, std::uint64_t address) {
  if (rule.open_ended) {
    const std::uint64_t count = visible_elements(address, program_.shapes[rule.shape].worker_size);
    if (count != 0) return count;
    return marshaller_.refuse(ErrorCode::unsupported,
                              "points to pointers at " + hex(address) +
                                  " that the client does not see, and nothing says how many there are; " + rule.advice);
  }
  if (rule.capacity.empty()) {
    if (!rule.zero_terminated) return 1;
    auto units = space_.measure(address, rule.worker_unit, UINT32_MAX / 8);
    if (!units) return marshaller_.refuse(std::move(units.error()));
    return *units + 1;
  }
  auto count = evaluate(rule.capacity, {program_, frame_.arguments(), space_, {}});
  if (!count) return marshaller_.refuse(std::move(count.error()));
  if (*count) return **count;
  return marshaller_.refuse(ErrorCode::argument_type,
                            "has the size " + rule.capacity_text + ", but that pointer is NULL");
}

// The most elements at `address` that the client sees, by halving: memory that both see has no holes that matter here.
std::uint64_t CallbackCall::visible_elements(std::uint64_t address, std::uint64_t size) {
  std::uint64_t seen = 0;
  for (std::uint64_t step = kMostOpenElements; step != 0; step /= 2)
    if (seen + step <= kMostOpenElements && space_.pointer_to(address, as_size((seen + step) * size)) != nullptr)
      seen += step;
  return seen;
}

Result<void*> CallbackCall::copy(const PointerRule& rule, std::uint32_t index, std::uint64_t address,
                                 std::uint64_t count) {
  const Shape& shape = program_.shapes[rule.shape];
  const std::uint64_t worker_bytes = rule.in_bytes ? count : count * shape.worker_size;
  const std::uint64_t client_bytes = rule.in_bytes ? count : count * shape.client_size;
  // A size that the library made up must not cost the client its memory: there has to be something at its end.
  std::byte probe{};
  if (worker_bytes > kUnprobed)
    if (auto done = space_.read(address + worker_bytes - 1, &probe, 1); !done)
      return marshaller_.refuse(std::move(done.error()));
  std::byte* snapshot = frame_.allocate(as_size(worker_bytes));
  std::byte* client = frame_.allocate(as_size(client_bytes));
  if (snapshot == nullptr || client == nullptr)
    return marshaller_.refuse(ErrorCode::no_memory,
                              "has " + std::to_string(worker_bytes) + " bytes, for which there is no memory");
  if (auto done = space_.read(address, snapshot, as_size(worker_bytes)); !done)
    return marshaller_.refuse(std::move(done.error()));
  if (rule.starts_null) {
    std::memset(client, 0, as_size(client_bytes));
  } else if (shape.identical) {
    std::memcpy(client, snapshot, as_size(client_bytes));
  } else if (auto done = marshaller_.raise(shape, snapshot, nullptr, client, count); !done) {
    return propagate(done);
  }
  if (rule.direction != Direction::in)
    frame_.copies_.push_back({client, snapshot, address, count, index, marshaller_.parameter()});
  return client;
}

Result<void> CallbackCall::write_back() {
  for (const CallbackFrame::Copy& copy : frame_.copies_) {
    const PointerRule& rule = program_.rules[copy.rule];
    const Shape& shape = program_.shapes[rule.shape];
    marshaller_.set_parameter(copy.parameter);
    const std::uint64_t bytes = rule.in_bytes ? copy.count : copy.count * shape.worker_size;
    std::vector<std::byte> made(as_size(bytes));
    if (shape.identical)
      std::memcpy(made.data(), copy.client, made.size());
    else if (auto done = marshaller_.lower(shape, copy.client, made.data(), copy.count, Strictness::refuse); !done)
      return done;
    // Only what differs: the library may have changed the rest on another thread meanwhile.
    for (std::size_t at = 0; at < made.size();) {
      std::size_t end = at;
      while (end < made.size() && made[end] != copy.snapshot[end]) ++end;
      if (end != at)
        if (auto done = space_.write(copy.address + at, made.data() + at, end - at); !done)
          return marshaller_.refuse(std::move(done.error()));
      at = end + 1;
    }
  }
  return {};
}

// ---- the result ----

Result<CallbackAnswer> CallbackCall::answer(const void* result) {
  marshaller_.set_parameter(Marshaller::kResult);
  CallbackAnswer made;
  const ResultOp& op = program_.result;
  // The callee hands the hidden pointer back in eax (both i386 ABIs).
  if (program_.has_hidden) made.eax = static_cast<std::uint32_t>(frame_.hidden_result_);
  if (result == nullptr) return made;
  Result<void> done;
  switch (op.code) {
    case ResultCode::none:
      break;
    case ResultCode::float32: {
      float value = 0;
      std::memcpy(&value, result, sizeof value);
      double_to_x87(value, made.st0);
      break;
    }
    case ResultCode::float64: {
      double value = 0;
      std::memcpy(&value, result, sizeof value);
      double_to_x87(value, made.st0);
      break;
    }
    case ResultCode::x87:
      std::memcpy(made.st0, result, kX87Bytes);
      break;
    case ResultCode::pointer:
      done = answer_pointer(result, made);
      break;
    case ResultCode::record:
    case ResultCode::record_x87:
    case ResultCode::record_either:
    case ResultCode::record_memory:
      done = answer_record(result, made);
      break;
    default:
      done = answer_integer(result, made);
      break;
  }
  if (!done) return propagate(done);
  return made;
}

Result<void> CallbackCall::answer_integer(const void* result, CallbackAnswer& answer) {
  const ResultOp& op = program_.result;
  const Integer value = load_integer(result, op.client);
  const bool good = op.code == ResultCode::handle ? handle_fits(value.bits) : fits(value, op.worker);
  if (!good) return marshaller_.out_of_range(text_of(value), program_.result_type, op.worker);
  answer.eax = static_cast<std::uint32_t>(value.bits);
  answer.edx = static_cast<std::uint32_t>(value.bits >> 32);
  return {};
}

Result<void> CallbackCall::answer_pointer(const void* result, CallbackAnswer& answer) {
  void* pointer = nullptr;
  std::memcpy(&pointer, result, sizeof pointer);
  const auto address = marshaller_.lower_pointer(program_.rules[program_.result.index], pointer);
  if (!address) return std::unexpected(address.error());
  answer.eax = static_cast<std::uint32_t>(*address);
  return {};
}

Result<void> CallbackCall::answer_record(const void* result, CallbackAnswer& answer) {
  const ResultOp& op = program_.result;
  const Shape& shape = program_.shapes[op.index];
  std::vector<std::byte> made(std::max<std::size_t>(as_size(shape.worker_size), 16));
  if (auto done = marshaller_.lower(shape, static_cast<const std::byte*>(result), made.data(), 1, Strictness::refuse);
      !done)
    return done;
  if (op.code == ResultCode::record_memory) {
    if (auto done = space_.write(frame_.hidden_result_, made.data(), as_size(shape.worker_size)); !done)
      return marshaller_.refuse(std::move(done.error()));
  } else if (op.code == ResultCode::record) {
    std::memcpy(&answer.eax, made.data(), 4);
    std::memcpy(&answer.edx, made.data() + 4, 4);
  } else if (op.worker_size == 4) {
    float value = 0;
    std::memcpy(&value, made.data(), sizeof value);
    double_to_x87(value, answer.st0);
  } else if (op.worker_size == 8) {
    double value = 0;
    std::memcpy(&value, made.data(), sizeof value);
    double_to_x87(value, answer.st0);
  } else {
    std::memcpy(answer.st0, made.data(), kX87Bytes);
  }
  return {};
}

}  // namespace

std::byte* CallbackFrame::allocate(std::size_t size) {
  const std::size_t aligned = (size + 15) / 16 * 16;
  if (aligned <= sizeof first_ - used_) {
    std::byte* at = first_ + used_;
    used_ += aligned;
    return at;
  }
  std::unique_ptr<std::byte[]> made(new (std::nothrow) std::byte[aligned]);
  if (made == nullptr) return nullptr;
  return more_.emplace_back(std::move(made)).get();
}

Result<void> CallbackPlan::raise_arguments(const std::uint32_t* words, Space& space, CallbackFrame& frame) const {
  const Program& program = *program_;
  CallbackCall call(program, space, frame);
  if (program.has_hidden) frame.hidden_result_ = words[program.hidden_word];
  frame.arguments_.clear();
  for (const Op& op : program.ops) {
    std::byte* to = frame.allocate(client_size(program, op));
    if (to == nullptr) return fail(ErrorCode::no_memory, "there is no memory for the arguments of a callback");
    frame.arguments_.push_back(to);
  }
  // Extents look at other arguments, which may stand behind the buffer.
  for (const bool buffers : {false, true}) {
    for (std::size_t index = 0; index < program.ops.size(); ++index) {
      const Op& op = program.ops[index];
      if (is_buffer(program, op) != buffers) continue;
      auto done = buffers ? call.raise_buffer(op, words, frame.arguments_[index])
                          : call.raise(op, words, frame.arguments_[index]);
      if (!done) return done;
    }
  }
  return {};
}

Result<CallbackAnswer> CallbackPlan::lower_result(const void* result, Space& space, CallbackFrame& frame) const {
  CallbackCall call(*program_, space, frame);
  if (auto done = call.write_back(); !done) return propagate(done);
  return call.answer(result);
}

std::string CallbackPlan::describe() const { return model::describe(*program_); }

}  // namespace halfword::model
