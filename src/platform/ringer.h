// Rings a worker that cannot sleep on a futex of ours (a Windows worker under Wine, which sleeps on a pipe).
// A lane's thread must not write to the pipe itself: its descriptors are the program's, which may close or reuse any
// number. So a thread with descriptors of its own does (see link_wine_linux.cc).
#pragma once

#include "wire/window_layout.h"

namespace halfword {

class Ringer {
 public:
  /// Has the sleeper of `bell` woken soon; returns at once. Any thread.
  virtual void ring(wire::Bell* bell) = 0;

 protected:
  ~Ringer() = default;
};

}  // namespace halfword
