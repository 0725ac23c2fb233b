// Calls that are collected in the window and made with one wake-up.
#pragma once

#include <vector>

#include "client/library.h"

namespace halfword {

class Batch {
 public:
  explicit Batch(Library& library) : library_(library) {}

  /// Lays one call out. Only plain calls of at most wire::kInlineWords words: `unsupported` for others.
  Result<void> add(Function& function, void* result, void* const* arguments);

  /// Makes the calls; `done` receives how many have returned. Empties the batch.
  Result<void> run(std::int64_t deadline_ns, std::size_t* done);

 private:
  struct Call {
    Function* function;
    void* result;
  };
  Result<std::uint32_t> run_piece(Lane& lane, std::size_t first, std::size_t count, Deadline deadline);
  Result<void> raise(const wire::BatchEntry& entry, const Call& call, Lane& lane);

  Library& library_;
  std::vector<Call> calls_;
  std::vector<wire::BatchEntry> entries_;
};

}  // namespace halfword
