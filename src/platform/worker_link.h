// What ties a client to one worker process: its shared memory, its start, its end, and how the two wake each other.
// One kind for each pair of systems: Linux to Linux, Linux to a Windows worker under Wine, Windows to Windows.
//
// A link is made and used on one thread, the attendant (supervisor/attendant.h), because on Linux its descriptors
// exist in that thread's own table only; the few functions that any thread may call say so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "platform/bell.h"
#include "platform/clock.h"
#include "wire/window_layout.h"

namespace halfword {

/// What is started, and for which system.
struct WorkerProgram {
  std::string path;
  bool windows = false;             ///< a Windows program
  std::vector<std::string> search;  ///< folders where the worker's loader looks for dependencies first
  bool under_wine = false;          ///< a Windows program that Linux runs by Wine
};

/// How the worker's process ended, as the system tells it.
struct ProcessEnd {
  bool by_signal = false;
  std::uint32_t number = 0;  ///< the signal, or the exit status (under Wine only its lowest 8 bits)
};

class WorkerLink {
 public:
  virtual ~WorkerLink() = default;

  /// The link for this system and program. Called on the attendant thread, as everything below is unless it says more.
  static Result<std::unique_ptr<WorkerLink>> create(const WorkerProgram& program);

  /// Makes the shared memory, without a name on disk and of a size that neither side can change.
  virtual Result<void> create_memory(std::uint64_t size) = 0;

  /// Maps a piece of it; `place` is where it must lie, or nullptr for anywhere. `no_memory` if that place is taken.
  virtual Result<void*> map(void* place, std::size_t size, std::uint64_t offset, bool writable) = 0;
  virtual void unmap(void* begin, std::size_t size) = 0;

  /// Starts the worker on that memory. `header` is the mapped window's; its client part is filled in, but for the
  /// fields about waking, which this fills.
  virtual Result<void> start(wire::Header* header) = 0;

  /// Gives the lane whatever it needs for waking; before the worker hears of it.
  virtual Result<void> prepare_lane(wire::Header* header, std::uint32_t number) = 0;
  /// Whether prepare_lane does anything; any thread.
  virtual bool prepares_lanes() const { return true; }
  /// The bells of a prepared lane, for the client's end of it; any thread.
  virtual BellEnd client_bell(wire::LaneBlock& lane) = 0;
  virtual BellEnd worker_bell(wire::LaneBlock& lane) = 0;

  /// Sleeps until `client_attention` differs from `seen`, the deadline passes, or for no reason.
  virtual void wait_for_attention(std::uint32_t seen, Deadline deadline) = 0;

  /// The end of the process, once it has come; attention is rung when it comes.
  virtual std::optional<ProcessEnd> ended() = 0;

  /// Ends the process at once; `ended` follows. Harmless when it is gone already.
  virtual void kill() = 0;

  /// A path under which a forked child of this process can open the shared memory; "" where there are no forks.
  virtual std::string memory_path() const { return {}; }

  /// Any thread: wakes the attendant, or the worker's main thread.
  virtual void ring_attendant() = 0;
  virtual void ring_worker() = 0;
};

/// Prepares the calling thread to be an attendant: on Linux it gets a table of descriptors of its own, so that nothing
/// the program does to its descriptors touches ours, and no child of the program inherits one of ours.
Result<void> become_attendant();

}  // namespace halfword
