// One call's arguments and results beyond plain values: buffers, structs, pointers. Private to the engine; used by
// Plan::lower and Plan::raise (plan.cc) on the thread of the call.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "interface/extents.h"
#include "interface/marshaller.h"
#include "interface/plan.h"
#include "interface/program.h"
#include "interface/space.h"

namespace halfword::model {

class Call {
 public:
  Call(const Program& program, void* const* arguments, Space& space, CallFrame& frame)
      : program_(program),
        arguments_(arguments),
        space_(space),
        frame_(frame),
        marshaller_(program, space, &frame, nullptr) {}

  /// Writes the words of an operation that is not plain, or whose value does not fit.
  Result<void> lower(const Op& op);
  /// Makes room for a result in memory and writes the hidden pointer.
  Result<void> lower_hidden();

  /// Stores the result; `result` may be null.
  Result<void> raise_result(const wire::Returned& returned, void* result);
  /// Writes back every buffer that the call may have changed.
  Result<void> write_back(const wire::Returned& returned);

 private:
  Result<void> lower_pointer(const Op& op);
  Result<std::uint64_t> lower_buffer(const PointerRule& rule, std::uint32_t index, std::byte* pointer);
  Result<std::uint64_t> copy_buffer(const PointerRule& rule, std::uint32_t index, std::byte* pointer,
                                    std::uint64_t count);
  Result<void> fill(const PointerRule& rule, std::byte* pointer, std::byte* scratch, std::uint64_t count,
                    std::uint64_t terminated);
  std::optional<std::uint64_t> shared_copy(const PointerRule& rule, std::uint32_t index, std::byte* pointer,
                                           std::uint64_t bytes);
  Result<std::uint64_t> capacity_of(const PointerRule& rule, const std::byte* pointer);
  Result<void> write_back(const Transfer& transfer, std::uint64_t count);
  Result<void> write_back_text(const PointerRule& rule, const Transfer& transfer, std::uint64_t count);
  Result<std::uint64_t> length_of(const PointerRule& rule, const Transfer& transfer,
                                  std::optional<std::int64_t> result);
  std::optional<std::int64_t> integer_result(const wire::Returned& returned) const;
  Result<void> raise_record(const wire::Returned& returned, void* result);
  ExtentInput input(std::optional<std::int64_t> result = {}) const { return {program_, arguments_, space_, result}; }

  const Program& program_;
  void* const* arguments_;
  Space& space_;
  CallFrame& frame_;
  Marshaller marshaller_;
};

}  // namespace halfword::model
