// The engine in the other direction: a function of the client's that the library calls through a thunk.
//
// Used by the client on the thread that serves the callback, one CallbackFrame each; a CallbackPlan is constant and
// shared. What the library passes is not trusted: pointers become pointers only where the Space says that the client
// sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "interface/model.h"
#include "interface/space.h"

namespace halfword::model {

struct Program;

/// What the thunk hands to the library, as wire::Kind::callback_return carries it.
struct CallbackAnswer {
  std::uint32_t eax = 0;
  std::uint32_t edx = 0;
  std::uint8_t st0[12] = {};
};
static_assert(sizeof(CallbackAnswer) == 20);

/// One callback under way: the values that the client's function gets. Lives from raise_arguments() to lower_result().
class CallbackFrame {
 public:
  CallbackFrame() = default;
  CallbackFrame(const CallbackFrame&) = delete;
  CallbackFrame& operator=(const CallbackFrame&) = delete;

  /// Pointers to the argument values in the client's representation; valid as long as this object.
  void* const* arguments() const { return arguments_.data(); }

  // For the engine.
  /// A copy of the library's memory in the client's layout, to be written back where the callback may change it.
  struct Copy {
    std::byte* client;
    std::byte* snapshot;  ///< in the worker's layout, as it came
    std::uint64_t address;
    std::uint64_t count;
    std::uint32_t rule;
    std::uint32_t parameter;
  };
  std::byte* allocate(std::size_t size);
  std::vector<void*> arguments_;
  std::vector<Copy> copies_;
  std::uint64_t hidden_result_ = 0;

 private:
  alignas(16) std::byte first_[512];  // most callbacks need no more
  std::size_t used_ = 0;
  std::deque<std::unique_ptr<std::byte[]>> more_;
};

class CallbackPlan {
 public:
  /// Words on the stack, as Operation::make_thunk takes them: without the registers.
  std::uint32_t stack_words() const { return stack_words_; }
  /// Words as they arrive, ecx and edx first where thunk_flags() has kFlagRegisters.
  std::uint32_t word_count() const { return word_count_; }
  /// wire::kFlagRegisters and wire::kFlagFloatResult for make_thunk.
  std::uint8_t thunk_flags() const { return thunk_flags_; }
  std::uint32_t callee_removes() const { return callee_removes_; }
  std::size_t argument_count() const { return argument_count_; }
  std::size_t result_size() const { return result_size_; }
  std::size_t result_alignment() const { return result_alignment_; }

  /// Turns the library's arguments into the client's.
  /// \param words  a private copy of word_count() words
  /// \return unsupported where an argument cannot be shown to the client; the message names it
  Result<void> raise_arguments(const std::uint32_t* words, Space& space, CallbackFrame& frame) const;

  /// Writes back what the client's function changed in copies, and turns its result into registers.
  /// \param result  result_size() bytes; nullptr answers zero
  Result<CallbackAnswer> lower_result(const void* result, Space& space, CallbackFrame& frame) const;

  std::string describe() const;

 private:
  friend class PlanCompiler;
  CallbackPlan() = default;
  std::shared_ptr<const Program> program_;
  std::uint32_t stack_words_ = 0;
  std::uint32_t word_count_ = 0;
  std::uint32_t callee_removes_ = 0;
  std::uint8_t thunk_flags_ = 0;
  std::size_t argument_count_ = 0;
  std::size_t result_size_ = 0;
  std::size_t result_alignment_ = 1;
};

/// Compiles a function of the client's that a library at `worker` calls. `function` may be unnamed.
Result<CallbackPlan> compile_callback(const Function& function, Target client, Target worker);

}  // namespace halfword::model
