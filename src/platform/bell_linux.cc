#include <sched.h>

#include "platform/bell.h"
#include "platform/futex_linux.h"
#include "platform/ringer.h"

namespace halfword {

void sleep_on(const BellEnd& own, std::uint32_t seen, Deadline deadline) {
  futex_wait(&own.shared->bell, seen, deadline);
}

void attend_to_messages(const BellEnd&) {}

void wake_sleeper(const BellEnd& peer) {
  if (peer.wake == wire::Wake::futex)
    futex_wake(&peer.shared->bell);
  else
    static_cast<Ringer*>(peer.handle)->ring(peer.shared);
}

void yield() { sched_yield(); }

bool one_processor() {
  cpu_set_t allowed;
  // More processors than a cpu_set_t holds make the call fail: then there is more than one.
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) == 1;
}

}  // namespace halfword
