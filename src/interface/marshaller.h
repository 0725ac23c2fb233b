// Converts values and objects between the client's and the worker's layouts, pointers included: the part of the engine
// that calls and callbacks share. One object per call or callback, on its thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "interface/callback_plan.h"
#include "interface/plan.h"
#include "interface/program.h"
#include "interface/space.h"

namespace halfword::model {

/// What becomes of client values that do not fit: `out` memory holds whatever the client left in it.
enum class Strictness : std::uint8_t { refuse, truncate };

class Marshaller {
 public:
  /// Exactly one of `call` and `callback` is set: where copies made on the way are recorded, or allocated.
  Marshaller(const Program& program, Space& space, CallFrame* call, CallbackFrame* callback)
      : program_(program), space_(space), call_(call), callback_(callback) {}

  /// Names the argument that errors speak of, from 0; kResult for the result.
  static constexpr std::uint32_t kResult = ~0U;
  void set_parameter(std::uint32_t parameter) { parameter_ = parameter; }
  std::uint32_t parameter() const { return parameter_; }

  /// Converts `count` objects. `client` may be unaligned, and so may `worker`.
  Result<void> lower(const Shape& shape, const std::byte* client, std::byte* worker, std::uint64_t count,
                     Strictness strictness);
  /// The other way. With a `snapshot` of the worker's bytes only what differs from it is stored.
  Result<void> raise(const Shape& shape, const std::byte* worker, const std::byte* snapshot, std::byte* client,
                     std::uint64_t count);

  /// The worker's number for a pointer of the client's that is not a buffer.
  Result<std::uint64_t> lower_pointer(const PointerRule& rule, const void* pointer);
  /// The client's pointer for an address of the worker's.
  Result<void*> raise_pointer(const PointerRule& rule, std::uint64_t address);

  Result<Scratch> scratch(std::uint64_t bytes, std::uint32_t alignment);

  /// The error with the function and the argument in front of `message`.
  std::unexpected<Error> refuse(ErrorCode code, const std::string& message) const;
  std::unexpected<Error> refuse(Error error) const;
  /// "argument_range" for a value that does not fit `leaf` of `type`.
  std::unexpected<Error> out_of_range(const std::string& value, const std::string& type, Leaf leaf) const;

 private:
  Result<void> lower_step(const Step& step, const std::byte* client, std::byte* worker, Strictness strictness);
  Result<void> lower_integer(const Step& step, const std::byte* client, std::byte* worker, Strictness strictness);
  Result<void> raise_step(const Step& step, const std::byte* worker, const std::byte* snapshot, std::byte* client);
  Result<void> raise_changed(const Step& step, const std::byte* worker, std::byte* client);
  Result<std::uint64_t> lower_located(const PointerRule& rule, const void* pointer);
  Result<std::uint64_t> lower_string(const PointerRule& rule, const void* pointer);
  Result<void*> raise_string(const PointerRule& rule, std::uint64_t address);
  void* alias(std::uint64_t address) const;
  void* alias_in(const Transfer& transfer, std::uint64_t offset) const;
  void* client_memory(std::size_t size);
  std::string subject(const PointerRule& rule) const;

  const Program& program_;
  Space& space_;
  CallFrame* call_;
  CallbackFrame* callback_;
  std::uint32_t parameter_ = 0;
};

/// Copies to `client` the bytes of `scratch` that differ from `snapshot`; without one, those that differ from the
/// client's, a page at a time.
void copy_changed(std::byte* client, const std::byte* scratch, const std::byte* snapshot, std::uint64_t size);

}  // namespace halfword::model
