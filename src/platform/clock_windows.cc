#include <windows.h>

#include "platform/clock.h"

namespace halfword {

std::int64_t monotonic_ns() {
  LARGE_INTEGER frequency, now;
  QueryPerformanceFrequency(&frequency);  // 10 MHz on everything recent; a constant of the process
  QueryPerformanceCounter(&now);
  const std::int64_t seconds = now.QuadPart / frequency.QuadPart;
  const std::int64_t rest = now.QuadPart % frequency.QuadPart;
  return seconds * 1'000'000'000 + rest * 1'000'000'000 / frequency.QuadPart;
}

}  // namespace halfword
