// A library that forks. Heap and data lie on a mapping that a child would share with its parent, so the child first
// gets a private copy of all of it, as fork would have given it. The forking thread waits meanwhile; other threads of
// the worker may go on writing, as they may beside any fork.
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/futex_linux.h"
#include "platform/heap.h"
#include "worker/system_linux.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

// Longer than copying any window takes; a child that was killed in the middle must not stop its parent for ever.
constexpr int64_t kLongestCopyNs = 10'000'000'000;

uint32_t* copied;  // a word that parent and child share; nullptr: no fork under way

void copy_piece(int file, uint64_t offset, uint32_t begin, uint32_t size) {
  void* copy = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) _exit(12);
  if (pread64(file, copy, size, static_cast<off64_t>(offset)) != static_cast<ssize_t>(size)) _exit(12);
  if (mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at<void>(begin)) == MAP_FAILED) _exit(12);
}

// Only what holds data is copied; the holes of the file become fresh pages.
void copy_shared(int file, const SharedPiece& piece) {
  const uint32_t begin = piece.begin;
  const uint64_t stop = piece.file_offset + (piece.end - begin);
  const uint64_t file_offset = piece.file_offset;
  uint64_t position = file_offset;
  while (position < stop) {
    const off64_t found = lseek64(file, static_cast<off64_t>(position), SEEK_DATA);
    const uint64_t data = found < 0 || static_cast<uint64_t>(found) > stop ? stop : static_cast<uint64_t>(found);
    if (data > position)
      mmap(at<void>(begin + static_cast<uint32_t>(position - file_offset)), static_cast<size_t>(data - position),
           PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (data == stop) return;
    const off64_t hole = lseek64(file, static_cast<off64_t>(data), SEEK_HOLE);
    const uint64_t data_end = hole < 0 || static_cast<uint64_t>(hole) > stop ? stop : static_cast<uint64_t>(hole);
    copy_piece(file, data, begin + static_cast<uint32_t>(data - file_offset), static_cast<uint32_t>(data_end - data));
    position = data_end;
  }
}

void make_private(const SharedPiece& piece) {
  const int file = open_window_file();
  if (file < 0) _exit(12);
  copy_shared(file, piece);
  mprotect(at<void>(piece.begin), piece.end - piece.begin, piece.protection);
}

void before_fork() {
  heap::lock_all();
  void* word = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  copied = word == MAP_FAILED ? nullptr : static_cast<uint32_t*>(word);
}

void in_parent() {
  if (copied != nullptr) {
    const Deadline deadline = Deadline::after(kLongestCopyNs);
    while (__atomic_load_n(copied, __ATOMIC_ACQUIRE) == 0 && monotonic_ns() < deadline.at)
      futex_wait(copied, 0, deadline);
    munmap(copied, 4096);
  }
  heap::unlock_all();
}

void in_child() {
  for_shared_memory(make_private);
  if (copied != nullptr) {
    __atomic_store_n(copied, 1, __ATOMIC_RELEASE);
    futex_wake(copied);
  }
  heap::unlock_all();
}

}  // namespace

void prepare_for_forks() { pthread_atfork(before_fork, in_parent, in_child); }

}  // namespace halfword::worker
