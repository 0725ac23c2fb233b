// The wake-up between a worker under Wine and its client, a Linux process: one pipe each way, which carries a 32-bit
// token for everything that is rung.
//
// A token is the place of the rung bell in the window, in bytes from its start; 0 stands for the main thread of that
// side. Used by bell_windows.cc and the worker's system_windows.cc; the Linux end is link_wine_linux.cc.
#pragma once

#include <cstdint>

namespace halfword {

/// The end that is written. Plain data: it lives as long as the process.
struct WakePipe {
  void* pipe = nullptr;
  const char* window = nullptr;

  bool open(const char* path, const void* window_begin);
  /// Any thread.
  void ring(const void* place_in_window) const;
};

/// Calls `rung` with every token that comes, on a thread of its own, and ends the process when the other side is gone.
bool read_tokens(const char* path, void (*rung)(std::uint32_t token));

}  // namespace halfword
