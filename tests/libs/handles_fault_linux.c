/* Handles faults of its own making, as libraries do that probe memory or a processor's instructions. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>

static sigjmp_buf back;

static void leap(int signal) { siglongjmp(back, signal); }

/* 1 if the handler ran. The handler that was there before is put back. */
static int survives(int signal, void (*fault)(void)) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = leap;
  sigaction(signal, &action, &before);
  const int caught = sigsetjmp(back, 1);
  if (caught == 0) fault();
  sigaction(signal, &before, NULL);
  return caught == signal;
}

static void read_nowhere(void) {
  const volatile int *volatile nowhere = (const volatile int *)0x30;
  (void)*nowhere;
}
static void run_nothing(void) { __asm__ volatile("ud2"); }

int survive_read(void) { return survives(SIGSEGV, read_nowhere); }
int survive_illegal(void) { return survives(SIGILL, run_nothing); }
