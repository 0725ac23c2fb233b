// The wake-up between a worker under Wine and its client, a Linux process: one pipe each way, which carries a 32-bit
// token for everything that is rung.
//
// A token is the place of the rung bell in the window, in bytes from its start; kAttention stands for the main thread
// of that side. Used by bell_windows.cc and the worker's system_windows.cc; the Linux end is link_wine_linux.cc.
#pragma once

#include <windows.h>

#include <cstdint>

namespace halfword {

struct WakePipe {
  HANDLE write_end;
  const char* window;

  void ring(const void* place_in_window) const {
    const auto token = static_cast<std::uint32_t>(static_cast<const char*>(place_in_window) - window);
    DWORD written;
    WriteFile(write_end, &token, sizeof token, &written, nullptr);
  }
};

}  // namespace halfword
