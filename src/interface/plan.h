// The marshalling engine: a function's plan is compiled once and then lays out calls and reads back their results.
//
// Used by the client on the thread of the lane that makes the call. A Plan is constant: any number of threads may use
// it at once, each with its own CallFrame and Space. Arguments come from the program and are trusted to be what the
// prototype says they are; everything that comes back from the worker is not trusted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "interface/model.h"
#include "interface/space.h"
#include "wire/window_layout.h"

namespace halfword::model {

struct Program;  // program.h: what a plan compiles to

/// Memory of the client that this call shows to the worker as a copy in scratch memory.
struct Transfer {
  std::byte* client;        ///< what the argument pointed to
  std::byte* scratch;       ///< its copy, in the worker's layout
  std::byte* snapshot;      ///< the copy as it was before the call, or nullptr
  std::uint64_t address;    ///< of `scratch`, for the worker
  std::uint64_t count;      ///< elements
  std::uint64_t bytes;      ///< of scratch memory
  std::uint32_t rule;       ///< number of the pointer's rule in its program
  std::uint32_t parameter;  ///< from 0
};

/// One call under way: where its words go and what has to be read back. Lives on the caller's stack from lower() to
/// raise(); used by one call at a time.
class CallFrame {
 public:
  /// \param words  room for Plan::word_count() words, borrowed; only ever written
  explicit CallFrame(std::uint32_t* words) : words_(words) {}
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;

  std::uint32_t* words() const { return words_; }

  // For the engine.
  void add(const Transfer& transfer);
  std::size_t transfer_count() const { return count_; }
  const Transfer& transfer(std::size_t index) const {
    return index < kInline ? inline_[index] : more_[index - kInline];
  }
  Scratch hidden_result;  ///< where the callee stores a result that is returned in memory

 private:
  static constexpr std::size_t kInline =
      6;  // most functions have fewer buffers, and an allocation costs a tenth of a call
  std::uint32_t* words_;
  std::size_t count_ = 0;
  Transfer inline_[kInline];
  std::vector<Transfer> more_;
};

/// How one function is called at one worker target from one client target.
class Plan {
 public:
  /// Words of the argument area as wire::Line carries it, the two registers included.
  std::uint32_t word_count() const { return word_count_; }
  /// wire::kFlagRegisters and wire::kFlagFloatResult, as they go into wire::Line::flags.
  std::uint8_t line_flags() const { return line_flags_; }
  /// Bytes that the callee takes off the stack beside its return address.
  std::uint32_t callee_removes() const { return callee_removes_; }
  /// Bytes on the stack, without registers: for the message that says which convention a callee looks like.
  std::uint32_t stack_bytes() const { return stack_bytes_; }
  std::size_t argument_count() const { return argument_count_; }
  /// Size and alignment of the result in the client; 0 for void.
  std::size_t result_size() const { return result_size_; }
  std::size_t result_alignment() const { return result_alignment_; }
  /// True if a call needs no memory but its words and its result: lower() and raise() then ask nothing of the Space.
  bool is_plain() const { return is_plain_; }

  /// Writes the argument area.
  ///
  /// \param arguments  argument_count() pointers to the values in the client's own representation, as libffi takes
  ///     them; those behind a variadic `...` already promoted (int, double)
  /// \param space  gives scratch memory, which must stay until raise() is done
  /// \return argument_range or argument_type naming the argument, no_memory, unsupported; nothing was changed then
  Result<void> lower(void* const* arguments, Space& space, CallFrame& frame) const;

  /// Reads the result and writes back what the call changed in the client's memory.
  ///
  /// \param returned  a private copy of what the worker sent
  /// \param result  room for result_size() bytes, or nullptr to drop the result
  /// \param frame  as lower() left it
  /// \return unsupported where a returned pointer cannot be seen by the client and cannot be copied
  Result<void> raise(const wire::Returned& returned, void* result, void* const* arguments, Space& space,
                     CallFrame& frame) const;

  /// The function as the engine understands it, one parameter a line: name, type, direction, how it passes.
  std::string describe() const;
  /// For messages and traces.
  const std::string& function_name() const;
  std::string parameter_name(std::size_t index) const;

 private:
  friend class PlanCompiler;
  Plan() = default;
  std::shared_ptr<const Program> program_;
  std::uint32_t word_count_ = 0;
  std::uint32_t callee_removes_ = 0;
  std::uint32_t stack_bytes_ = 0;
  std::uint8_t line_flags_ = 0;
  bool is_plain_ = false;
  std::size_t argument_count_ = 0;
  std::size_t result_size_ = 0;
  std::size_t result_alignment_ = 1;
};

/// Compiles `function` for calls from `client` into `worker`. The plan keeps nothing of the model.
/// \return unsupported for a worker target that has no frames yet (all but i386), or a type that does not pass;
///     argument_type where a parameter needs a word: the message names the parameter and the words
Result<Plan> compile(const Function& function, Target client, Target worker);

}  // namespace halfword::model
