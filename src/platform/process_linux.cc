#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "platform/process.h"

namespace halfword {

StackBounds stack_of_this_thread() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* low = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  const auto begin = reinterpret_cast<std::uintptr_t>(low);
  return {begin, begin + size};
}

bool is_mapped(const void* address) {
  constexpr std::uintptr_t kPage = 4096;
  unsigned char present;
  void* page = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(address) & ~(kPage - 1));
  return mincore(page, kPage, &present) == 0 || errno != ENOMEM;
}

std::string file_of_code(const void* address) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
  char resolved[PATH_MAX];
  // The program's own name may be relative to a folder that is no longer the current one.
  if (info.dli_fname[0] != '/' || realpath(info.dli_fname, resolved) == nullptr) {
    const ssize_t length = readlink("/proc/self/exe", resolved, sizeof resolved - 1);
    if (length <= 0) return {};
    resolved[length] = 0;
  }
  return resolved;
}

void around_forks(void (*before)(), void (*in_parent)(), void (*in_child)()) {
  pthread_atfork(before, in_parent, in_child);
}

namespace {

bool read_all(int file, char* to, std::size_t size, off64_t offset) {
  while (size != 0) {
    const ssize_t got = pread64(file, to, size, offset);
    if (got <= 0) return false;
    to += got;
    offset += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// Copies what the file holds in [offset, offset + size); its holes stay untouched pages.
bool copy_data(int file, char* to, std::size_t size, std::uint64_t offset) {
  const auto end = static_cast<off64_t>(offset + size);
  for (auto at = static_cast<off64_t>(offset); at < end;) {
    const off64_t data = lseek64(file, at, SEEK_DATA);
    if (data < 0) return errno == ENXIO;  // nothing but a hole
    if (data >= end) return true;
    const off64_t hole = std::min(lseek64(file, data, SEEK_HOLE), end);
    if (hole < data ||
        !read_all(file, to + (data - static_cast<off64_t>(offset)), static_cast<std::size_t>(hole - data), data))
      return false;
    at = hole;
  }
  return true;
}

}  // namespace

int open_for_fork(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }

void close_after_fork(int file) {
  if (file >= 0) close(file);
}

void make_private(void* begin, std::size_t size, int file, std::uint64_t offset) {
  void* copy = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  const bool copied = file >= 0 && copy != MAP_FAILED && copy_data(file, static_cast<char*>(copy), size, offset) &&
                      mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, begin) != MAP_FAILED;
  if (copied) return;
  if (copy != MAP_FAILED) munmap(copy, size);
  mprotect(begin, size, PROT_READ);
}

}  // namespace halfword
