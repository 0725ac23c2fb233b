// The buffers of one call: in the client's own memory, from where the engine copies them, or in the library's heap,
// which both see, for pointers of which the prototype says nothing. Main thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "client/library.h"

namespace halfword::cli {

/// Zeros behind every buffer: text is read up to a zero of its own width, which may be missing in what the user gave.
constexpr std::size_t kSlack = 16;

class Memory {
 public:
  explicit Memory(Library& library) : library_(library) {}
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  enum class Where { client, library };

  /// `size` bytes, aligned for any type, zeroed, with kSlack zeros behind them; they stay as long as this object.
  /// Where the library's heap cannot be seen (HALFWORD_WINDOW=off) it is the client's memory in any case.
  Result<std::byte*> allocate(std::size_t size, Where where);

  /// How many bytes there are from `pointer` to the end of its buffer, the slack included; 0 if it lies in none.
  std::size_t room_at(const void* pointer) const;

  /// What the client writes for an address of the worker's, and the other way round (0: the pointer has none).
  void* pointer_of(std::uint64_t address) const;
  std::uint64_t address_of(const void* pointer) const;

 private:
  struct Block {
    std::byte* pointer;
    std::size_t size;
    bool in_library;
  };
  Library& library_;
  std::vector<Block> blocks_;
};

}  // namespace halfword::cli
