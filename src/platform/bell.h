// How one side of a lane sleeps and the other wakes it, by the means that the pair of processes allows: a futex between
// Linux processes, an event between Windows processes, a pipe from Linux to a worker under Wine.
//
// The sleeper increments nothing: it reads `bell`, sets `asleep`, looks once more whether its message has come, and
// sleeps only while `bell` has not changed. So a ring between its look and its sleep is never lost.
#pragma once

#include <cstdint>

#include "platform/clock.h"
#include "wire/window_layout.h"

namespace halfword {

/// One end of a bell. Plain data: it lives in the lane and owns nothing.
struct BellEnd {
  wire::Bell* shared = nullptr;
  wire::Wake wake = wire::Wake::futex;
  void* handle = nullptr;  ///< event: a HANDLE of this process · pipe: the Ringer (Linux), a PipeWait (under Wine)
};

/// Sleeps until `shared->bell` differs from `seen`, the deadline passes, or for no reason at all; the caller looks again.
/// On Windows it pumps messages and is alertable meanwhile.
void sleep_on(const BellEnd& own, std::uint32_t seen, Deadline deadline);

/// Wakes the other side if it sleeps on `peer`. The caller has incremented `bell` already.
void wake_sleeper(const BellEnd& peer);

/// A moment for the other hardware thread; some tens of nanoseconds.
inline void relax() { __builtin_ia32_pause(); }

/// Lets another thread run on this processor.
void yield();

/// Whether the calling thread may run on one processor only: then spinning keeps the other side from running.
bool one_processor();

}  // namespace halfword
