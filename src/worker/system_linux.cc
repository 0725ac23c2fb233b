// Threads, errno and sleeping of the worker on Linux.
#include "worker/system_linux.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <new>

#include "platform/futex_linux.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

// What a thread has natively; in 32 bits only so many of these fit, so later lanes get less.
constexpr size_t kStackSizes[] = {8 << 20, 1 << 20, 256 << 10};
constexpr uint32_t kLanesWithFullStack = 32;

thread_local Lane* this_lane;
pthread_t lane_threads[wire::kMaxLanes];
pthread_key_t library_lane_key;
pthread_once_t library_lane_once = PTHREAD_ONCE_INIT;

void* run_lane(void* argument) {
  const uint32_t number = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(argument));
  Lane* lane = new (lane_storage(number)) Lane(number);
  this_lane = lane;
  give_signal_stack();
  lane_block(number).worker_thread = static_cast<uint32_t>(syscall(SYS_gettid));
  lane->serve_client();
  drop_signal_stack();
  return nullptr;
}

void end_library_lane(void* lane) {
  static_cast<Lane*>(lane)->announce_end();
  this_lane = nullptr;
}

void make_library_lane_key() { pthread_key_create(&library_lane_key, end_library_lane); }

}  // namespace

Lane* current_lane() { return this_lane; }

Lane& lane_of_this_thread() {
  if (this_lane != nullptr) return *this_lane;
  pthread_once(&library_lane_once, make_library_lane_key);
  const uint32_t number = claim_spare_lane();
  lane_block(number).worker_thread = static_cast<uint32_t>(syscall(SYS_gettid));
  this_lane = new (lane_storage(number)) Lane(number);
  pthread_setspecific(library_lane_key, this_lane);
  ring_client();
  return *this_lane;
}

void wait_a_moment() {
  const timespec moment = {0, 1'000'000};
  nanosleep(&moment, nullptr);
}

bool start_lane(uint32_t number) {
  for (const size_t stack : kStackSizes) {
    if (stack == kStackSizes[0] && number >= kLanesWithFullStack) continue;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack);
    const int error = pthread_create(&lane_threads[number], &attributes, run_lane,
                                     reinterpret_cast<void*>(static_cast<uintptr_t>(number)));
    pthread_attr_destroy(&attributes);
    if (error == 0) return true;
  }
  return false;
}

void join_lane(uint32_t number) { pthread_join(lane_threads[number], nullptr); }

void wait_for_attention(uint32_t seen) { futex_wait(&header().worker_attention, seen, Deadline::never()); }

void ring_client() {
  __atomic_add_fetch(&header().client_attention, 1, __ATOMIC_SEQ_CST);
  futex_wake(&header().client_attention);
}

int32_t get_errno() { return errno; }
void set_errno(int32_t value) { errno = value; }
uint32_t get_last_error() { return 0; }
void set_last_error(uint32_t) {}

void flush_output() {
  if (__fpending(stdout) != 0) {
    const int saved = errno;
    fflush(stdout);
    errno = saved;
  }
}

size_t copy_guarded(void* to, const void* from, size_t size) {
  const iovec target = {to, size};
  const iovec source = {const_cast<void*>(from), size};
  const ssize_t copied = process_vm_readv(getpid(), &target, 1, &source, 1, 0);
  if (copied >= 0) return static_cast<size_t>(copied);
  if (errno == EFAULT) return 0;
  // A kernel without the call, or a sandbox that forbids it: the pointer has to be believed.
  memcpy(to, from, size);
  return size;
}

void* make_code(size_t size, void (*fill)(uint8_t* code, void* context), void* context) {
  void* code = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code == MAP_FAILED) return nullptr;
  fill(static_cast<uint8_t*>(code), context);
  mprotect(code, size, PROT_READ | PROT_EXEC);
  return code;
}

void* allocate(size_t size) { return malloc(size); }
void release(void* block) { free(block); }

void end_process(int status) { _exit(status); }
void end_in_order() { exit(0); }

}  // namespace halfword::worker
