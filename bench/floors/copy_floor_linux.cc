// floor.copy.64MiB: what a buffer that goes in and comes back out costs at least, if it is copied. See floor_rows.h.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "floors/floor_rows.h"

namespace halfword::bench {
namespace {

constexpr std::size_t kSize = std::size_t{64} << 20;

class CopyFloor : public Row {
 public:
  CopyFloor() : Row({.name = "floor.copy.64MiB", .unit = "ms", .slice = std::chrono::milliseconds(80)}) {}
  ~CopyFloor() override {
    if (shared_ != MAP_FAILED) munmap(shared_, kSize);
  }

  Result<void> open() override {
    memory_ = Descriptor(memfd_create("halfword-bench-copy", MFD_CLOEXEC));
    if (!memory_.is_open() || ftruncate(memory_.number(), kSize) != 0) {
      return fail_system("making shared memory to copy through", static_cast<std::uint64_t>(errno));
    }
    shared_ = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, memory_.number(), 0);
    if (shared_ == MAP_FAILED) {
      return fail_system("mapping shared memory to copy through", static_cast<std::uint64_t>(errno));
    }
    heap_.assign(kSize, 1);
    return {};
  }

  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override {
    auto samples = time_calls(iterations, batch, [&] {
      auto* shared = static_cast<unsigned char*>(shared_);
      std::memcpy(shared, heap_.data(), kSize);
      // The compiler must believe that somebody else has looked at the memory and changed it.
      __asm__ volatile("" : : "r"(shared) : "memory");
      std::memcpy(heap_.data(), shared, kSize);
      __asm__ volatile("" : : "r"(heap_.data()) : "memory");
      return true;
    });
    scale(samples, 1e-6);
    return samples;
  }

 private:
  Descriptor memory_;
  void* shared_ = MAP_FAILED;
  std::vector<unsigned char> heap_;
};

}  // namespace

std::unique_ptr<Row> make_copy_floor() { return std::make_unique<CopyFloor>(); }

}  // namespace halfword::bench
