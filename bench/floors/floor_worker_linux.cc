// The far side of floor.spin and floor.block: a 32-bit program that answers a line with a line and does nothing else.
// Started by floor_rows_linux.cc with the shared memory at descriptor 3; one thread; ends with the process that started
// it.
#include <emmintrin.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "floor_layout.h"
#include "platform/futex_linux.h"

using halfword::bench::FloorBlock;
using halfword::bench::FloorLine;
using halfword::bench::FloorMode;

namespace {

constexpr int kMemoryDescriptor = 3;

uint32_t load(const uint32_t& word) { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }

// Pairs with the load of the benchmark's loop: the sum is there when the sequence is.
void answer(const FloorLine& request, FloorLine& reply, uint32_t sequence) {
  reply.a = request.a + request.b;
  __atomic_store_n(&reply.sequence, sequence, __ATOMIC_RELEASE);
}

template <bool kPause>
void serve_spinning(FloorLine& request, FloorLine& reply) {
  for (uint32_t last = 0;;) {
    uint32_t sequence = load(request.sequence);
    while (sequence == last) {
      if (kPause) _mm_pause();
      sequence = load(request.sequence);
    }
    if (sequence == halfword::bench::kFloorStop) return;
    answer(request, reply, sequence);
    last = sequence;
  }
}

void serve_blocking(FloorLine& request, FloorLine& reply) {
  for (uint32_t last = 0;;) {
    uint32_t sequence = load(request.sequence);
    while (sequence == last) {
      halfword::futex_wait(&request.sequence, last, halfword::Deadline::never());
      sequence = load(request.sequence);
    }
    if (sequence == halfword::bench::kFloorStop) return;
    answer(request, reply, sequence);
    halfword::futex_wake(&reply.sequence);
    last = sequence;
  }
}

void say_serving(FloorBlock* block, uint32_t order) {
  __atomic_store_n(&block->serving, order, __ATOMIC_RELEASE);
  halfword::futex_wake(&block->serving);
}

void serve(FloorBlock* block, FloorMode mode) {
  auto* bytes = reinterpret_cast<unsigned char*>(block);
  auto& request = *reinterpret_cast<FloorLine*>(bytes + block->request);
  auto& reply = *reinterpret_cast<FloorLine*>(bytes + block->reply);
  say_serving(block, load(block->order));
  if (mode == FloorMode::spin) serve_spinning<false>(request, reply);
  if (mode == FloorMode::spin_with_pause) serve_spinning<true>(request, reply);
  if (mode == FloorMode::block) serve_blocking(request, reply);
  // Only now may the lines be used again.
  say_serving(block, 0);
}

}  // namespace

int main() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  void* memory = mmap(nullptr, halfword::bench::kFloorSize, PROT_READ | PROT_WRITE, MAP_SHARED, kMemoryDescriptor, 0);
  if (memory == MAP_FAILED) return 1;
  auto* block = static_cast<FloorBlock*>(memory);
  for (uint32_t seen = 0;;) {
    while (load(block->order) == seen) halfword::futex_wait(&block->order, seen, halfword::Deadline::never());
    seen = load(block->order);
    const auto mode = static_cast<FloorMode>(block->mode);
    if (mode == FloorMode::end) return 0;
    serve(block, mode);
  }
}
