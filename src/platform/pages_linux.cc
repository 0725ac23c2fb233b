#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/pages.h"

namespace halfword::pages {

void* take(std::size_t size, std::size_t alignment) {
  void* got =
      mmap(nullptr, size + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (got == MAP_FAILED) return nullptr;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(got);
  const uintptr_t aligned = (begin + alignment - 1) & ~(alignment - 1);
  if (aligned != begin) munmap(got, aligned - begin);
  const uintptr_t tail = begin + alignment - aligned;
  if (tail != 0) munmap(reinterpret_cast<void*>(aligned + size), tail);
  return reinterpret_cast<void*>(aligned);
}

void give_back(void* begin, std::size_t size) { munmap(begin, size); }

bool commit(void*, std::size_t) { return true; }

bool discard(void* begin, std::size_t size) { return madvise(begin, size, MADV_REMOVE) == 0; }

void die(const char* text, const void* address) {
  fprintf(stderr, "halfword worker: %s: %p\n", text, address);
  abort();
}

// Drepper's three-state mutex ("Futexes Are Tricky", 2011, mutex 2). Not pthread_mutex_t: malloc runs before the C
// library is ready to have one, and in a forked child that must be able to unlock what its parent locked.
void Lock::lock() {
  auto* word = reinterpret_cast<uint32_t*>(&state_);
  uint32_t seen = 0;
  if (__atomic_compare_exchange_n(word, &seen, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  if (seen != 2) seen = __atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE);
  while (seen != 0) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 2, nullptr, nullptr, 0);
    seen = __atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE);
  }
}

void Lock::unlock() {
  auto* word = reinterpret_cast<uint32_t*>(&state_);
  if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace halfword::pages
