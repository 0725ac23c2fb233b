// Lets C++ exceptions escape, from frames whose destructors it counts.
#include <stdexcept>

namespace {

int destroyed = 0;

struct Counted {
  ~Counted() { ++destroyed; }
};

}  // namespace

namespace vendor {
struct Refusal {
  int number;
};
}  // namespace vendor

extern "C" {

int throw_standard() {
  Counted one;
  Counted two;
  throw std::runtime_error("the vendor is not amused");
}

int throw_own() {
  Counted one;
  throw vendor::Refusal{3};
}

int throw_number() {
  Counted one;
  throw 42;
}

int throw_and_catch() {
  try {
    return throw_standard();
  } catch (const std::exception&) {
    return destroyed;
  }
}

int throw_past_noexcept() {
  struct Strict {
    static void run() noexcept { throw_number(); }
  };
  Strict::run();
  return 0;
}

/// Throws when `callback` has returned, or lets its C++ caller catch what it throws itself.
int throw_after_callback(int (*callback)(int)) {
  Counted one;
  throw callback(1);
}

int count_destroyed() { return destroyed; }

}  // extern "C"
