// The client's end of a lane: one thread's calls into one worker, and the callbacks that come back during them.
//
// Used by its thread only. A callback may call again, to any depth; it may also leave by longjmp, past this code: then
// the next call finds marks of calls whose stack frames are gone, and tells the worker to drop its frames of them too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "client/callback.h"
#include "client/space.h"
#include "client/stale.h"
#include "interface/plan.h"
#include "platform/process.h"
#include "supervisor/worker.h"

namespace halfword {

/// One call of a library's function, ready to go.
struct Invocation {
  const model::Plan& plan;
  std::uint32_t address;   ///< of the function, in the worker
  void* const* arguments;  ///< as model::Plan::lower takes them
  void* result;            ///< nullptr to drop it
  Deadline deadline;
};

/// Whether the callee took off the stack what its plan says; otherwise what it looks like.
Result<void> check_convention(const model::Plan& plan, const wire::Returned& returned);

class Lane {
 public:
  /// \param number  of a lane that the worker serves
  Lane(std::shared_ptr<Worker> worker, std::uint32_t number, std::shared_ptr<CallbackTable> callbacks,
       std::shared_ptr<StaleMemory> stale);
  /// Ends the lane; the library's destructors for the worker's thread have run when this returns.
  ~Lane();

  Worker& worker() { return *worker_; }

  /// Runs one call. errno (and the last error) go in and come out with it.
  Result<void> call(const Invocation& invocation);

  /// Runs up to any number of plain calls with one wake-up; `entries` lies in scratch memory of this lane.
  Result<std::uint32_t> run_batch(WorkerAddress entries, std::uint32_t count, Deadline deadline);

  /// One of the worker's operations. The text of a failed load lies in `text` then.
  Result<std::uint64_t> operate(wire::Operation operation, std::initializer_list<std::uint32_t> words,
                                std::string* text = nullptr);

  /// Serves callbacks of a thread of the library's own, on lane `number`, until that thread is gone.
  static void serve_library_thread(std::shared_ptr<Worker> worker, std::uint32_t number,
                                   std::shared_ptr<CallbackTable> callbacks, std::shared_ptr<StaleMemory> stale);

  LaneSpace& space() { return space_; }
  /// Scratch memory, for whoever prepares a call outside of `call`: released with the mark.
  LaneSpace::Mark mark() const { return space_.mark(); }
  void release(LaneSpace::Mark mark) { space_.release(mark); }

 private:
  std::uint32_t enter();
  void leave(std::uint32_t depth);
  Result<wire::Line> converse(std::uint32_t depth, Deadline deadline, const std::string& function);
  void send(wire::Kind kind, std::uint8_t flags, std::uint32_t value, std::uint32_t depth);
  void fill_words(const std::uint32_t* words, std::uint32_t count);
  Error no_answer(Waited waited, const std::string& function, Deadline deadline);
  Error protocol_error(const std::string& what);
  Error thrown();
  void serve_callbacks();
  void serve_callback(const wire::Line& line, std::uint32_t depth);
  Result<model::CallbackAnswer> run_callback(const wire::Line& line);
  const std::uint32_t* callback_words(const wire::Line& line, const Callback& callback,
                                      std::vector<std::uint32_t>& overflow);

  std::shared_ptr<Worker> worker_;
  std::uint32_t number_;
  bool of_library_ = false;  // the worker's thread is the library's own, and ends as it likes
  std::shared_ptr<CallbackTable> callbacks_;
  wire::LaneBlock& block_;
  Channel channel_;
  LaneSpace space_;
  StackBounds stack_;
  std::vector<std::uintptr_t> marks_;  // where the stack was at each call under way, outermost first
  std::uint8_t flags_ = 0;             // of the line being filled
  std::uint16_t word_count_ = 0;
  std::optional<Error> callback_error_;  // of a callback during the call under way: told when that call returns
};

}  // namespace halfword
