// Everything between `keep` and the end of the file runs in a process that shares its client's memory and thread
// pointer: no C library, no errno, no allocation, no instrumentation, nothing but its own stack and KeeperShared.
#include "platform/keeper_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "platform/raw_syscall_linux.h"

#define HALFWORD_BARE __attribute__((no_sanitize("address", "thread", "undefined"), no_stack_protector))

namespace halfword {
namespace {

constexpr int kWindowFile = 3;  // where the worker looks for it (worker/system_linux.h)
constexpr unsigned long kAllSignals = ~0UL;
constexpr rlim_t kFiniteStack = 8 << 20;

HALFWORD_BARE unsigned long bit(int signal) { return 1UL << (signal - 1); }

// In the clone that becomes the worker; it has borrowed the keeper's memory until its exec.
HALFWORD_BARE int become_worker(void* argument) {
  auto* shared = static_cast<KeeperShared*>(argument);
  raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  if (shared->own_group) raw_syscall(SYS_setpgid, 0, 0);
  // Without a limit the kernel lays an i386 process out from the bottom up, into the window's place.
  rlimit stack;
  if (raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, 0, word(&stack)) == 0 && stack.rlim_cur == RLIM_INFINITY) {
    stack.rlim_cur = kFiniteStack;
    raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, word(&stack), 0);
  }
  raw_syscall(SYS_dup3, shared->window_file, kWindowFile, 0);
  raw_syscall(SYS_close_range, kWindowFile + 1, ~0U, 0);
  const unsigned long none = 0;
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, word(&none), 0, sizeof none);
  shared->worker = static_cast<int>(
      raw_syscall(SYS_execve, word(shared->program), word(shared->arguments), word(shared->environment)));
  raw_syscall(SYS_exit_group, 127);
  return 0;
}

HALFWORD_BARE char state_of(int process) {
  char path[32] = "/proc/";
  char digits[12];
  int count = 0, length = 6;
  for (; process != 0; process /= 10) digits[count++] = static_cast<char>('0' + process % 10);
  while (count != 0) path[length++] = digits[--count];
  for (const char* rest = "/stat"; *rest != 0; ++rest) path[length++] = *rest;
  path[length] = 0;
  const long file = raw_syscall(SYS_openat, AT_FDCWD, word(path), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[128];
  long size = raw_syscall(SYS_read, file, word(text), sizeof text);
  raw_syscall(SYS_close, file);
  // "pid (name) state": the name may hold anything, so the last parenthesis counts.
  while (size > 0 && text[size - 1] != ')') --size;
  return size > 0 && size + 1 < 128 ? text[size + 1] : 0;
}

// Ctrl-Z reached the program's process group. If the program stops, so does its worker, until the program goes on.
HALFWORD_BARE void follow_stop(const KeeperShared* shared) {
  const int program = static_cast<int>(raw_syscall(SYS_getppid));
  const timespec moment = {0, 5'000'000};
  for (int tries = 0; tries < 100 && state_of(program) != 'T'; ++tries) {
    raw_syscall(SYS_nanosleep, word(&moment), 0);
    if (tries == 99) return;
  }
  raw_syscall(SYS_kill, shared->worker, SIGSTOP);
  while (state_of(program) == 'T') raw_syscall(SYS_nanosleep, word(&moment), 0);
  raw_syscall(SYS_kill, shared->worker, SIGCONT);
}

HALFWORD_BARE int open_stop_signals() {
  const unsigned long stops = bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
  return static_cast<int>(raw_syscall(SYS_signalfd4, -1, word(&stops), sizeof stops, SFD_CLOEXEC));
}

// Serves until the worker has ended, by itself or because its client is gone or asks for it (any byte).
HALFWORD_BARE void watch(KeeperShared* shared) {
  pollfd watched[3] = {{shared->channel, POLLIN, 0},
                       {static_cast<int>(raw_syscall(SYS_pidfd_open, shared->worker, 0)), POLLIN, 0},
                       {open_stop_signals(), POLLIN, 0}};
  for (;;) {
    raw_syscall(SYS_poll, word(&watched[0]), 3, -1);
    if (watched[1].revents != 0) return;
    if (watched[0].revents != 0) {
      raw_syscall(SYS_kill, shared->worker, SIGKILL);
      return;
    }
    if (watched[2].revents != 0) {
      signalfd_siginfo info;
      raw_syscall(SYS_read, watched[2].fd, word(&info), sizeof info);
      if (info.ssi_signo == SIGTSTP) follow_stop(shared);
    }
  }
}

HALFWORD_BARE void report(KeeperShared* shared) {
  __atomic_store_n(&shared->done, 1, __ATOMIC_RELEASE);
  __atomic_add_fetch(shared->attention, 1, __ATOMIC_SEQ_CST);
  raw_syscall(SYS_futex, word(shared->attention), FUTEX_WAKE, 1 << 30);
}

HALFWORD_BARE int keep(void* argument) {
  auto* shared = static_cast<KeeperShared*>(argument);
  // Every other descriptor of the attendant's, its end of the channel above all, is not the keeper's to hold open.
  const int low = shared->window_file < shared->channel ? shared->window_file : shared->channel;
  const int high = shared->window_file < shared->channel ? shared->channel : shared->window_file;
  raw_syscall(SYS_close_range, 3, low - 1, 0);
  if (low + 1 < high) raw_syscall(SYS_close_range, low + 1, high - 1, 0);
  raw_syscall(SYS_close_range, high + 1, ~0U, 0);
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, word(&kAllSignals), 0, sizeof kAllSignals);

  alignas(16) char stack[4096];
  shared->worker = 0;
  const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
  const int worker = clone(become_worker, stack + sizeof stack, flags, shared);
  if (worker < 0 || shared->worker < 0) {
    if (worker > 0) raw_syscall(SYS_wait4, worker, 0, __WALL);
    shared->worker = shared->worker < 0 ? shared->worker : -EAGAIN;
    report(shared);
    raw_syscall(SYS_exit_group, 1);
  }
  shared->worker = worker;
  raw_syscall(SYS_close_range, 0, 2, 0);  // the program may close its output and expect its readers to see the end
  watch(shared);
  while (raw_syscall(SYS_wait4, worker, word(&shared->status), __WALL) == -EINTR) {
  }
  report(shared);
  raw_syscall(SYS_exit_group, 0);
  return 0;
}

}  // namespace

Result<pid_t> start_keeper(KeeperShared* shared, void* stack) {
  // No exit signal, and none of CLONE_FILES, CLONE_FS, CLONE_SIGHAND: its tables are copies.
  const pid_t keeper = clone(keep, static_cast<char*>(stack) + kKeeperStack, CLONE_VM, shared);
  if (keeper < 0) return fail_system("the worker's keeper could not be started (clone)", static_cast<unsigned>(errno));
  return keeper;
}

void reap_keeper(pid_t keeper) {
  while (waitpid(keeper, nullptr, __WALL) < 0 && errno == EINTR) {
  }
}

}  // namespace halfword
