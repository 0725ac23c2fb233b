// From a function's signature to its program: places, shapes, pointer rules. Private to src/interface; one object
// compiles one function, on one thread. The rules fail closed: what the types and words do not settle is an error, at
// once where nothing could pass, at the call where a value might (a NULL, an address of the worker's own).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "interface/callback_plan.h"
#include "interface/model.h"
#include "interface/plan.h"
#include "interface/program.h"
#include "interface/x86_convention.h"

namespace halfword::model {

class PlanCompiler {
 public:
  PlanCompiler(const Function& function, Target client, Target worker, bool is_callback);

  Result<Plan> plan();
  Result<CallbackPlan> callback_plan();

 private:
  // compile.cc
  Result<void> run();
  Result<void> add_parameter(std::size_t index);
  Result<void> add_scalar(Op op, const Type& type);
  Result<void> add_record(Op op, const Type& type);
  Result<void> add_result();
  Result<void> add_scalar_result(const Type& type);
  Result<void> add_record_result(const Type& type);
  void describe_parameter(std::size_t index);
  void check_plain();
  void find_token_pair();
  Leaf leaf(Scalar scalar, Target target) const;
  std::uint32_t add_label(std::string text);
  std::unexpected<Error> refuse(ErrorCode code, std::string message) const;

  // shapes.cc
  Result<std::uint32_t> shape_of(const Type& type, const PointerRule* element_rule = nullptr);
  Result<void> add_steps(Shape& shape, const Type& type, Step at, const std::string& label, const PointerRule* rule);
  Result<void> add_scalar_step(Shape& shape, Scalar scalar, Step at, const std::string& label);
  Result<void> add_array_steps(Shape& shape, const Type& type, Step at, const std::string& label,
                               const PointerRule* rule);
  Result<std::uint32_t> record_shape(const Record& record);
  Result<void> add_field_steps(Shape& shape, const Record& record, std::size_t index);
  void add_bit_field(Shape& shape, const Record& record, std::size_t index);
  void merge_bytes(Shape& shape) const;
  bool same_layout(const Type& type);

  // rules.cc
  Result<PointerRule> parameter_rule(std::size_t index);
  Result<PointerRule> unsaid_rule(std::size_t index, const Type& element);
  Result<PointerRule> said_rule(std::size_t index, const Type& element);
  Result<PointerRule> outptr_rule(std::size_t index, const Type& element);
  Result<PointerRule> open_array_rule(std::size_t index, const Type& element);
  Result<PointerRule> buffer_rule(std::size_t index, const Type& element, bool open_ended);
  PointerRule string_rule(Scalar character) const;
  PointerRule nested_rule(const Type& pointer, const Type* next, std::string label);
  Result<PointerRule> result_rule(const Value& result);
  void set_up(PointerRule& rule, const Type& element, bool is_string);
  std::string advice_for(std::size_t index) const;
  std::string missing_word(std::size_t index, const std::string& text) const;

  const Function& function_;
  const Signature& signature_;
  Target client_;
  Target worker_;
  bool is_callback_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  X86Frame frame_;
  std::map<const Record*, std::uint32_t> record_shapes_;
  std::map<const Record*, bool> same_records_;
  std::size_t token_parameter_ = ~std::size_t{0};  // paired with the one callback of this function
};

/// Characters that may make a string: plain char, wchar_t, char16_t, char32_t.
bool is_text(const Type& type);

}  // namespace halfword::model
