// The memory of one lane's calls, as the marshalling engine wants it (interface/space.h).
//
// Scratch memory is a stack: nested calls take from its top, and a call gives back what it and everything below it
// took.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "client/stale.h"
#include "interface/space.h"
#include "supervisor/worker.h"

namespace halfword {

class Lane;

class LaneSpace : public model::Space {
 public:
  LaneSpace(Worker& worker, Lane& lane, std::shared_ptr<StaleMemory> stale);
  ~LaneSpace();

  /// The height of the stack of scratch memory.
  struct Mark {
    std::size_t used;
    std::size_t pieces;
  };
  Mark mark() const { return {used_, pieces_.size()}; }
  void release(Mark mark);

  model::Scratch allocate(std::size_t size, std::size_t alignment) override;
  model::Location locate(const void* pointer, std::size_t size) override;
  bool is_stale(const void* pointer) override { return stale_->contains(pointer); }
  void* pointer_to(std::uint64_t address, std::size_t size) override;
  Result<void> read(std::uint64_t address, void* to, std::size_t size) override;
  Result<void> write(std::uint64_t address, const void* from, std::size_t size) override;
  Result<std::uint64_t> measure(std::uint64_t address, unsigned unit, std::uint64_t limit) override;
  void* keep(std::size_t size) override;
  Result<std::uint64_t> token(const void* pointer) override;
  std::optional<void*> token_value(std::uint64_t token) override;

 private:
  struct Piece {
    std::byte* begin;
    std::size_t size;
  };
  struct Kept {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };
  model::Scratch allocate_piece(std::size_t size);
  Result<void> copy(std::uint64_t address, std::byte* client, std::size_t size, bool to_worker);

  Worker& worker_;
  Lane& lane_;
  std::shared_ptr<StaleMemory> stale_;
  std::byte* block_;      // the common case: small arguments share one piece that is always there
  std::size_t used_ = 0;  // of block_
  std::vector<Piece> pieces_;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace halfword
