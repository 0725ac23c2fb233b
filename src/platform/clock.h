// Time that only goes forward.
#pragma once

#include <cstdint>

namespace halfword {

/// Nanoseconds since some fixed moment; never goes back, not changed by setting the clock. Any thread.
std::int64_t monotonic_ns();

/// A moment on that clock, or none at all.
struct Deadline {
  std::int64_t at = INT64_MAX;

  static Deadline never() { return {}; }
  static Deadline after(std::int64_t ns) {
    const std::int64_t now = monotonic_ns();
    return {ns > INT64_MAX - now ? INT64_MAX : now + ns};
  }
  bool is_never() const { return at == INT64_MAX; }
};

}  // namespace halfword
