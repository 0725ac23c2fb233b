// The futex system call with times that fit on both bitnesses (futex(2)).
#pragma once

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "platform/clock.h"

namespace halfword {

// i386 has a second call whose timespec is 64 bits wide on both sides; the first one's would need a 32-bit time_t.
#ifdef SYS_futex_time64
constexpr long kFutexCall = SYS_futex_time64;
#else
constexpr long kFutexCall = SYS_futex;
#endif

/// Sleeps while *word == seen, until woken, until the deadline (on the monotonic clock), or for no reason.
/// The futex is shared between processes: it is known by its place in the file, whatever its address.
inline void futex_wait(uint32_t* word, uint32_t seen, Deadline deadline) {
  struct {
    int64_t seconds, nanoseconds;
  } until = {deadline.at / 1'000'000'000, deadline.at % 1'000'000'000};
  const int saved = errno;  // the library's errno must not change while its lane waits
  syscall(kFutexCall, word, FUTEX_WAIT_BITSET, seen, deadline.is_never() ? nullptr : &until, nullptr,
          FUTEX_BITSET_MATCH_ANY);
  errno = saved;
}

inline void futex_wake(uint32_t* word) {
  const int saved = errno;
  syscall(kFutexCall, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
  errno = saved;
}

}  // namespace halfword
