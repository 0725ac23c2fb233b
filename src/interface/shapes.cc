// Objects in memory: how the client's and the worker's layouts of a type map onto each other.
#include <algorithm>

#include "interface/layout.h"
#include "interface/plan_compiler.h"

namespace halfword::model {
namespace {

// More steps than any struct that is passed; a bound for struct types from hostile text.
constexpr std::size_t kMaxSteps = 64 * 1024;

FloatFormat format_of(Scalar scalar, Target target) {
  if (scalar == Scalar::float_) return FloatFormat::binary32;
  return scalar == Scalar::double_ ? FloatFormat::binary64 : rules(target).long_double_format;
}

}  // namespace

Leaf PlanCompiler::leaf(Scalar scalar, Target target) const {
  return {static_cast<std::uint8_t>(layout_of(scalar, target).size), is_signed(scalar, target)};
}

// The shape of objects of this type. `element_rule` is the rule of its pointers where words say more than types.
Result<std::uint32_t> PlanCompiler::shape_of(const Type& type, const PointerRule* element_rule) {
  if (type.kind == Kind::record) return record_shape(*type.record);
  const auto client = layout_of(type, client_);
  const auto worker = layout_of(type, worker_);
  if (!client || !worker) return refuse(ErrorCode::argument_type, "\"" + text_of(type) + "\" has no size");
  Shape shape;
  shape.client_size = client->size;
  shape.worker_size = worker->size;
  shape.worker_alignment = worker->alignment;
  if (auto added = add_steps(shape, type, {}, "", element_rule); !added) return propagate(added);
  merge_bytes(shape);
  program_->shapes.push_back(std::move(shape));
  return static_cast<std::uint32_t>(program_->shapes.size() - 1);
}

Result<std::uint32_t> PlanCompiler::record_shape(const Record& record) {
  if (const auto found = record_shapes_.find(&record); found != record_shapes_.end()) return found->second;
  const RecordLayout& client = record.layouts[static_cast<std::size_t>(client_)];
  const RecordLayout& worker = record.layouts[static_cast<std::size_t>(worker_)];
  if (!record.complete || !client.known || !worker.known)
    return refuse(ErrorCode::argument_type, "struct " + record.name + " is not declared with its fields");
  Shape shape;
  shape.client_size = client.size;
  shape.worker_size = worker.size;
  shape.worker_alignment = worker.alignment;
  if (record.is_union) {
    // Nobody knows which member holds, so a union passes only if that does not matter.
    Type type;
    type.kind = Kind::record;
    type.record = &record;
    if (!same_layout(type))
      return refuse(ErrorCode::unsupported,
                    "union " + record.name + " has members that differ between " + std::string(rules(client_).name) +
                        " and " + std::string(rules(worker_).name) + ", and nothing says which one holds");
    Step all;
    all.size = client.size;
    shape.steps.push_back(all);
  } else {
    for (std::size_t index = 0; index < record.fields.size(); ++index)
      if (auto added = add_field_steps(shape, record, index); !added) return propagate(added);
  }
  merge_bytes(shape);
  program_->shapes.push_back(std::move(shape));
  const auto made = static_cast<std::uint32_t>(program_->shapes.size() - 1);
  record_shapes_.emplace(&record, made);
  return made;
}

Result<void> PlanCompiler::add_field_steps(Shape& shape, const Record& record, std::size_t index) {
  const Field& field = record.fields[index];
  if (field.is_bit_field) {
    if (field.bits != 0) add_bit_field(shape, record, index);
    return {};
  }
  Step at;
  at.client_offset = record.layouts[static_cast<std::size_t>(client_)].bit_offsets[index] / 8;
  at.worker_offset = record.layouts[static_cast<std::size_t>(worker_)].bit_offsets[index] / 8;
  const std::string owner = record.name.empty() ? "its struct" : "struct " + record.name;
  const std::string label = "field " + (field.name.empty() ? "without a name" : field.name) + " of " + owner;
  const Type* type = field.type;
  while (type->kind == Kind::array) type = type->element;
  if (type->kind != Kind::pointer) return add_steps(shape, *field.type, at, label, nullptr);
  const Type* next = index + 1 < record.fields.size() ? record.fields[index + 1].type : nullptr;
  const PointerRule rule = nested_rule(*type, next, label);
  return add_steps(shape, *field.type, at, label, &rule);
}

void PlanCompiler::add_bit_field(Shape& shape, const Record& record, std::size_t index) {
  const Field& field = record.fields[index];
  Step step;
  step.kind = StepKind::bits;
  step.client_offset = record.layouts[static_cast<std::size_t>(client_)].bit_offsets[index];
  step.worker_offset = record.layouts[static_cast<std::size_t>(worker_)].bit_offsets[index];
  step.size = field.bits;
  shape.steps.push_back(step);
}

Result<void> PlanCompiler::add_steps(Shape& shape, const Type& type, Step at, const std::string& label,
                                     const PointerRule* rule) {
  if (shape.steps.size() > kMaxSteps) return refuse(ErrorCode::unsupported, "a struct with too many fields");
  switch (type.kind) {
    case Kind::scalar:
    case Kind::enumeration:
      return add_scalar_step(shape, type.scalar, at, label);
    case Kind::array:
      return add_array_steps(shape, type, at, label, rule);
    case Kind::pointer:
      at.kind = StepKind::pointer;
      at.client = {rules(client_).pointer_size, false};
      at.worker = {rules(worker_).pointer_size, false};
      at.index = static_cast<std::uint32_t>(program_->rules.size());
      program_->rules.push_back(rule != nullptr ? *rule : nested_rule(type, nullptr, label));
      shape.steps.push_back(at);
      return {};
    case Kind::record: {
      const auto nested = record_shape(*type.record);
      if (!nested) return std::unexpected(nested.error());
      const Shape& inner = program_->shapes[*nested];
      at.kind = inner.identical ? StepKind::bytes : StepKind::nested;
      at.index = *nested;
      at.size = inner.client_size;
      shape.steps.push_back(at);
      return {};
    }
    default:
      return refuse(ErrorCode::argument_type, "\"" + text_of(type) + "\" has no size");
  }
}

Result<void> PlanCompiler::add_scalar_step(Shape& shape, Scalar scalar, Step at, const std::string& label) {
  at.client = leaf(scalar, client_);
  at.worker = leaf(scalar, worker_);
  at.size = at.client.size;
  if (is_floating(scalar)) {
    const FloatFormat mine = format_of(scalar, client_), theirs = format_of(scalar, worker_);
    if (mine == theirs)
      at.kind = mine == FloatFormat::x87 && at.client.size != at.worker.size ? StepKind::x87 : StepKind::bytes;
    else if (mine != FloatFormat::binary128 && theirs != FloatFormat::binary128)
      at.kind = StepKind::x87_double;
    else
      return refuse(ErrorCode::unsupported, "long double differs between " + std::string(rules(client_).name) +
                                                " and " + std::string(rules(worker_).name) + "; use double");
  } else if (at.client.size != at.worker.size) {
    at.kind = scalar == Scalar::handle ? StepKind::handle : StepKind::integer;
    at.label = add_label((label.empty() ? "an element" : label) + " (" + std::string(text_of(scalar)) + ")");
  }
  shape.steps.push_back(at);
  return {};
}

Result<void> PlanCompiler::add_array_steps(Shape& shape, const Type& type, Step at, const std::string& label,
                                           const PointerRule* rule) {
  const Type* element = type.element;
  std::uint64_t count = type.count;
  while (element->kind == Kind::array) {
    count *= element->count;  // bounded by the array's size
    element = element->element;
  }
  const std::size_t before = shape.steps.size();
  if (auto added = add_steps(shape, *element, at, label, rule); !added) return added;
  for (std::size_t index = before; index < shape.steps.size(); ++index) {
    Step& step = shape.steps[index];
    step.client_stride = layout_of(*element, client_)->size;
    step.worker_stride = layout_of(*element, worker_)->size;
    if (step.kind == StepKind::bytes && step.client_stride == step.worker_stride && step.size == step.client_stride)
      step.size *= count;
    else
      step.count = count;
  }
  return {};
}

// Joins what lies side by side on both sides, and finds out whether the whole is one copy.
void PlanCompiler::merge_bytes(Shape& shape) const {
  const auto is_plain_bits = [](const Step& step) {
    return step.kind == StepKind::bits && step.client_offset == step.worker_offset;
  };
  shape.identical = shape.client_size == shape.worker_size;
  for (const Step& step : shape.steps)
    shape.identical &= is_plain_bits(step) ||
                       (step.kind == StepKind::bytes && step.count == 1 && step.client_offset == step.worker_offset);
  if (shape.identical) {
    Step all;
    all.size = shape.client_size;
    shape.steps = {all};
    return;
  }
  std::vector<Step> merged;
  for (const Step& step : shape.steps) {
    Step* last = merged.empty() ? nullptr : &merged.back();
    if (last != nullptr && last->kind == StepKind::bytes && step.kind == StepKind::bytes && last->count == 1 &&
        step.count == 1 && step.client_offset == last->client_offset + last->size &&
        step.worker_offset == last->worker_offset + last->size)
      last->size += step.size;
    else
      merged.push_back(step);
  }
  shape.steps = std::move(merged);
}

// Whether an object of this type is the same bytes on both sides. Pointers never are: their values are translated.
bool PlanCompiler::same_layout(const Type& type) {
  switch (type.kind) {
    case Kind::scalar:
    case Kind::enumeration:
      return leaf(type.scalar, client_).size == leaf(type.scalar, worker_).size &&
             (!is_floating(type.scalar) || format_of(type.scalar, client_) == format_of(type.scalar, worker_));
    case Kind::array:
      return same_layout(*type.element);
    case Kind::record:
      break;
    default:
      return false;
  }
  const Record& record = *type.record;
  if (const auto found = same_records_.find(&record); found != same_records_.end()) return found->second;
  const RecordLayout& client = record.layouts[static_cast<std::size_t>(client_)];
  const RecordLayout& worker = record.layouts[static_cast<std::size_t>(worker_)];
  const bool same = record.complete && client.known && worker.known && client.size == worker.size &&
                    client.bit_offsets == worker.bit_offsets &&
                    std::all_of(record.fields.begin(), record.fields.end(),
                                [this](const Field& field) { return same_layout(*field.type); });
  same_records_.emplace(&record, same);
  return same;
}

}  // namespace halfword::model
