// Locking: `lanes_mutex_` only serves to wait for a lane's state, which lies in the window and is changed atomically;
// `tasks_mutex_` guards `tasks_`; `death_mutex_` guards `cause_`, `end_` and `record_`. None is held while another is
// taken, and none while a task runs. Lane numbers that a client thread claimed are that thread's until it gives them
// back; what the worker writes into the states can only make its own lanes useless.
#include "supervisor/worker.h"

#include <cstring>

#include "base/check.h"
#include "platform/process.h"
#include "supervisor/death.h"

namespace halfword {
namespace {

constexpr std::uint32_t kSpareLanes = 4;
constexpr std::int64_t kLookNs = 300'000;  // a worker's thread starts within this, mostly
constexpr std::int64_t kLongestOrderlyEnd = 2'000'000'000;
constexpr auto kLongestLaneStart = std::chrono::seconds(30);

Result<void> stopped() { return fail(ErrorCode::worker_lost, "the worker is being ended"); }

}  // namespace

Worker::Worker(WorkerOptions options) : options_(std::move(options)) {}

Result<std::shared_ptr<Worker>> Worker::start(WorkerOptions options) {
  std::shared_ptr<Worker> worker(new Worker(std::move(options)));
  std::promise<Result<void>> launched;
  worker->attendant_ = std::thread([&launched, self = worker.get()] {
    Result<void> result = become_attendant();
    if (result) result = self->launch();
    const bool ready = result.has_value();
    launched.set_value(std::move(result));
    if (ready) self->attend();
  });
  Result<void> result = launched.get_future().get();
  if (!result) return propagate(result);
  return worker;
}

Worker::~Worker() {
  if (window_ != nullptr) end();
  stopping_ = true;
  if (link_ != nullptr) link_->ring_attendant();
  if (attendant_.joinable()) attendant_.join();
}

void Worker::end() {
  {
    std::lock_guard lock(death_mutex_);
    if (is_dead()) return;
    if (!cause_) cause_ = Error{ErrorCode::worker_lost, "it was closed", {}, {}, {}, {}, 0, {}, {}};
  }
  __atomic_store_n(&window_->header().order, static_cast<std::uint32_t>(wire::Order::end), __ATOMIC_RELEASE);
  link_->ring_worker();
  std::unique_lock lock(death_mutex_);
  if (death_known_.wait_for(lock, std::chrono::nanoseconds(kLongestOrderlyEnd), [this] { return is_dead(); })) return;
  lock.unlock();
  on_attendant([this]() -> Result<void> {
    link_->kill();
    return {};
  });
  lock.lock();
  death_known_.wait(lock, [this] { return is_dead(); });
}

void Worker::before_fork() {
  if (!disowned_) fork_file_ = open_for_fork(link_->memory_path());
}

void Worker::after_fork(bool in_child) {
  if (in_child && !disowned_) disown();
  close_after_fork(std::exchange(fork_file_, -1));
}

void Worker::disown() {
  make_private(window_->base(), mapped_size_, fork_file_, 0);
  for (const SharedRange& range : window_->ranges())
    make_private(range.pointer, range.size, fork_file_, range.file_offset);
  dead_ = 1;
  disowned_ = true;
}

// ---- the attendant ----

void Worker::attend() {
  while (!stopping_) {
    const std::uint32_t seen = __atomic_load_n(&window_->header().client_attention, __ATOMIC_ACQUIRE);
    run_tasks();
    if (!is_dead()) {
      look_after_lanes();
      if (const std::optional<ProcessEnd> end = link_->ended()) note_death(*end);
    }
    if (!stopping_) link_->wait_for_attention(seen, Deadline::never());
  }
  run_tasks();
  if (!is_dead()) {
    link_->kill();
    while (!link_->ended())
      link_->wait_for_attention(__atomic_load_n(&window_->header().client_attention, __ATOMIC_ACQUIRE),
                                Deadline::after(1'000'000));
    note_death(*link_->ended());
  }
  for (std::thread& thread : library_lane_threads_)
    if (thread.joinable()) thread.join();
  for (const SharedRange& range : window_->ranges()) link_->unmap(range.pointer, range.size);
  std::byte* base = window_->base();
  link_->unmap(base, mapped_size_);
  link_.reset();
}

Result<void> Worker::on_attendant(std::function<Result<void>()> task) {
  std::packaged_task<Result<void>()> packaged(std::move(task));
  std::future<Result<void>> done = packaged.get_future();
  {
    std::lock_guard lock(tasks_mutex_);
    if (stopping_) return stopped();
    tasks_.push_back(std::move(packaged));
  }
  link_->ring_attendant();
  return done.get();
}

void Worker::run_tasks() {
  for (;;) {
    std::packaged_task<Result<void>()> next;
    {
      std::lock_guard lock(tasks_mutex_);
      if (tasks_.empty()) return;
      next = std::move(tasks_.front());
      tasks_.pop_front();
    }
    next();
  }
}

// ---- lanes ----

wire::LaneState Worker::lane_state(std::uint32_t number) const {
  return static_cast<wire::LaneState>(__atomic_load_n(&window_->header().lane_states[number], __ATOMIC_ACQUIRE));
}

void Worker::set_lane_state(std::uint32_t number, wire::LaneState state) {
  __atomic_store_n(&window_->header().lane_states[number], static_cast<std::uint32_t>(state), __ATOMIC_RELEASE);
}

void Worker::clear_lane(std::uint32_t number) {
  wire::LaneBlock& lane = window_->lane(number);
  lane.request = {};
  lane.reply = {};
  lane.worker.asleep = lane.client.asleep = 0;
}

void Worker::look_after_lanes() {
  {
    std::lock_guard lock(lanes_mutex_);  // whoever waits for a state has looked at it before this, or sees the new one
  }
  lane_changed_.notify_all();
  const std::uint32_t count = window_->header().lane_count;
  for (std::uint32_t number = 0; number < count; ++number)
    if (lane_state(number) == wire::LaneState::calling) serve_library_lane(number);
  stock_spare_lanes();
}

void Worker::stock_spare_lanes() {
  const std::uint32_t count = window_->header().lane_count;
  std::uint32_t spare = 0;
  for (std::uint32_t number = 0; number < count; ++number)
    if (lane_state(number) == wire::LaneState::spare) ++spare;
  for (std::uint32_t number = count; number-- > 0 && spare < kSpareLanes;) {
    std::uint32_t unused = static_cast<std::uint32_t>(wire::LaneState::unused);
    if (!__atomic_compare_exchange_n(&window_->header().lane_states[number], &unused,
                                     static_cast<std::uint32_t>(wire::LaneState::claimed), false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED))
      continue;
    clear_lane(number);
    const bool prepared = link_->prepare_lane(&window_->header(), number).has_value();
    set_lane_state(number, prepared ? wire::LaneState::spare : wire::LaneState::unused);
    if (!prepared) return;
    ++spare;
  }
}

void Worker::serve_library_lane(std::uint32_t number) {
  set_lane_state(number, wire::LaneState::answering);
  library_lane_threads_.emplace_back([this, number] {
    serve_library_lane_(number);
    set_lane_state(number, wire::LaneState::unused);
  });
}

void Worker::on_library_lane(std::function<void(std::uint32_t)> serve) {
  Result<void> done = on_attendant([&]() -> Result<void> {
    serve_library_lane_ = std::move(serve);
    stock_spare_lanes();
    return {};
  });
  HALFWORD_CHECK(done || is_dead());
}

Result<std::uint32_t> Worker::open_lane() {
  const std::uint32_t count = window_->header().lane_count;
  for (std::uint32_t number = 0; number < count; ++number) {
    std::uint32_t unused = static_cast<std::uint32_t>(wire::LaneState::unused);
    if (!__atomic_compare_exchange_n(&window_->header().lane_states[number], &unused,
                                     static_cast<std::uint32_t>(wire::LaneState::claimed), false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED))
      continue;
    clear_lane(number);
    if (link_->prepares_lanes()) {
      Result<void> prepared = on_attendant([this, number] { return link_->prepare_lane(&window_->header(), number); });
      if (!prepared) return propagate(prepared);
    }
    set_lane_state(number, wire::LaneState::opening);
    link_->ring_worker();
    wait_while(number, wire::LaneState::opening);
    if (is_dead()) return fail(death(~0U, ""));
    if (lane_state(number) == wire::LaneState::serving) return number;
    set_lane_state(number, wire::LaneState::unused);
    return fail(ErrorCode::limit_exceeded,
                "the worker has no thread or no room for the stack of one more client thread");
  }
  return fail(ErrorCode::limit_exceeded, "more than " + std::to_string(count) + " threads use one worker at once");
}

void Worker::close_lane(std::uint32_t number) {
  if (is_dead()) return;
  set_lane_state(number, wire::LaneState::ended);
  link_->ring_worker();
  wait_while(number, wire::LaneState::ended);
}

// Looks for a moment first: the worker's thread answers faster than two threads of this process wake each other.
void Worker::wait_while(std::uint32_t number, wire::LaneState state) {
  const std::int64_t until = monotonic_ns() + kLookNs;
  while (lane_state(number) == state && !is_dead() && monotonic_ns() < until) yield();
  std::unique_lock lock(lanes_mutex_);
  lane_changed_.wait_for(lock, kLongestLaneStart, [&] { return lane_state(number) != state || is_dead(); });
}

Channel Worker::channel(std::uint32_t number) {
  wire::LaneBlock& lane = window_->lane(number);
  return Channel(&lane.request, &lane.reply, link_->client_bell(lane), link_->worker_bell(lane), options_.wait, &dead_);
}

// ---- the library's memory ----

Result<void> Worker::follow_regions() {
  return on_attendant([this] { return map_regions(); });
}

Result<void> Worker::map_regions() {
  wire::Header& header = window_->header();
  const std::uint32_t count = std::min(__atomic_load_n(&header.region_count, __ATOMIC_ACQUIRE), wire::kMaxRegions);
  std::vector<wire::Region> regions(header.regions, header.regions + count);
  const auto same = [](const SharedRange& range, const wire::Region& region) {
    return range.address == region.address && range.size == region.size;
  };
  for (const SharedRange& range : window_->ranges()) {
    if (std::any_of(regions.begin(), regions.end(), [&](const wire::Region& one) { return same(range, one); }))
      continue;
    window_->remove_range(range.address);
    link_->unmap(range.pointer, range.size);
  }
  const std::vector<SharedRange> known = window_->ranges();
  for (const wire::Region& region : regions) {
    if (region.size == 0 || region.size % 4096 != 0 || region.address % 4096 != 0) continue;
    if (region.file_offset_pages < header_image_pages_ || region.address + std::uint64_t{region.size} > UINT32_MAX)
      continue;
    if (std::any_of(known.begin(), known.end(), [&](const SharedRange& one) { return same(one, region); })) continue;
    const bool in_place = window_->same_addresses();
    void* place = in_place ? reinterpret_cast<void*>(static_cast<std::uintptr_t>(region.address)) : nullptr;
    Result<void*> mapped =
        link_->map(place, region.size, std::uint64_t{region.file_offset_pages} * 4096, region.writable != 0);
    if (!mapped) continue;  // the client has something there: this piece is copied through the worker instead
    window_->add_range({region.address, region.size, static_cast<std::byte*>(*mapped),
                        std::uint64_t{region.file_offset_pages} * 4096, region.writable != 0, true});
  }
  return {};
}

// ---- death ----

void Worker::note_death(const ProcessEnd& end) {
  {
    std::lock_guard lock(death_mutex_);
    end_ = end;
    record_ = checked_death(window_->header().death);
    __atomic_store_n(&dead_, 1, __ATOMIC_RELEASE);
  }
  death_known_.notify_all();
  {
    std::lock_guard lock(lanes_mutex_);
  }
  lane_changed_.notify_all();
  for (std::uint32_t number = 0; number < window_->header().lane_count && number < wire::kMaxLanes; ++number)
    if (lane_state(number) != wire::LaneState::unused) Channel::interrupt(link_->client_bell(window_->lane(number)));
}

void Worker::kill(Error cause) {
  {
    std::lock_guard lock(death_mutex_);
    if (is_dead()) return;
    if (!cause_) cause_ = std::move(cause);
  }
  on_attendant([this]() -> Result<void> {
    link_->kill();
    return {};
  });
}

Error Worker::death(std::uint32_t lane, const std::string& function) {
  if (disowned_)
    return fail(ErrorCode::stale_handle, "the call of " + function +
                                             " was made before this process was forked: it is " +
                                             "its parent's, and so is its worker")
        .error();
  std::lock_guard lock(death_mutex_);
  return describe_death({cause_, record_, end_, options_.program.under_wine || options_.program.windows}, lane,
                        options_.library, function);
}

}  // namespace halfword
