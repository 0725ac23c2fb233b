// The workers of one library, or of several that belong together: the present one, its restarts, its threads' lanes.
//
// A restart makes a new *generation*: functions find their addresses again, lanes are opened anew, and what an older
// generation gave out is stale. After a fork the child has none of its parent's workers; its first call starts one.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "client/lane.h"
#include "client/stale.h"

namespace halfword {

class Session : public std::enable_shared_from_this<Session> {
 public:
  /// What a new worker has to be given: called on the thread that starts it, with its lane.
  class Member {
   public:
    virtual Result<void> join(Lane& lane) = 0;

   protected:
    ~Member() = default;
  };

  static Result<std::shared_ptr<Session>> start(WorkerOptions options);
  /// Ends the worker.
  ~Session();

  /// The calling thread's lane in the present worker; worker_lost once that is dead.
  Result<Lane*> lane();
  /// Counts the workers: changes with every restart.
  std::uint32_t generation() const { return generation_.load(std::memory_order_acquire); }
  std::shared_ptr<Worker> worker() const;
  const std::shared_ptr<CallbackTable>& callbacks() const { return callbacks_; }
  const WorkerOptions& options() const { return options_; }

  /// Around a fork: no other thread is in the middle of a change of this session; the child then disowns the worker.
  void before_fork();
  void after_fork(bool in_child);

  /// Replaces the worker, dead or alive; members join again in the order in which they came.
  Result<void> restart();

  void add(Member* member);
  void remove(Member* member);

 private:
  explicit Session(WorkerOptions options);
  Result<std::shared_ptr<Worker>> start_worker();
  Result<Lane*> open_lane();
  void retire(std::shared_ptr<Worker> worker);

  WorkerOptions options_;
  const std::uint64_t number_;
  std::shared_ptr<CallbackTable> callbacks_;
  std::atomic<std::uint32_t> generation_ = 0;
  std::optional<std::recursive_mutex> restart_mutex_{std::in_place};  // held while members join, who ask for lanes
  mutable std::mutex worker_mutex_;                                   // guards what follows
  std::shared_ptr<Worker> worker_;
  std::vector<Member*> members_;
  // The last one stays mapped: pointers into it can be read, though stale.
  std::shared_ptr<StaleMemory> stale_ = std::make_shared<StaleMemory>();
};

}  // namespace halfword
