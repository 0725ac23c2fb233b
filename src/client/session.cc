// Locking: restart_mutex_ orders restarts; worker_mutex_ guards the fields and is held for moments only. A thread's
// list of lanes is its own.
#include "client/session.h"

#include <algorithm>

#include "client/tokens.h"
#include "platform/process.h"

namespace halfword {
namespace {

class LiveSessions;
LiveSessions& live_sessions();

std::atomic<std::uint64_t> sessions_made = 0;

struct OpenLane {
  std::uint64_t session;
  std::uint32_t generation;
  std::unique_ptr<Lane> lane;
};

// All sessions of the process, for forks and for its end.
class LiveSessions {
 public:
  LiveSessions() {
    around_forks([] { live_sessions().before_fork(); }, [] { live_sessions().after_fork(false); },
                 [] { live_sessions().after_fork(true); });
  }
  // A worker that nobody closed ends in order with the program, so that what its library printed is written out.
  ~LiveSessions() {
    std::vector<Session*> left;
    {
      std::lock_guard lock(mutex_);
      left = std::exchange(sessions_, {});
    }
    for (Session* session : left)
      if (const std::shared_ptr<Worker> worker = session->worker(); worker != nullptr && !worker->is_disowned())
        worker->end();
  }
  void add(Session* session) {
    std::lock_guard lock(mutex_);
    sessions_.push_back(session);
  }
  void remove(Session* session) {
    std::lock_guard lock(mutex_);
    std::erase(sessions_, session);
  }

 private:
  void before_fork() {
    mutex_.lock();
    lock_tokens();
    for (Session* session : sessions_) session->before_fork();
  }
  void after_fork(bool in_child) {
    for (Session* session : sessions_) session->after_fork(in_child);
    in_child ? renew_tokens_lock() : unlock_tokens();
    mutex_.unlock();
  }

  std::mutex mutex_;
  std::vector<Session*> sessions_;
};

// A disowned worker's destructor would wait for threads that are in another process.
void let_go(std::shared_ptr<Worker> worker) {
  if (worker->is_disowned()) new std::shared_ptr<Worker>(std::move(worker));
}

// Ends the thread's lanes with the thread.
thread_local std::vector<OpenLane> open_lanes;
// The lane of this thread's last call: most threads call one library.
thread_local OpenLane* last_lane [[gnu::tls_model("initial-exec")]] = nullptr;

LiveSessions& live_sessions() {
  static LiveSessions sessions;
  return sessions;
}

}  // namespace

Session::Session(WorkerOptions options)
    : options_(std::move(options)), number_(++sessions_made), callbacks_(std::make_shared<CallbackTable>()) {
  live_sessions().add(this);
}

Result<std::shared_ptr<Session>> Session::start(WorkerOptions options) {
  std::shared_ptr<Session> session(new Session(std::move(options)));
  Result<std::shared_ptr<Worker>> worker = session->start_worker();
  if (!worker) return propagate(worker);
  session->worker_ = std::move(*worker);
  session->generation_ = 1;
  return session;
}

Session::~Session() {
  live_sessions().remove(this);
  if (worker_ != nullptr && !worker_->is_disowned()) worker_->end();
  if (worker_ != nullptr) let_go(std::move(worker_));
  if (std::shared_ptr<Worker> last = stale_->replace(nullptr)) let_go(std::move(last));
}

Result<std::shared_ptr<Worker>> Session::start_worker() {
  Result<std::shared_ptr<Worker>> worker = Worker::start(options_);
  if (!worker) return worker;
  // Neither may be kept alive by the other: the worker's threads are joined when it goes.
  (*worker)->on_library_lane(
      [callbacks = callbacks_, stale = stale_, weak = std::weak_ptr(*worker)](std::uint32_t number) {
        if (const std::shared_ptr<Worker> alive = weak.lock())
          Lane::serve_library_thread(alive, number, callbacks, stale);
      });
  return worker;
}

std::shared_ptr<Worker> Session::worker() const {
  std::lock_guard lock(worker_mutex_);
  return worker_;
}

Result<Lane*> Session::lane() {
  const std::uint32_t present = generation();
  if (last_lane != nullptr && last_lane->session == number_ && last_lane->generation == present)
    return last_lane->lane.get();
  return open_lane();
}

Result<Lane*> Session::open_lane() {
  const std::uint32_t present = generation();
  last_lane = nullptr;
  for (OpenLane& one : open_lanes)
    if (one.lane->worker().is_disowned()) one.lane.release();  // the parent's: nothing of it may be touched
  std::erase_if(open_lanes, [&](const OpenLane& one) {
    return one.lane == nullptr || (one.session == number_ && one.generation != present) || one.lane->worker().is_dead();
  });
  for (OpenLane& one : open_lanes)
    if (one.session == number_) return (last_lane = &one)->lane.get();
  std::shared_ptr<Worker> worker = this->worker();
  if (worker->is_disowned()) {
    if (Result<void> own = restart(); !own) return propagate(own);
    return lane();
  }
  if (worker->is_dead()) return fail(worker->death(~0U, ""));
  Result<std::uint32_t> number = worker->open_lane();
  if (!number) return propagate(number);
  open_lanes.push_back({number_, present, std::make_unique<Lane>(worker, *number, callbacks_, stale_)});
  last_lane = &open_lanes.back();
  return last_lane->lane.get();
}

Result<void> Session::restart() {
  std::lock_guard restarting(*restart_mutex_);
  Result<std::shared_ptr<Worker>> fresh = start_worker();
  if (!fresh) return propagate(fresh);
  std::shared_ptr<Worker> old;
  std::vector<Member*> members;
  {
    std::lock_guard lock(worker_mutex_);
    old = std::exchange(worker_, std::move(*fresh));
    ++generation_;
    members = members_;
  }
  retire(std::move(old));
  Result<Lane*> lane = this->lane();
  if (!lane) return propagate(lane);
  for (Member* member : members)
    if (Result<void> joined = member->join(**lane); !joined) return joined;
  return {};
}

void Session::retire(std::shared_ptr<Worker> worker) {
  if (!worker->is_disowned()) worker->end();
  std::shared_ptr<Worker> older = stale_->replace(std::move(worker));
  if (older != nullptr) let_go(std::move(older));
}

void Session::before_fork() {
  worker_mutex_.lock();
  callbacks_->lock();
  if (worker_ != nullptr) worker_->before_fork();
  stale_->before_fork();
}

void Session::after_fork(bool in_child) {
  stale_->after_fork(in_child);
  if (worker_ != nullptr) worker_->after_fork(in_child);
  in_child ? callbacks_->renew_lock() : callbacks_->unlock();
  worker_mutex_.unlock();
  if (!in_child) return;
  restart_mutex_.emplace();  // whoever held it is not in this process
  ++generation_;             // lanes and addresses that were looked up before
}

void Session::add(Member* member) {
  std::lock_guard lock(worker_mutex_);
  members_.push_back(member);
}

void Session::remove(Member* member) {
  std::lock_guard lock(worker_mutex_);
  std::erase(members_, member);
}

}  // namespace halfword
