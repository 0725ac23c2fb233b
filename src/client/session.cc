// Locking: restart_mutex_ orders restarts; worker_mutex_ guards the fields and is held for moments only. A thread's
// list of lanes is its own.
#include "client/session.h"

#include <algorithm>

namespace halfword {
namespace {

std::atomic<std::uint64_t> sessions_made = 0;

struct OpenLane {
  std::uint64_t session;
  std::uint32_t generation;
  std::unique_ptr<Lane> lane;
};

// Ends the thread's lanes with the thread.
thread_local std::vector<OpenLane> open_lanes;
// The lane of this thread's last call: most threads call one library.
thread_local OpenLane* last_lane [[gnu::tls_model("initial-exec")]] = nullptr;

}  // namespace

Session::Session(WorkerOptions options)
    : options_(std::move(options)), number_(++sessions_made), callbacks_(std::make_shared<CallbackTable>()) {}

Result<std::shared_ptr<Session>> Session::start(WorkerOptions options) {
  std::shared_ptr<Session> session(new Session(std::move(options)));
  Result<std::shared_ptr<Worker>> worker = session->start_worker();
  if (!worker) return propagate(worker);
  session->worker_ = std::move(*worker);
  session->generation_ = 1;
  return session;
}

Session::~Session() {
  if (worker_ != nullptr) worker_->end();
}

Result<std::shared_ptr<Worker>> Session::start_worker() {
  Result<std::shared_ptr<Worker>> worker = Worker::start(options_);
  if (!worker) return worker;
  // Neither may be kept alive by the other: the worker's threads are joined when it goes.
  (*worker)->on_library_lane([callbacks = callbacks_, weak = std::weak_ptr(*worker)](std::uint32_t number) {
    if (const std::shared_ptr<Worker> alive = weak.lock()) Lane::serve_library_thread(alive, number, callbacks);
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
  std::erase_if(open_lanes, [&](const OpenLane& one) {
    return (one.session == number_ && one.generation != present) || one.lane->worker().is_dead();
  });
  for (OpenLane& one : open_lanes)
    if (one.session == number_) return (last_lane = &one)->lane.get();
  const std::shared_ptr<Worker> worker = this->worker();
  if (worker->is_dead()) return fail(worker->death(~0U, ""));
  Result<std::uint32_t> number = worker->open_lane();
  if (!number) return propagate(number);
  open_lanes.push_back({number_, present, std::make_unique<Lane>(worker, *number, callbacks_)});
  last_lane = &open_lanes.back();
  return last_lane->lane.get();
}

Result<void> Session::restart() {
  std::lock_guard restarting(restart_mutex_);
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
  worker->end();
  std::shared_ptr<Worker> older;
  std::lock_guard lock(worker_mutex_);
  older = std::exchange(retired_, std::move(worker));
}

void Session::add(Member* member) {
  std::lock_guard lock(worker_mutex_);
  members_.push_back(member);
}

void Session::remove(Member* member) {
  std::lock_guard lock(worker_mutex_);
  std::erase(members_, member);
}

bool Session::is_stale(std::uintptr_t address) const {
  std::lock_guard lock(worker_mutex_);
  return retired_ != nullptr && retired_->window().address_of(reinterpret_cast<void*>(address), 1).has_value();
}

}  // namespace halfword
