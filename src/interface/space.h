// The memory that a call's arguments lie in: what the marshalling engine needs of the client and of the window.
//
// Implemented by the client, once per lane; used by plans on the lane's thread only. A *pointer* is the client's own,
// an *address* is a number that means a place in the worker's memory. The three modes of the window are three
// implementations or one: shared (an address in the window is the same number as its pointer), apart (the window lies
// elsewhere in the client and is translated), off (the client sees nothing of the worker's memory but its scratch).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/error.h"

namespace halfword::model {

/// Memory that both sides see, for the time of one call.
struct Scratch {
  void* pointer = nullptr;  ///< nullptr: there is no room
  std::uint64_t address = 0;
};

/// Where a pointer value that the client passed points to.
struct Location {
  enum class Place : std::uint8_t {
    client,   ///< the client's own memory (or nobody's): the worker cannot see it
    visible,  ///< both see it; `address` is the worker's name for it
    worker,   ///< not mapped in the client: the value is a number that the worker gave out; `address` is it
  };
  Place place = Place::client;
  std::uint64_t address = 0;
};

class Space {
 public:
  virtual ~Space() = default;

  /// Memory for this call in the window; it stays until the call and what it nests has returned. Not zeroed.
  /// `alignment` is a power of two up to 4096. A size of 0 gives an address that is not null.
  virtual Scratch allocate(std::size_t size, std::size_t alignment) = 0;

  /// Where `pointer`, which is not null, points to. `visible` only if all `size` (at least 1) bytes are. In a client
  /// that has memory of its own below 4 GiB it must not be taken for the worker's.
  virtual Location locate(const void* pointer, std::size_t size) = 0;

  /// Whether `pointer`, of the client's own memory by `locate`, was given out by a worker that is gone.
  virtual bool is_stale(const void*) { return false; }

  /// The pointer to `size` bytes at `address` that the client sees too, or nullptr.
  virtual void* pointer_to(std::uint64_t address, std::size_t size) = 0;

  /// Copies from or to the worker's memory, visible or not, through the worker if need be. The error names the address
  /// if the library has no memory there.
  virtual Result<void> read(std::uint64_t address, void* to, std::size_t size) = 0;
  virtual Result<void> write(std::uint64_t address, const void* from, std::size_t size) = 0;

  /// How many units of `unit` bytes (1, 2 or 4) lie before the first zero one at `address`; an error if there is none
  /// within `limit` units or within the library's memory.
  virtual Result<std::uint64_t> measure(std::uint64_t address, unsigned unit, std::uint64_t limit) = 0;

  /// The client's own memory for a copy of something that the library returned, or nullptr. The implementation decides
  /// how long it stays and says so to its users; at least until the lane's next call. Aligned for any type.
  virtual void* keep(std::size_t size) = 0;

  /// A number of at most the worker's pointer width that stands for the client's `pointer`: it is not null, no address
  /// of the worker's memory, and the same for the same pointer. no_memory if there are too many.
  virtual Result<std::uint64_t> token(const void* pointer) = 0;
  /// The pointer that `token` stands for, if it is a token.
  virtual std::optional<void*> token_value(std::uint64_t token) = 0;
};

}  // namespace halfword::model
