#include "client/batch.h"

#include <algorithm>
#include <cstring>

namespace halfword {
namespace {

constexpr std::size_t kPiece = 512;  // 32 KiB of scratch memory at once

}  // namespace

Result<void> Batch::add(Function& function, void* result, void* const* arguments) {
  const model::Plan& plan = function.plan();
  if (!plan.is_plain() || plan.word_count() > wire::kInlineWords)
    return fail(ErrorCode::unsupported, "a batch takes only calls whose arguments are plain numbers and handles; " +
                                            plan.function_name() + " has others");
  Result<Lane*> lane = library_.session().lane();
  if (!lane) return propagate(lane);
  Result<std::uint32_t> address = function.address();
  if (!address) return propagate(address);
  wire::BatchEntry entry = {};
  model::CallFrame frame(entry.words);
  if (Result<void> lowered = plan.lower(arguments, (*lane)->space(), frame); !lowered) return lowered;
  entry.function = *address;
  entry.word_count = static_cast<std::uint16_t>(plan.word_count());
  entry.flags = plan.line_flags();
  entries_.push_back(entry);
  calls_.push_back({&function, result});
  return {};
}

Result<void> Batch::raise(const wire::BatchEntry& entry, const Call& call, Lane& lane) {
  wire::Returned returned;
  std::memcpy(&returned, entry.words, sizeof returned);
  const model::Plan& plan = call.function->plan();
  if (Result<void> right = check_convention(plan, returned); !right) return right;
  std::uint32_t none[1];
  model::CallFrame frame(none);
  return plan.raise(returned, call.result, nullptr, lane.space(), frame);
}

Result<std::uint32_t> Batch::run_piece(Lane& lane, std::size_t first, std::size_t count, Deadline deadline) {
  const std::size_t size = count * sizeof(wire::BatchEntry);
  const model::Scratch scratch = lane.space().allocate(size, alignof(std::max_align_t));
  if (scratch.pointer == nullptr) return fail(ErrorCode::no_memory, "the window has no room for the batch");
  std::memcpy(scratch.pointer, &entries_[first], size);
  Result<std::uint32_t> done = lane.run_batch(scratch.address, static_cast<std::uint32_t>(count), deadline);
  if (!done) return done;
  std::memcpy(&entries_[first], scratch.pointer, size);
  for (std::size_t at = first; at < first + *done; ++at)
    if (Result<void> raised = raise(entries_[at], calls_[at], lane); !raised) return propagate(raised);
  return done;
}

Result<void> Batch::run(std::int64_t deadline_ns, std::size_t* done) {
  const Deadline deadline = library_.deadline(deadline_ns);
  Result<Lane*> lane = library_.session().lane();
  std::size_t finished = 0;
  Result<void> result;
  if (!lane) result = propagate(lane);
  while (result && finished < calls_.size()) {
    const std::size_t count = std::min(kPiece, calls_.size() - finished);
    const LaneSpace::Mark before = (*lane)->mark();
    Result<std::uint32_t> piece = run_piece(**lane, finished, count, deadline);
    (*lane)->release(before);
    if (piece)
      finished += count;
    else
      result = propagate(piece);
  }
  calls_.clear();
  entries_.clear();
  if (done != nullptr) *done = finished;
  return result;
}

}  // namespace halfword
