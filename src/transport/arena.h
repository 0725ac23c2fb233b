// The client's part of the window: room for the arguments of calls. Its bookkeeping lies in the client's own memory, so
// that nothing a worker writes can lead the client astray.
//
// Freed room is used again before fresh room, lowest address first: pages that are present already are ten times as
// fast to write as ones that are not (12 against 1.3 GB/s). Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace halfword {

class Arena {
 public:
  /// Serves [begin, begin + size).
  Arena(std::byte* begin, std::size_t size);

  /// A piece of at least `size` bytes, aligned to 4096; nullptr when there is no room in one piece.
  std::byte* allocate(std::size_t size);
  /// Gives back what `allocate(size)` returned.
  void release(std::byte* piece, std::size_t size);

 private:
  std::mutex mutex_;
  std::map<std::byte*, std::size_t> free_;  // begin -> size, never two that touch
};

}  // namespace halfword
