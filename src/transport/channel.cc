#include "transport/channel.h"

namespace halfword {
namespace {

// A pause is 15 to 45 ns: about 3 µs, which covers any call that does little work.
constexpr std::uint32_t kPauses = 96;
// What falling asleep and being woken costs; longer spinning than that never pays.
constexpr std::int64_t kSpinNs = 50'000;

}  // namespace

Channel::Channel(wire::Line* out, wire::Line* in, BellEnd own, BellEnd peer, WaitMode mode, const std::uint32_t* stop)
    : out_(out),
      in_(in),
      pauses_(mode == WaitMode::block || one_processor() ? 0 : kPauses),
      mode_(mode),
      stop_(stop),
      own_(own),
      peer_(peer) {}

void Channel::ring(const BellEnd& end) {
  __atomic_add_fetch(&end.shared->bell, 1, __ATOMIC_SEQ_CST);
  wake_sleeper(end);
}

Waited Channel::wait_longer(Deadline deadline) {
  if (mode_ != WaitMode::block) {
    const std::int64_t start = monotonic_ns();
    for (;;) {
      if (arrived()) return take();
      if (stopped()) return Waited::stopped;
      yield();
      const std::int64_t now = monotonic_ns();
      if (now >= deadline.at) return Waited::timed_out;
      if (mode_ != WaitMode::spin && now - start >= kSpinNs) break;
    }
  }
  return fall_asleep(deadline);
}

Waited Channel::fall_asleep(Deadline deadline) {
  for (;;) {
    const std::uint32_t seen = __atomic_load_n(&own_.shared->bell, __ATOMIC_ACQUIRE);
    __atomic_exchange_n(&own_.shared->asleep, 1, __ATOMIC_SEQ_CST);  // partner: the exchange in `send`
    const bool here = arrived();
    if (!here && !stopped()) sleep_on(own_, seen, deadline);
    __atomic_store_n(&own_.shared->asleep, 0, __ATOMIC_RELAXED);
    if (here || arrived()) return take();
    if (stopped()) return Waited::stopped;
    if (!deadline.is_never() && monotonic_ns() >= deadline.at) return Waited::timed_out;
  }
}

}  // namespace halfword
