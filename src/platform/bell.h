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
  /// Event: a HANDLE of this process · pipe: for the own end the same, for the other one the Ringer (Linux) or the
  /// WakePipe (under Wine).
  void* handle = nullptr;
  /// Windows: whether this end's thread runs the messages and APCs that are queued for it while it sleeps.
  bool pumps = false;
};

/// Sleeps until `shared->bell` differs from `seen`, the deadline passes, or for no reason at all; the caller looks
/// again. On Windows it also runs messages that were sent to windows of this thread, and all messages and APCs where
/// `pumps`.
void sleep_on(const BellEnd& own, std::uint32_t seen, Deadline deadline);

/// Wakes the other side if it sleeps on `peer`. The caller has incremented `bell` already.
void wake_sleeper(const BellEnd& peer);

/// What `sleep_on` runs besides, for a thread that does not sleep; nothing on Linux.
void attend_to_messages(const BellEnd& own);

/// A moment for the other hardware thread; some tens of nanoseconds.
inline void relax() { __builtin_ia32_pause(); }

/// Lets another thread run on this processor.
void yield();

/// Whether the calling thread may run on one processor only: then spinning keeps the other side from running.
bool one_processor();

}  // namespace halfword
