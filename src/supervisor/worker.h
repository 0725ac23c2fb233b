// One worker process from its start to its death: the window is negotiated, lanes are opened and closed, the end is
// noticed, and its first cause is kept.
//
// Threads: an attendant thread of its own does everything that touches the operating system's handles. All functions
// may be called from any thread unless they say otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "platform/worker_link.h"
#include "transport/arena.h"
#include "transport/channel.h"
#include "transport/window.h"

namespace halfword {

enum class WindowMode { shared, apart, off };

struct WorkerOptions {
  WorkerProgram program;
  WindowMode mode = WindowMode::shared;
  WorkerAddress window_address = 0;  ///< where the window must lie, or 0: wherever both sides can have it
  WaitMode wait = WaitMode::automatic;
  std::string library;  ///< for messages: what the worker is there for
};

class Worker {
 public:
  /// Starts a worker and waits until it is ready. `environment` or `no_memory` with the reason otherwise.
  static Result<std::shared_ptr<Worker>> start(WorkerOptions options);

  /// Unmaps the window.
  ~Worker();

  /// Ends the worker in order if it is not dead: the library's exit handlers run, but not for longer than a moment.
  /// Calls under way end with worker_lost.
  void end();

  Window& window() { return *window_; }
  Arena& arena() { return *arena_; }
  const WorkerOptions& options() const { return options_; }
  std::uint32_t process() const { return window_->header().worker_process; }

  /// A lane for the calling thread: its number, with the worker's thread listening.
  Result<std::uint32_t> open_lane();
  /// Gives the lane back after its client sent `end`; returns when the worker's thread is gone, destructors and all.
  void close_lane(std::uint32_t number);
  /// A channel on lane `number`, for the one thread that uses it.
  Channel channel(std::uint32_t number);

  /// What to run, on a thread of its own, for a lane on which a thread of the library's own calls back. It returns when
  /// the lane has ended. Set once, before any library is loaded.
  void on_library_lane(std::function<void(std::uint32_t)> serve);

  /// Maps what the worker has moved onto the window's file since the last time, and forgets what is gone.
  Result<void> follow_regions();

  /// Not 0 once the worker is dead; what channels watch.
  const std::uint32_t* death_flag() const { return &dead_; }
  bool is_dead() const { return __atomic_load_n(&dead_, __ATOMIC_ACQUIRE) != 0; }

  /// Around a fork, on the forking thread. In the child the worker is the parent's: what the child could read of it
  /// becomes the child's own copy, and nothing else of this object may be used any more, not even its destructor, since
  /// its threads are not there.
  void before_fork();
  void after_fork(bool in_child);
  bool is_disowned() const { return disowned_; }

  /// Ends the worker; `cause` is what its other users are told, unless it had died before.
  void kill(Error cause);

  /// Why the worker is dead, for a call that ran on `lane` when it died, or ~0 for one that comes later.
  /// Waits until the death is fully known, which takes a moment after the flag is set.
  Error death(std::uint32_t lane, const std::string& function);

 private:
  explicit Worker(WorkerOptions options);
  Result<void> launch();  // the attendant's first work
  Result<void> try_place(std::byte* place, std::size_t size);
  void lay_out(std::byte* base, std::size_t size, WorkerAddress wanted);
  Result<void> wait_until_ready();
  void disown();
  void attend();
  void look_after_lanes();
  void stock_spare_lanes();
  void serve_library_lane(std::uint32_t number);
  void note_death(const ProcessEnd& end);
  void wait_while(std::uint32_t number, wire::LaneState state);
  void run_tasks();
  Result<void> on_attendant(std::function<Result<void>()> task);
  Result<void> map_regions();
  wire::LaneState lane_state(std::uint32_t number) const;
  void set_lane_state(std::uint32_t number, wire::LaneState state);
  void clear_lane(std::uint32_t number);

  WorkerOptions options_;
  std::unique_ptr<WorkerLink> link_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<Arena> arena_;
  std::size_t mapped_size_ = 0;
  std::uint32_t header_image_pages_ = 0;  // of the header, which the worker could change

  bool disowned_ = false;
  int fork_file_ = -1;  // the memory, while a fork is under way
  std::uint32_t dead_ = 0;
  std::mutex death_mutex_;
  std::condition_variable death_known_;
  std::optional<Error> cause_;  // what killed it on purpose, if anything did
  std::optional<ProcessEnd> end_;
  wire::Death record_ = {};  // a private copy of what the worker said, checked

  std::mutex lanes_mutex_;
  std::condition_variable lane_changed_;
  std::function<void(std::uint32_t)> serve_library_lane_;
  std::vector<std::thread> library_lane_threads_;

  std::mutex tasks_mutex_;
  std::deque<std::packaged_task<Result<void>()>> tasks_;
  std::atomic<bool> stopping_ = false;
  std::thread attendant_;
};

}  // namespace halfword
