// floor.spin and floor.block; see floor_rows.h. The lines' only writers are the two sides of floor_layout.h.
#include <emmintrin.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "floors/floor_layout.h"
#include "floors/floor_rows.h"
#include "platform/futex_linux.h"
#include "statistics.h"

namespace halfword::bench {
namespace {

constexpr int kMemoryInWorker = 3;
// A worker that has not answered for this long is dead or will never run; nothing else takes seconds here.
constexpr std::int64_t kPatienceNs = 5'000'000'000;
// Looks at the clock only this often while spinning, so that the loop is nothing but the load.
constexpr std::uint32_t kSpinsBetweenLooks = 1 << 24;

std::uint32_t load(const std::uint32_t& word) { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }

struct Layout {
  FloorMode mode;
  std::uint32_t distance;  ///< of the two lines, in bytes
  double round_trip = 0;   ///< nanoseconds
};

}  // namespace

class FloorPair {
 public:
  ~FloorPair() {
    if (block_ == nullptr) return;
    order(FloorMode::end, Layout{FloorMode::spin, 64});
    worker_.wait(1000);
    munmap(block_, kFloorSize);
  }

  Result<void> start(const std::string& program, const Placement& placement);
  Result<void> find_fastest();
  Result<Samples> run(FloorMode mode, const Layout& layout, std::uint64_t iterations, std::uint64_t batch);
  Result<Samples> run_spinning(std::uint64_t iterations, std::uint64_t batch) {
    return run(fastest().mode, fastest(), iterations, batch);
  }
  Result<Samples> run_blocking(std::uint64_t iterations, std::uint64_t batch) {
    return run(FloorMode::block, fastest(), iterations, batch);
  }
  const std::vector<Layout>& layouts() const { return layouts_; }

 private:
  const Layout& fastest() const { return layouts_.front(); }
  void order(FloorMode mode, const Layout& layout);
  Result<void> wait_until_serving(std::uint32_t order);
  template <FloorMode kMode>
  Result<Samples> exchange(FloorLine& request, FloorLine& reply, std::uint64_t iterations, std::uint64_t batch);

  Descriptor memory_;
  FloorBlock* block_ = nullptr;
  ChildProcess worker_;
  std::vector<Layout> layouts_;
};

Result<void> FloorPair::start(const std::string& program, const Placement& placement) {
  memory_ = Descriptor(memfd_create("halfword-bench-floor", MFD_CLOEXEC));
  if (!memory_.is_open() || ftruncate(memory_.number(), kFloorSize) != 0) {
    return fail_system("making the floors' shared memory", static_cast<std::uint64_t>(errno));
  }
  void* place = mmap(nullptr, kFloorSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, memory_.number(), 0);
  if (place == MAP_FAILED) {
    return fail_system("mapping the floors' shared memory", static_cast<std::uint64_t>(errno));
  }
  auto worker = ChildProcess::start({program}, {{memory_.number(), kMemoryInWorker}});
  if (!worker) {
    munmap(place, kFloorSize);
    return propagate(worker);
  }
  worker_ = std::move(*worker);
  block_ = static_cast<FloorBlock*>(place);
  return bind_process(worker_.id(), {placement.worker});
}

void FloorPair::order(FloorMode mode, const Layout& layout) {
  block_->mode = static_cast<std::uint32_t>(mode);
  block_->request = sizeof(FloorBlock);
  block_->reply = static_cast<std::uint32_t>(sizeof(FloorBlock)) + layout.distance;
  __atomic_store_n(&block_->order, block_->order + 1, __ATOMIC_RELEASE);
  futex_wake(&block_->order);
}

template <FloorMode kMode>
Result<Samples> FloorPair::exchange(FloorLine& request, FloorLine& reply, std::uint64_t iterations,
                                    std::uint64_t batch) {
  std::uint32_t sequence = 0;
  return time_calls(iterations, batch, [&] {
    request.a = sequence;
    request.b = 7;
    // Pairs with the load of the worker's loop, as the load below pairs with its store.
    __atomic_store_n(&request.sequence, sequence + 1, __ATOMIC_RELEASE);
    if constexpr (kMode == FloorMode::block) futex_wake(&request.sequence);
    std::uint32_t spins = 0;
    while (load(reply.sequence) != sequence + 1) {
      if constexpr (kMode == FloorMode::spin_with_pause) _mm_pause();
      if constexpr (kMode == FloorMode::block) {
        const Deadline patience = Deadline::after(kPatienceNs);
        futex_wait(&reply.sequence, sequence, patience);
        if (monotonic_ns() >= patience.at) return false;
      } else if (++spins == kSpinsBetweenLooks && worker_.wait(0)) {
        return false;
      }
    }
    ++sequence;
    return reply.a == sequence - 1 + 7;
  });
}

Result<void> FloorPair::wait_until_serving(std::uint32_t order) {
  const Deadline patience = Deadline::after(kPatienceNs);
  for (std::uint32_t seen = load(block_->serving); seen != order; seen = load(block_->serving)) {
    futex_wait(&block_->serving, seen, patience);
    if (monotonic_ns() >= patience.at) return fail(ErrorCode::worker_lost, "the floor worker does not answer");
  }
  return {};
}

Result<Samples> FloorPair::run(FloorMode mode, const Layout& layout, std::uint64_t iterations, std::uint64_t batch) {
  auto* bytes = reinterpret_cast<unsigned char*>(block_);
  auto& request = *reinterpret_cast<FloorLine*>(bytes + sizeof(FloorBlock));
  auto& reply = *reinterpret_cast<FloorLine*>(bytes + sizeof(FloorBlock) + layout.distance);
  request.sequence = 0;
  reply.sequence = 0;
  order(mode, layout);
  if (auto serving = wait_until_serving(block_->order); !serving) return propagate(serving);
  auto samples = mode == FloorMode::block  ? exchange<FloorMode::block>(request, reply, iterations, batch)
                 : mode == FloorMode::spin ? exchange<FloorMode::spin>(request, reply, iterations, batch)
                                           : exchange<FloorMode::spin_with_pause>(request, reply, iterations, batch);
  __atomic_store_n(&request.sequence, kFloorStop, __ATOMIC_RELEASE);
  futex_wake(&request.sequence);
  if (auto idle = wait_until_serving(0); !idle) return propagate(idle);
  return samples;
}

// Which layout is the fastest depends on the machine and on where the two processors lie today, so it is measured.
// The layouts take turns, so that a slow moment does not decide against one of them.
Result<void> FloorPair::find_fastest() {
  constexpr int kTurns = 7;
  constexpr std::uint64_t kBatch = 50;
  for (const FloorMode mode : {FloorMode::spin, FloorMode::spin_with_pause}) {
    for (const std::uint32_t distance : {64U, 128U, 256U, 1024U, 4096U + 128U}) layouts_.push_back({mode, distance});
  }
  // With one processor a spinning round trip takes scheduler slices, and the layout does not matter.
  const std::uint64_t iterations = allowed_processors().size() > 1 ? 10'000 : kBatch;
  std::vector<std::vector<double>> turns(layouts_.size());
  for (int turn = 0; turn < kTurns; ++turn) {
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
      auto samples = run(layouts_[i].mode, layouts_[i], iterations, kBatch);
      if (!samples) return propagate(samples);
      turns[i].push_back(median(std::move(*samples)));
    }
  }
  for (std::size_t i = 0; i < layouts_.size(); ++i) layouts_[i].round_trip = median(turns[i]);
  std::ranges::stable_sort(layouts_, {}, &Layout::round_trip);
  return {};
}

Result<std::shared_ptr<FloorPair>> start_floor_pair(const std::string& program, const Placement& placement) {
  auto pair = std::make_shared<FloorPair>();
  if (auto started = pair->start(program, placement); !started) return propagate(started);
  if (auto found = pair->find_fastest(); !found) return propagate(found);
  return pair;
}

std::string describe_layouts(const FloorPair& pair) {
  std::string text;
  for (const Layout& layout : pair.layouts()) {
    text += fmt::format("{:.1f} ns: lines {} bytes apart, {} pause\n", layout.round_trip, layout.distance,
                        layout.mode == FloorMode::spin ? "without" : "with");
  }
  return text;
}

namespace {

class SpinFloor : public Row {
 public:
  explicit SpinFloor(std::shared_ptr<FloorPair> pair)
      : Row({.name = "floor.spin", .unit = "ns"}), pair_(std::move(pair)) {}
  Result<void> open() override { return {}; }
  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override {
    return pair_->run_spinning(iterations, batch);
  }

 private:
  std::shared_ptr<FloorPair> pair_;
};

class BlockFloor : public Row {
 public:
  explicit BlockFloor(std::shared_ptr<FloorPair> pair)
      : Row({.name = "floor.block", .unit = "ns"}), pair_(std::move(pair)) {}
  Result<void> open() override { return {}; }
  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override {
    return pair_->run_blocking(iterations, batch);
  }

 private:
  std::shared_ptr<FloorPair> pair_;
};

}  // namespace

std::unique_ptr<Row> make_spin_floor(std::shared_ptr<FloorPair> pair) {
  return std::make_unique<SpinFloor>(std::move(pair));
}
std::unique_ptr<Row> make_block_floor(std::shared_ptr<FloorPair> pair) {
  return std::make_unique<BlockFloor>(std::move(pair));
}

}  // namespace halfword::bench
