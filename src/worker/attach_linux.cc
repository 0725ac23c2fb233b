// The window in the worker's address space, and the malloc family that serves the library from it.
//
// The first allocation comes before main, from the dynamic loader or a constructor, so the window must be found without
// arguments: its file is descriptor kWindowFile, where the keeper (supervisor/keeper_linux.cc) has put it.
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/heap.h"
#include "worker/system_linux.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

wire::Header* window;
int window_file = -1;
ino_t window_inode;

[[noreturn]] void refuse(const char* text) {
  // Not printf: this may be the first allocation of the process.
  if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(6);
  _exit(5);
}

// A window that cannot lie where the client wants it is reported in the window itself, which then lies anywhere for a
// moment; the client tries the next place with a new worker.
[[noreturn]] void refuse_place(int file) {
  void* anywhere = mmap(nullptr, wire::kHeaderSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (anywhere != MAP_FAILED)
    static_cast<wire::Header*>(anywhere)->worker_state = static_cast<uint32_t>(wire::WorkerState::place_refused);
  _exit(5);
}

void* map_window(const wire::Header& wanted, int file) {
  constexpr int kShared = MAP_SHARED | MAP_NORESERVE;
  if (wanted.window_base == 0) return mmap(nullptr, wanted.window_size, PROT_READ | PROT_WRITE, kShared, file, 0);
  return mmap(at<void>(wanted.window_base), wanted.window_size, PROT_READ | PROT_WRITE, kShared | MAP_FIXED_NOREPLACE,
              file, 0);
}

void attach_window() {
  if (window != nullptr) return;
  wire::Header wanted;
  if (pread(kWindowFile, &wanted, sizeof wanted, 0) != sizeof wanted || wanted.magic != wire::kMagic ||
      wanted.version != wire::kProtocolVersion)
    refuse("halfword-worker: this program is started by halfword, not by hand (or by another version of it)\n");
  void* mapped = map_window(wanted, kWindowFile);
  if (mapped == MAP_FAILED) refuse_place(kWindowFile);
  window = static_cast<wire::Header*>(mapped);
  window->worker_base = address_of(mapped);
  if (wanted.heap_offset != 0)
    heap::serve_from(static_cast<char*>(mapped) + wanted.heap_offset, wanted.window_size - wanted.heap_offset);
}

}  // namespace

wire::Header& header() { return *window; }

wire::LaneBlock& lane_block(uint32_t number) {
  return reinterpret_cast<wire::LaneBlock*>(reinterpret_cast<char*>(window) + window->lanes_offset)[number];
}

int open_window_file() {
  struct stat now;
  if (fstat(window_file, &now) == 0 && now.st_ino == window_inode) return window_file;
  // The library closed every descriptor. Its keeper still has the file.
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", static_cast<int>(getppid()), static_cast<int>(window->keeper_file));
  window_file = open(path, O_RDWR | O_CLOEXEC);
  return window_file;
}

void attach(int, char**) {
  attach_window();
  // Out of the way of the numbers that a library may expect to be the first free ones.
  window_file = fcntl(kWindowFile, F_DUPFD_CLOEXEC, 200);
  if (window_file < 0) window_file = fcntl(kWindowFile, F_DUPFD_CLOEXEC, kWindowFile + 1);
  close(kWindowFile);
  struct stat status;
  fstat(window_file, &status);
  window_inode = status.st_ino;
  window->worker_process = static_cast<uint32_t>(getpid());
  if (const char* locale = getenv("HALFWORD_LOCALE"); locale != nullptr) {
    setlocale(LC_ALL, locale);
    unsetenv("HALFWORD_LOCALE");
  }
}

}  // namespace halfword::worker

// ---- the malloc family, as the C library's manual page lists it: replacing a part of it would mix two heaps ----

namespace {

void* or_no_memory(void* block) {
  if (block == nullptr) errno = ENOMEM;
  return block;
}

bool is_power_of_two(size_t value) { return value != 0 && (value & (value - 1)) == 0; }

}  // namespace

namespace heap = halfword::heap;

#pragma GCC visibility push(default)
extern "C" {

void* malloc(size_t size) noexcept {
  halfword::worker::attach_window();
  return or_no_memory(heap::allocate(size));
}

void free(void* block) noexcept {
  if (block != nullptr) heap::release(block);
}

void* calloc(size_t count, size_t size) noexcept {
  halfword::worker::attach_window();
  size_t total;
  return or_no_memory(__builtin_mul_overflow(count, size, &total) ? nullptr : heap::allocate_zeroed(total));
}

void* realloc(void* block, size_t size) noexcept {
  if (block == nullptr) return malloc(size);
  if (size == 0) {
    heap::release(block);
    return nullptr;
  }
  return or_no_memory(heap::resize(block, size));
}

void* reallocarray(void* block, size_t count, size_t size) noexcept {
  size_t total;
  return __builtin_mul_overflow(count, size, &total) ? or_no_memory(nullptr) : realloc(block, total);
}

int posix_memalign(void** block, size_t alignment, size_t size) noexcept {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  halfword::worker::attach_window();
  void* got = heap::allocate(size, alignment < heap::kAlignment ? heap::kAlignment : alignment);
  if (got == nullptr) return ENOMEM;
  *block = got;
  return 0;
}

void* memalign(size_t alignment, size_t size) noexcept {
  void* block = nullptr;
  const int error = posix_memalign(&block, alignment < sizeof(void*) ? sizeof(void*) : alignment, size);
  if (error != 0) errno = error;
  return block;
}

void* aligned_alloc(size_t alignment, size_t size) noexcept { return memalign(alignment, size); }
void* valloc(size_t size) noexcept { return memalign(4096, size); }
void* pvalloc(size_t size) noexcept { return memalign(4096, (size + 4095) & ~size_t{4095}); }
size_t malloc_usable_size(void* block) noexcept { return block == nullptr ? 0 : heap::usable_size(block); }

}  // extern "C"
#pragma GCC visibility pop
