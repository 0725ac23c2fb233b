/* Keeps data for each thread, as C++ libraries do, and counts what becomes of it. */
#include "thread_end.h"

static int alive, ended;

static void note_end(void *unused) {
  (void)unused;
  __atomic_sub_fetch(&alive, 1, __ATOMIC_RELAXED);
  __atomic_add_fetch(&ended, 1, __ATOMIC_RELAXED);
}

static __thread int uses;

/* How often the calling thread has called this. */
int use(void) {
  if (uses++ == 0) {
    __atomic_add_fetch(&alive, 1, __ATOMIC_RELAXED);
    at_thread_end(note_end);
  }
  return uses;
}

int count_alive(void) { return __atomic_load_n(&alive, __ATOMIC_RELAXED); }
int count_ended(void) { return __atomic_load_n(&ended, __ATOMIC_RELAXED); }
