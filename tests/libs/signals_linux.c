/* Does to signals what a library should not do. */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

int unblock_all(void) {
  sigset_t none;
  sigemptyset(&none);
  return pthread_sigmask(SIG_SETMASK, &none, NULL) == 0;
}

int block_all(void) {
  sigset_t all;
  sigfillset(&all);
  return pthread_sigmask(SIG_SETMASK, &all, NULL) == 0;
}

int replace_all(int with_ignoring) {
  int replaced = 0;
  for (int number = 1; number < 32; ++number)
    if (signal(number, with_ignoring ? SIG_IGN : SIG_DFL) != SIG_ERR) ++replaced;
  return replaced;
}

/* How many of the usual signals are blocked on the calling thread. */
int count_blocked(void) {
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, NULL, &blocked);
  int count = 0;
  for (int number = 1; number < 32; ++number) count += sigismember(&blocked, number) == 1;
  return count;
}

static volatile sig_atomic_t received;
static void note(int number) { received = number; }

int count_own_signals(void) {
  received = 0;
  signal(SIGUSR1, note);
  raise(SIGUSR1);
  signal(SIGUSR1, SIG_DFL);
  return received == SIGUSR1;
}

int *nothing;
int crash(void) { return *(volatile int *)nothing; }
