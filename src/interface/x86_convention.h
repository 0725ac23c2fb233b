// Where the arguments and the result of an i386 function lie: the words of a frame, registers, the hidden pointer.
//
// Used when a plan is compiled; any thread. The rules are those of the target's compilers, see x86_convention.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "interface/model.h"

namespace halfword::model {

/// Argument areas beyond this do not fit any stack.
constexpr std::uint64_t kMaxFrameBytes = 16U << 20;

enum class ResultPlace : std::uint8_t {
  none,
  registers,   ///< eax, or edx:eax for more than 4 bytes
  x87,         ///< st(0)
  x87_or_eax,  ///< a struct of one float or double: GCC takes st(0), Microsoft's compiler edx:eax
  memory,      ///< through the hidden pointer
};

struct X86Frame {
  std::vector<std::uint32_t> words;     ///< of each parameter: the number of its first word
  std::optional<std::uint32_t> hidden;  ///< the word of the hidden pointer
  std::uint32_t word_count = 0;         ///< all words; where `registers`, ecx and edx are words 0 and 1
  bool registers = false;
  std::uint32_t stack_bytes = 0;
  std::uint32_t callee_removes = 0;
  ResultPlace result = ResultPlace::none;
};

/// \return unsupported for parameters without a layout at `target` or larger than kMaxFrameBytes together
Result<X86Frame> lay_out_x86_frame(const Signature& signature, Target target);

}  // namespace halfword::model
