/* Crashes on a thread of its own while the caller waits, or while nobody does. */
#include "threads.h"

static void crash(void *unused) {
  (void)unused;
  volatile int *volatile nowhere = (volatile int *)0x20;
  *nowhere = 1;
}

/* Returns only if the thread did not crash. */
int die(void) {
  join_thread(start_thread(crash, 0));
  return 0;
}

static Gate *gate;

static void crash_later(void *unused) {
  pass_gate(gate);
  crash(unused);
}

/* Returns at once; the thread crashes when `let_it_crash` is called. */
int prepare_crash(void) {
  gate = make_gate();
  start_thread(crash_later, 0);
  return 1;
}
int let_it_crash(void) {
  open_gate(gate);
  return 1;
}
