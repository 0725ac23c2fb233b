// The start of a worker: a place for the window is negotiated by trying. The client takes a place that is free on its
// side, starts a worker on it, and if the place is taken there, tries the next one with a new worker.
#include <algorithm>
#include <span>

#include "supervisor/worker.h"

namespace halfword {
namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr std::uint32_t kLanes = 512;
constexpr std::size_t kLanesOffset = wire::kHeaderSize;
constexpr std::size_t kArenaOffset = 64 * 1024 * (kLanes + 1);
constexpr std::size_t kArenaSize = 128 * kMiB;
constexpr std::size_t kHeapOffset = 192 * kMiB;
static_assert(kArenaOffset + kArenaSize <= kHeapOffset);
// File pages behind the window for moved segments; never used twice, so that a library can be reloaded a thousand
// times.
constexpr std::uint64_t kImageSize = 16ULL << 30;
constexpr std::int64_t kLongestStart = 20'000'000'000;
constexpr std::int64_t kLongestWineStart = 120'000'000'000;  // the first start makes a Wine prefix

struct Place {
  std::uint64_t address;
  std::size_t size;
};

// Below 2 GiB first: some libraries compare pointers as signed numbers. Several workers' windows fit side by side; what
// does not fit into a window spills into its worker's own memory.
constexpr Place kPlaces[] = {{0x10000000, 512 * kMiB}, {0x30000000, 512 * kMiB}, {0x50000000, 512 * kMiB},
                             {0x80000000, 512 * kMiB}, {0xA0000000, 512 * kMiB}, {0xC0000000, 512 * kMiB},
                             {0x04000000, 384 * kMiB}, {0x20000000, 256 * kMiB}, {0x40000000, 256 * kMiB},
                             {0x60000000, 256 * kMiB}, {0x90000000, 256 * kMiB}, {0xB0000000, 256 * kMiB},
                             {0xD0000000, 256 * kMiB}};

// For a Windows program: where a library lies that asks for the place that most ask for (0x10000000) comes later, and
// Wine has the places from 0x3FE00000 to 0x80000000 for itself.
constexpr Place kWindowsPlaces[] = {{0x20000000, 480 * kMiB}, {0x80000000, 512 * kMiB}, {0xA0000000, 512 * kMiB},
                                    {0xC0000000, 512 * kMiB}, {0x10000000, 256 * kMiB}, {0x04000000, 384 * kMiB},
                                    {0x40000000, 512 * kMiB}, {0x90000000, 256 * kMiB}, {0xB0000000, 256 * kMiB},
                                    {0xD0000000, 256 * kMiB}};

}  // namespace

Result<void> Worker::launch() {
  if (options_.mode != WindowMode::shared) return try_place(nullptr, 512 * kMiB);
  Result<void> last = fail(ErrorCode::no_memory, "there is no free place below 4 GiB");
  const std::span<const Place> places = options_.program.windows ? std::span<const Place>(kWindowsPlaces) : kPlaces;
  for (const Place& place : places) {
    if (options_.window_address != 0 && place.address != places[0].address) break;
    const std::uint64_t address = options_.window_address != 0 ? options_.window_address : place.address;
    last = try_place(reinterpret_cast<std::byte*>(address), place.size);
    if (last || last.error().code != ErrorCode::no_memory) return last;
  }
  if (options_.window_address != 0) return last;
  return try_place(nullptr, 512 * kMiB);  // the same memory at another address in the client, translated
}

// `no_memory` if the place is taken on either side.
Result<void> Worker::try_place(std::byte* place, std::size_t size) {
  window_.reset();
  Result<std::unique_ptr<WorkerLink>> link = WorkerLink::create(options_.program);
  if (!link) return propagate(link);
  link_ = std::move(*link);
  const std::uint64_t image_size = options_.program.windows ? 0 : kImageSize;  // Windows moves no segments
  const std::size_t used = options_.mode == WindowMode::off ? kHeapOffset : size;
  if (Result<void> made = link_->create_memory(size + image_size); !made) return made;
  Result<void*> mapped = link_->map(place, used, 0, true);
  if (!mapped) return propagate(mapped);
  mapped_size_ = used;
  lay_out(static_cast<std::byte*>(*mapped), used, place == nullptr ? 0 : reinterpret_cast<std::uintptr_t>(place));
  Result<void> started = link_->start(&window_->header());
  if (started) started = wait_until_ready();
  if (started) return started;
  std::byte* base = window_->base();
  std::unique_ptr<WorkerLink> failed = std::move(link_);
  window_.reset();
  failed->kill();
  while (!failed->ended()) failed->wait_for_attention(0, Deadline::after(1'000'000));
  failed->unmap(base, used);
  return started;
}

void Worker::lay_out(std::byte* base, std::size_t size, WorkerAddress wanted) {
  const bool shares_heap = options_.mode != WindowMode::off;
  window_ = std::make_unique<Window>(base, size, wanted, shares_heap ? kHeapOffset : 0);
  arena_ = std::make_unique<Arena>(base + kArenaOffset, kArenaSize);
  wire::Header& header = window_->header();
  header.version = wire::kProtocolVersion;
  header.window_base = static_cast<std::uint32_t>(wanted);
  header.window_size = static_cast<std::uint32_t>(size);
  header.lanes_offset = kLanesOffset;
  header.lane_count = kLanes;
  header.heap_offset = shares_heap ? kHeapOffset : 0;
  header.image_pages = static_cast<std::uint32_t>(size / 4096);
  header.image_page_count = static_cast<std::uint32_t>((options_.program.windows ? 0 : kImageSize) / 4096);
  header.wait_mode = static_cast<std::uint32_t>(options_.wait);
  header_image_pages_ = header.image_pages;
  header.magic = wire::kMagic;
}

Result<void> Worker::wait_until_ready() {
  wire::Header& header = window_->header();
  const Deadline deadline = Deadline::after(options_.program.under_wine ? kLongestWineStart : kLongestStart);
  for (;;) {
    const std::uint32_t seen = __atomic_load_n(&header.client_attention, __ATOMIC_ACQUIRE);
    const auto state = static_cast<wire::WorkerState>(__atomic_load_n(&header.worker_state, __ATOMIC_ACQUIRE));
    if (state == wire::WorkerState::ready) break;
    if (const std::optional<ProcessEnd> end = link_->ended()) {
      if (static_cast<wire::WorkerState>(header.worker_state) == wire::WorkerState::place_refused)
        return fail(ErrorCode::no_memory, "the window's place is taken in the worker");
      return fail(ErrorCode::environment, "the worker " + options_.program.path + " ended at its start, with " +
                                              (end->by_signal ? "signal " : "status ") + std::to_string(end->number) +
                                              "; `halfword doctor` says what is missing");
    }
    if (monotonic_ns() >= deadline.at)
      return fail(ErrorCode::environment, "the worker " + options_.program.path + " did not get ready in time");
    link_->wait_for_attention(seen, deadline);
  }
  const std::uint32_t base = header.worker_base;
  if (header.window_base != 0 ? base != header.window_base : base > UINT32_MAX - mapped_size_)
    return fail(ErrorCode::protocol_error, "the worker says that its window lies where it cannot lie");
  window_->set_worker_base(base);
  return {};
}

}  // namespace halfword
