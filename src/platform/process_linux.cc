#include "platform/process.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

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

void after_fork_in_child(void (*in_child)()) { pthread_atfork(nullptr, nullptr, in_child); }

// A forked child has no descriptor of the window's file, so its pages are copied; those that were never touched stay
// untouched, since reading a hole of a shared file would fill it.
void make_private(void* begin, std::size_t size) {
  constexpr std::size_t kPiece = 64 * 4096;
  auto* from = static_cast<char*>(begin);
  auto* copy = static_cast<char*>(
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (copy == MAP_FAILED) {
    mprotect(begin, size, PROT_READ);
    return;
  }
  unsigned char present[kPiece / 4096];
  for (std::size_t at = 0; at < size; at += kPiece) {
    const std::size_t length = size - at < kPiece ? size - at : kPiece;
    if (mincore(from + at, length, present) != 0) continue;
    for (std::size_t page = 0; page < length / 4096; ++page)
      if ((present[page] & 1) != 0) memcpy(copy + at + page * 4096, from + at + page * 4096, 4096);
  }
  mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, begin);
}

}  // namespace halfword
