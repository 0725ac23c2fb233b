// The worker's main thread: takes the window that its client laid out, then starts and joins lanes until told to end.
// It never runs code of the library, so it can always answer.
#include "worker/worker.h"

namespace halfword::worker {

/// Maps the window; ends the process where there is none or its place is taken (attach_….cc).
void attach(int argc, char** argv);

namespace {

wire::LaneState lane_state(uint32_t number) {
  return static_cast<wire::LaneState>(__atomic_load_n(&header().lane_states[number], __ATOMIC_ACQUIRE));
}

void set_lane_state(uint32_t number, wire::LaneState state) {
  __atomic_store_n(&header().lane_states[number], static_cast<uint32_t>(state), __ATOMIC_RELEASE);
}

void open_lane(uint32_t number) {
  set_lane_state(number, start_lane(number) ? wire::LaneState::serving : wire::LaneState::refused);
  ring_client();
}

void close_lane(uint32_t number) {
  join_lane(number);
  set_lane_state(number, wire::LaneState::unused);
  ring_client();
}

void look_after_lanes() {
  for (uint32_t number = 0; number < header().lane_count; ++number) {
    if (lane_state(number) == wire::LaneState::opening) open_lane(number);
    if (lane_state(number) == wire::LaneState::ended) close_lane(number);
  }
}

}  // namespace

void* lane_storage(uint32_t number) {
  alignas(Lane) static uint8_t storage[wire::kMaxLanes][sizeof(Lane)];
  return storage[number];
}

}  // namespace halfword::worker

int main(int argc, char** argv) {
  using namespace halfword::worker;
  using halfword::wire::Order;
  attach(argc, argv);
  guard_faults();
  __atomic_store_n(&header().worker_state, static_cast<uint32_t>(halfword::wire::WorkerState::ready), __ATOMIC_RELEASE);
  ring_client();
  for (;;) {
    const uint32_t seen = __atomic_load_n(&header().worker_attention, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&header().order, __ATOMIC_ACQUIRE) == static_cast<uint32_t>(Order::end)) break;
    look_after_lanes();
    wait_for_attention(seen);
  }
  end_in_order();
}
