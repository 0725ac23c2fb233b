// The window as the client sees it: which worker addresses are memory that the client sees too, and where.
//
// One object for each worker; it outlives the worker, so that a pointer the library returned can still be read after a
// crash. Lookups run on any thread without a lock; regions are added on the attendant thread only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "wire/window_layout.h"

namespace halfword {

/// An address in the worker. Not a pointer, so that nobody dereferences it: Window::pointer_to makes one.
using WorkerAddress = std::uint64_t;

/// A piece of memory that both sides see.
struct SharedRange {
  WorkerAddress address;
  std::size_t size;
  std::byte* pointer;
  std::uint64_t file_offset;
  bool writable;
  bool heap;  ///< part of the worker's heap or of a moved segment, rather than halfword's own lines and scratch
};

class Window {
 public:
  /// \param base  where the client has mapped `size` bytes of the window
  /// \param heap_offset  where the worker's heap begins, or 0 in a window that only carries frames (mode `off`)
  Window(std::byte* base, std::size_t size, WorkerAddress worker_base, std::size_t heap_offset);

  wire::Header& header() const { return *reinterpret_cast<wire::Header*>(base_); }
  wire::LaneBlock& lane(std::uint32_t number) const { return lanes_[number]; }
  std::byte* base() const { return base_; }
  std::size_t size() const { return size_; }
  WorkerAddress worker_base() const { return worker_base_; }
  /// Whether an address in the window is the same number as its pointer.
  bool same_addresses() const { return worker_base_ == reinterpret_cast<std::uintptr_t>(base_); }

  /// The worker's base is known only once it runs, when it may choose (mode `apart`).
  void set_worker_base(WorkerAddress base);

  /// Where the client sees all of [address, address + size), or nullptr. The one place where a worker's number becomes
  /// a pointer.
  void* pointer_to(WorkerAddress address, std::size_t size) const;
  /// The range that holds the worker's `address`, if the client sees it.
  std::optional<SharedRange> range_of(WorkerAddress address) const;

  /// The worker's address of the client's memory [pointer, pointer + size), if it is the window's.
  std::optional<WorkerAddress> address_of(const void* pointer, std::size_t size) const;

  /// Attendant only: a moved segment of a library that the client has mapped, or that is gone.
  void add_range(const SharedRange& range);
  void remove_range(WorkerAddress address);
  std::vector<SharedRange> ranges() const { return *ranges_.load(std::memory_order_acquire); }

 private:
  using Ranges = std::vector<SharedRange>;
  void publish(Ranges ranges);

  std::byte* base_;
  std::size_t size_;
  WorkerAddress worker_base_;
  std::size_t heap_offset_;
  wire::LaneBlock* lanes_;
  // Readers hold no lock, so every version stays until the window goes; loading a library makes one.
  std::atomic<const Ranges*> ranges_;
  std::vector<std::unique_ptr<const Ranges>> versions_;
};

}  // namespace halfword
