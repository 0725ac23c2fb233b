// floor.far_call: the cheapest way there is to reach 32-bit code, by a far call in the same process. See floor_rows.h.
// Runs on the calling thread, whose data segments it sets for the time of a run.
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "floors/floor_rows.h"

extern "C" {
extern const unsigned char halfword_far_call_begin[];
extern const unsigned char halfword_far_call_end[];
extern const unsigned char halfword_far_call_entry[];
extern const unsigned char halfword_far_call_pointer[];
}

namespace halfword::bench {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kStackSize = 16 * kPage;
// The kernel's selectors for user code of 32 bits and for user data: __USER32_CS, __USER_DS in asm/segment.h.
constexpr std::uint16_t kCode32 = 0x23;
constexpr std::uint16_t kData = 0x2b;

void set_data_segments(std::uint16_t selector) {
  const unsigned wide = selector;
  __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"(wide));
}

class FarCallFloor : public Row {
 public:
  FarCallFloor() : Row({.name = "floor.far_call", .unit = "ns"}) {}
  ~FarCallFloor() override {
    if (memory_ != MAP_FAILED) munmap(memory_, kPage + kStackSize);
  }

  Result<void> open() override {
    memory_ = mmap(nullptr, kPage + kStackSize, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT | MAP_POPULATE, -1, 0);
    if (memory_ == MAP_FAILED) {
      return fail_system("mapping memory below 4 GiB for 32-bit code", static_cast<std::uint64_t>(errno));
    }
    auto* code = static_cast<unsigned char*>(memory_);
    std::memcpy(code, halfword_far_call_begin,
                static_cast<std::size_t>(halfword_far_call_end - halfword_far_call_begin));
    const auto entry =
        static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(code) +
                                   static_cast<std::uintptr_t>(halfword_far_call_entry - halfword_far_call_begin));
    unsigned char* pointer = code + (halfword_far_call_pointer - halfword_far_call_begin);
    std::memcpy(pointer, &entry, sizeof entry);
    std::memcpy(pointer + sizeof entry, &kCode32, sizeof kCode32);
    if (mprotect(code, kPage, PROT_READ | PROT_EXEC) != 0) {
      return fail_system("making 32-bit code executable", static_cast<std::uint64_t>(errno));
    }
    return {};
  }

  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override {
    using FarCall = std::uint32_t (*)(std::uint32_t a, std::uint32_t b, std::uint32_t stack);
    const auto far_call = reinterpret_cast<FarCall>(memory_);
    const auto stack = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(memory_) + kPage + kStackSize);
    // 64-bit code does not look at them, and they stay over a switch of threads: once for all calls is enough.
    set_data_segments(kData);
    std::uint32_t i = 0;
    auto samples = time_calls(iterations, batch, [&] {
      ++i;
      return far_call(i, 7, stack) == i + 7;
    });
    set_data_segments(0);
    return samples;
  }

 private:
  void* memory_ = MAP_FAILED;
};

}  // namespace

std::unique_ptr<Row> make_far_call_floor() { return std::make_unique<FarCallFloor>(); }

}  // namespace halfword::bench
