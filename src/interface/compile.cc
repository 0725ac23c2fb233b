// A function's frame, operation by operation; the parts of PlanCompiler that know calls.
#include <algorithm>
#include <utility>

#include "interface/layout.h"
#include "interface/plan_compiler.h"

namespace halfword::model {
namespace {

std::string label_of(const Value& value, std::size_t index) {
  std::string label = "argument " + std::to_string(index + 1);
  if (!value.name.empty()) label += " (" + value.name + ")";
  return label;
}

bool is_void_pointer(const Type& type) { return type.kind == Kind::pointer && type.element->kind == Kind::void_type; }

}  // namespace

PlanCompiler::PlanCompiler(const Function& function, Target client, Target worker, bool is_callback)
    : function_(function), signature_(function.signature), client_(client), worker_(worker), is_callback_(is_callback) {
  program_->client = client;
  program_->worker = worker;
  program_->name = function.name;
  program_->labels.emplace_back();
}

std::uint32_t PlanCompiler::add_label(std::string text) {
  program_->labels.push_back(std::move(text));
  return static_cast<std::uint32_t>(program_->labels.size() - 1);
}

std::unexpected<Error> PlanCompiler::refuse(ErrorCode code, std::string message) const {
  Error error;
  error.code = code;
  error.function = function_.name;
  error.message = (is_callback_ ? "callback" : function_.name.empty() ? "function" : function_.name) + ": " + message;
  return fail(std::move(error));
}

Result<void> PlanCompiler::run() {
  if (worker_ != Target::i386_linux && worker_ != Target::i386_windows && worker_ != Target::i386_windows_msvc)
    return refuse(ErrorCode::unsupported, "there is no worker for " + std::string(rules(worker_).name) + " yet");
  auto frame = lay_out_x86_frame(signature_, worker_);
  if (!frame) return refuse(frame.error().code, frame.error().message);
  frame_ = std::move(*frame);
  program_->has_registers = frame_.registers;
  program_->has_hidden = frame_.hidden.has_value();
  program_->hidden_word = frame_.hidden.value_or(0);
  Type type;
  type.kind = Kind::function;
  type.signature = &signature_;
  program_->signature = text_of(type);
  program_->result_type = text_of(*signature_.result.type);
  for (std::size_t index = 0; index < signature_.parameters.size(); ++index) describe_parameter(index);
  if (!is_callback_) find_token_pair();
  for (std::size_t index = 0; index < signature_.parameters.size(); ++index)
    if (auto added = add_parameter(index); !added) return added;
  if (auto added = add_result(); !added) return added;
  check_plain();
  return {};
}

void PlanCompiler::describe_parameter(std::size_t index) {
  const Value& value = signature_.parameters[index];
  ParameterInfo info;
  info.name = value.name;
  info.label = label_of(value, index);
  info.type = text_of(*value.type);
  if (is_integer(*value.type)) {
    info.is_integer = true;
    info.client = leaf(value.type->scalar, client_);
  }
  if (value.type->kind == Kind::pointer && is_integer(*value.type->element)) {
    info.pointee_client = leaf(value.type->element->scalar, client_);
    info.pointee_worker = leaf(value.type->element->scalar, worker_);
  }
  program_->parameters.push_back(std::move(info));
}

// One callback and one `void *`, in the function and in the callback: the pointer is the callback's user data.
void PlanCompiler::find_token_pair() {
  const Signature* callback = nullptr;
  std::size_t callbacks = 0, pointers = 0, found = 0;
  for (std::size_t index = 0; index < signature_.parameters.size(); ++index) {
    const Value& value = signature_.parameters[index];
    if (value.type->kind == Kind::pointer && value.type->element->kind == Kind::function) {
      ++callbacks;
      callback = value.type->element->signature;
    }
    if (!is_void_pointer(*value.type)) continue;
    ++pointers;
    if (!value.words.any()) found = index + 1;
  }
  if (callbacks != 1 || pointers != 1 || found == 0) return;
  const auto in_callback = std::count_if(callback->parameters.begin(), callback->parameters.end(),
                                         [](const Value& value) { return is_void_pointer(*value.type); });
  if (in_callback == 1) token_parameter_ = found - 1;
}

// ---- parameters ----

Result<void> PlanCompiler::add_parameter(std::size_t index) {
  const Type& type = *signature_.parameters[index].type;
  Op op;
  op.parameter = static_cast<std::uint16_t>(index);
  op.word = frame_.words[index];
  switch (type.kind) {
    case Kind::scalar:
    case Kind::enumeration:
      return add_scalar(op, type);
    case Kind::record:
      return add_record(op, type);
    case Kind::pointer:
      break;
    default:
      return refuse(ErrorCode::argument_type, program_->parameters[index].label + " has a type without a size");
  }
  auto rule = parameter_rule(index);
  if (!rule) return std::unexpected(std::move(rule.error()));
  op.code = OpCode::pointer;
  op.client = {rules(client_).pointer_size, false};
  op.worker = {rules(worker_).pointer_size, false};
  op.index = static_cast<std::uint32_t>(program_->rules.size());
  program_->parameters[index].rule = op.index;
  program_->rules.push_back(std::move(*rule));
  program_->ops.push_back(op);
  return {};
}

Result<void> PlanCompiler::add_scalar(Op op, const Type& type) {
  op.client = leaf(type.scalar, client_);
  op.worker = leaf(type.scalar, worker_);
  const auto sizes = [&](unsigned client, unsigned worker) {
    return op.client.size == client && op.worker.size == worker;
  };
  if (is_floating(type.scalar)) {
    const auto shape = shape_of(type);  // refuses formats that cannot be converted
    if (!shape) return std::unexpected(shape.error());
    const StepKind kind = program_->shapes[*shape].steps[0].kind;
    if (type.scalar == Scalar::float_)
      op.code = OpCode::word32;
    else if (kind == StepKind::x87_double)
      op.code = OpCode::x87_double;
    else
      op.code = type.scalar == Scalar::long_double && rules(worker_).long_double_format == FloatFormat::x87
                    ? OpCode::x87
                    : OpCode::word64;
  } else if (type.scalar == Scalar::handle && op.client.size != op.worker.size) {
    op.code = OpCode::handle;
  } else if (type.kind == Kind::scalar && type.scalar == Scalar::boolean) {
    op.code = OpCode::boolean;
  } else if (sizes(4, 4)) {
    op.code = OpCode::word32;
  } else if (sizes(8, 8)) {
    op.code = OpCode::word64;
  } else if (sizes(1, 1)) {
    op.code = op.worker.is_signed ? OpCode::signed8 : OpCode::unsigned8;
  } else if (sizes(2, 2)) {
    op.code = op.worker.is_signed ? OpCode::signed16 : OpCode::unsigned16;
  } else if (sizes(8, 4) && op.client.is_signed == op.worker.is_signed) {
    op.code = op.client.is_signed ? OpCode::narrow_signed : OpCode::narrow_unsigned;
  } else {
    op.code = OpCode::integer;
  }
  program_->ops.push_back(op);
  return {};
}

Result<void> PlanCompiler::add_record(Op op, const Type& type) {
  const auto index = shape_of(type);
  if (!index) return std::unexpected(index.error());
  const Shape& shape = program_->shapes[*index];
  op.code = shape.identical ? OpCode::record_bytes : OpCode::record;
  op.size = static_cast<std::uint32_t>(shape.worker_size);
  op.index = *index;
  program_->ops.push_back(op);
  return {};
}

// ---- the result ----

Result<void> PlanCompiler::add_result() {
  const Type& type = *signature_.result.type;
  ResultOp& op = program_->result;
  if (type.kind == Kind::void_type) return {};
  const auto client = layout_of(type, client_);
  if (!client) return refuse(ErrorCode::argument_type, "the result has no size");
  op.size = static_cast<std::uint32_t>(client->size);
  op.worker_size = static_cast<std::uint32_t>(layout_of(type, worker_)->size);
  if (type.kind == Kind::record) return add_record_result(type);
  if (type.kind != Kind::pointer) return add_scalar_result(type);
  auto rule = result_rule(signature_.result);
  if (!rule) return std::unexpected(std::move(rule.error()));
  op.code = ResultCode::pointer;
  op.index = static_cast<std::uint32_t>(program_->rules.size());
  program_->rules.push_back(std::move(*rule));
  return {};
}

Result<void> PlanCompiler::add_scalar_result(const Type& type) {
  ResultOp& op = program_->result;
  op.client = leaf(type.scalar, client_);
  op.worker = leaf(type.scalar, worker_);
  if (is_floating(type.scalar)) {
    const auto shape = shape_of(type);
    if (!shape) return std::unexpected(shape.error());
    const bool is_x87 = type.scalar == Scalar::long_double && rules(client_).long_double_format == FloatFormat::x87;
    op.code = is_x87 ? ResultCode::x87 : type.scalar == Scalar::float_ ? ResultCode::float32 : ResultCode::float64;
  } else if (type.kind == Kind::scalar && type.scalar == Scalar::boolean) {
    op.code = ResultCode::boolean;
  } else if (type.scalar == Scalar::handle && op.client.size != op.worker.size) {
    op.code = ResultCode::handle;
  } else if (op.client.size != op.worker.size) {
    op.code = ResultCode::integer;
  } else {
    op.code = op.client.size == 1   ? ResultCode::low8
              : op.client.size == 2 ? ResultCode::low16
              : op.client.size == 4 ? ResultCode::low32
                                    : ResultCode::low64;
  }
  return {};
}

Result<void> PlanCompiler::add_record_result(const Type& type) {
  const auto shape = shape_of(type);
  if (!shape) return std::unexpected(shape.error());
  ResultOp& op = program_->result;
  op.index = *shape;
  switch (frame_.result) {
    case ResultPlace::registers:
      op.code = ResultCode::record;
      break;
    case ResultPlace::x87:
      op.code = ResultCode::record_x87;
      break;
    case ResultPlace::x87_or_eax:
      op.code = ResultCode::record_either;
      break;
    default:
      op.code = ResultCode::record_memory;
      break;
  }
  return {};
}

void PlanCompiler::check_plain() {
  const auto needs_memory = [](const Op& op) { return op.code >= OpCode::pointer && op.code != OpCode::record_bytes; };
  const ResultCode result = program_->result.code;
  program_->is_plain = std::none_of(program_->ops.begin(), program_->ops.end(), needs_memory) &&
                       result != ResultCode::pointer && result < ResultCode::record;
}

// ---- plans ----

Result<Plan> PlanCompiler::plan() {
  if (auto done = run(); !done) return propagate(done);
  Plan plan;
  plan.program_ = program_;
  plan.word_count_ = frame_.word_count;
  plan.callee_removes_ = frame_.callee_removes;
  plan.stack_bytes_ = frame_.stack_bytes;
  const bool is_float = frame_.result == ResultPlace::x87 || frame_.result == ResultPlace::x87_or_eax;
  plan.line_flags_ = static_cast<std::uint8_t>((frame_.registers ? wire::kFlagRegisters : 0) |
                                               (is_float ? wire::kFlagFloatResult : 0));
  plan.is_plain_ = program_->is_plain;
  plan.argument_count_ = signature_.parameters.size();
  plan.result_size_ = program_->result.size;
  if (plan.result_size_ != 0) plan.result_alignment_ = layout_of(*signature_.result.type, client_)->alignment;
  return plan;
}

Result<CallbackPlan> PlanCompiler::callback_plan() {
  if (signature_.variadic) return refuse(ErrorCode::unsupported, "a variadic function cannot be a callback");
  if (auto done = run(); !done) return propagate(done);
  CallbackPlan plan;
  plan.program_ = program_;
  plan.stack_words_ = frame_.stack_bytes / 4;
  plan.word_count_ = frame_.word_count;
  plan.callee_removes_ = frame_.callee_removes;
  const bool is_float = frame_.result == ResultPlace::x87 || frame_.result == ResultPlace::x87_or_eax;
  plan.thunk_flags_ = static_cast<std::uint8_t>((frame_.registers ? wire::kFlagRegisters : 0) |
                                                (is_float ? wire::kFlagFloatResult : 0));
  plan.argument_count_ = signature_.parameters.size();
  plan.result_size_ = program_->result.size;
  if (plan.result_size_ != 0) plan.result_alignment_ = layout_of(*signature_.result.type, client_)->alignment;
  return plan;
}

Result<Plan> compile(const Function& function, Target client, Target worker) {
  return PlanCompiler(function, client, worker, false).plan();
}

Result<CallbackPlan> compile_callback(const Function& function, Target client, Target worker) {
  return PlanCompiler(function, client, worker, true).callback_plan();
}

}  // namespace halfword::model
