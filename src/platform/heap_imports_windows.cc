// Windows tells the exact size of a block (HeapSize; _recalloc clears what lies beyond it), which halfword::heap does
// not keep. So each block carries a tail, at the end of what the heap has given: how much of it was not asked for. A
// library that writes past its block can only confuse itself with that.
//
// Heaps that a library makes for itself (HeapCreate; those of older static run-time libraries are such) are served from
// the same memory. Their blocks have a longer tail that links them, because HeapDestroy frees all of them at once.
#include "platform/heap_imports_windows.h"

#include <windows.h>

#include <cstdint>
#include <cstring>

#include "platform/heap.h"
#include "platform/imports_windows.h"
#include "platform/pages.h"

namespace halfword::heap_imports {
namespace {

constexpr ULONG kStatusNoMemory = 0xC0000017;
constexpr std::size_t kMostHeaps = 64;  // beyond these, a library's heaps stay the system's own
constexpr std::uint32_t kPrivate = 0x80000000;

using Slack = std::uint32_t;  // the last word of every block: bytes not asked for, and kPrivate

struct Links {  // before it, in the blocks of a private heap
  void* next;
  void* previous;
  std::uint32_t heap;  // index in `heaps`
};

struct PrivateHeap {
  HANDLE handle;
  void* first;
};

PrivateHeap heaps[kMostHeaps];
pages::Lock heaps_lock;

char* end_of(void* block) { return static_cast<char*>(block) + heap::usable_size(block); }
Slack& slack_of(void* block) { return *reinterpret_cast<Slack*>(end_of(block) - sizeof(Slack)); }
Links& links_of(void* block) { return *reinterpret_cast<Links*>(end_of(block) - sizeof(Slack) - sizeof(Links)); }
bool is_ours(const void* block) { return heap::usable_size(block) != 0; }
bool is_private(void* block) { return (slack_of(block) & kPrivate) != 0; }
std::size_t tail_size(bool is_private) { return sizeof(Slack) + (is_private ? sizeof(Links) : 0); }

std::size_t size_of(void* block) {
  const std::size_t usable = heap::usable_size(block);
  const std::size_t slack = slack_of(block) & ~kPrivate;
  return slack <= usable ? usable - slack : 0;
}

void set_size(void* block, std::size_t size, bool is_private) {
  slack_of(block) = static_cast<Slack>(heap::usable_size(block) - size) | (is_private ? kPrivate : 0);
}

// ---- private heaps ----

std::size_t index_of(HANDLE handle, bool add) {
  for (std::size_t at = 0; at < kMostHeaps; ++at)
    if (heaps[at].handle == handle) return at;
  if (!add) return kMostHeaps;
  for (std::size_t at = 0; at < kMostHeaps; ++at)
    if (heaps[at].handle == nullptr) {
      heaps[at] = {handle, nullptr};
      return at;
    }
  return kMostHeaps;
}

bool link(HANDLE handle, void* block) {
  pages::Locked locked(heaps_lock);
  const std::size_t index = index_of(handle, true);
  if (index == kMostHeaps) return false;
  void* const next = heaps[index].first;
  links_of(block) = {next, nullptr, static_cast<std::uint32_t>(index)};
  if (next != nullptr) links_of(next).previous = block;
  heaps[index].first = block;
  return true;
}

// Links that the library has overwritten are not followed: its heap then loses blocks, not the worker its memory.
void unlink(void* block) {
  pages::Locked locked(heaps_lock);
  const Links links = links_of(block);
  if (links.heap >= kMostHeaps) return;
  if (links.previous != nullptr && is_ours(links.previous))
    links_of(links.previous).next = links.next;
  else if (heaps[links.heap].first == block)
    heaps[links.heap].first = links.next;
  if (links.next != nullptr && is_ours(links.next)) links_of(links.next).previous = links.previous;
}

BOOL WINAPI destroy(HANDLE handle) {
  void* block = nullptr;
  {
    pages::Locked locked(heaps_lock);
    const std::size_t index = index_of(handle, false);
    if (index < kMostHeaps) {
      block = heaps[index].first;
      heaps[index] = {};
    }
  }
  while (block != nullptr && is_ours(block) && is_private(block)) {
    void* const next = links_of(block).next;
    heap::release(block);
    block = next;
  }
  return HeapDestroy(handle);
}

// ---- what the imports become ----

void* finish(void* block, std::size_t size, bool is_private) {
  set_size(block, size, is_private);
  return block;
}

void* allocate_in(HANDLE handle, DWORD flags, std::size_t size) {
  const bool own = handle != GetProcessHeap();
  if (size > SIZE_MAX / 2) return nullptr;
  const std::size_t whole = size + tail_size(own);
  void* const block = (flags & HEAP_ZERO_MEMORY) != 0 ? heap::allocate_zeroed(whole) : heap::allocate(whole);
  if (block == nullptr) return nullptr;
  if (!own || link(handle, block)) return finish(block, size, own);
  heap::release(block);
  return HeapAlloc(handle, flags, size);
}

void* or_no_memory(void* block, DWORD flags) {
  if (block != nullptr) return block;
  if ((flags & HEAP_GENERATE_EXCEPTIONS) != 0) RaiseException(kStatusNoMemory, 0, 0, nullptr);
  SetLastError(ERROR_NOT_ENOUGH_MEMORY);
  return nullptr;
}

void* WINAPI heap_alloc(HANDLE handle, DWORD flags, SIZE_T size) {
  return or_no_memory(allocate_in(handle, flags, size), flags);
}

// RtlFreeHeap returns a BOOLEAN and HeapFree a BOOL: one register, of which the caller looks at its part.
BOOL WINAPI heap_free(HANDLE handle, DWORD flags, void* block) {
  if (block == nullptr) return TRUE;
  if (!heap::holds(block)) return HeapFree(handle, flags, block);
  if (is_ours(block) && is_private(block)) unlink(block);
  heap::release(block);  // ends the process where it is no live block
  return TRUE;
}

// nullptr: no memory, or no room where it is; the block stays as it was.
void* resize(HANDLE handle, DWORD flags, void* block, std::size_t size) {
  const bool own = is_private(block);
  const std::size_t before = size_of(block);
  if (size > SIZE_MAX / 2) return nullptr;
  const std::size_t whole = size + tail_size(own);
  void* resized = block;
  if ((flags & HEAP_REALLOC_IN_PLACE_ONLY) != 0) {
    if (whole > heap::usable_size(block)) return nullptr;  // else it stays, and its links stay at their place
  } else {
    if (own) unlink(block);
    resized = heap::resize(block, whole);
    if (own) link(handle, resized == nullptr ? block : resized);
    if (resized == nullptr) return nullptr;
  }
  set_size(resized, size, own);
  if ((flags & HEAP_ZERO_MEMORY) != 0 && size > before) memset(static_cast<char*>(resized) + before, 0, size - before);
  return resized;
}

void* WINAPI heap_realloc(HANDLE handle, DWORD flags, void* block, SIZE_T size) {
  if (!heap::holds(block)) return HeapReAlloc(handle, flags, block, size);
  if (!is_ours(block)) heap::release(block);  // ends the process
  return or_no_memory(resize(handle, flags, block, size), flags);
}

SIZE_T WINAPI heap_size(HANDLE handle, DWORD flags, const void* block) {
  if (!heap::holds(block)) return HeapSize(handle, flags, block);
  return is_ours(block) ? size_of(const_cast<void*>(block)) : ~SIZE_T{0};
}

BOOL WINAPI heap_validate(HANDLE handle, DWORD flags, const void* block) {
  return block != nullptr && heap::holds(block) ? is_ours(block) : HeapValidate(handle, flags, block);
}

constexpr imports::Scope kSystem = imports::Scope::system;
const imports::Redirection kTable[] = {{"HeapAlloc", imports::code_of(heap_alloc), kSystem},
                                       {"RtlAllocateHeap", imports::code_of(heap_alloc), kSystem},
                                       {"HeapFree", imports::code_of(heap_free), kSystem},
                                       {"RtlFreeHeap", imports::code_of(heap_free), kSystem},
                                       {"HeapReAlloc", imports::code_of(heap_realloc), kSystem},
                                       {"RtlReAllocateHeap", imports::code_of(heap_realloc), kSystem},
                                       {"HeapSize", imports::code_of(heap_size), kSystem},
                                       {"RtlSizeHeap", imports::code_of(heap_size), kSystem},
                                       {"HeapValidate", imports::code_of(heap_validate), kSystem},
                                       {"RtlValidateHeap", imports::code_of(heap_validate), kSystem},
                                       {"HeapDestroy", imports::code_of(destroy), kSystem}};

}  // namespace

void redirect() { imports::add(kTable, sizeof kTable / sizeof *kTable); }

void* allocate(std::size_t size) { return heap_alloc(GetProcessHeap(), 0, size); }
void release(void* block) { heap_free(GetProcessHeap(), 0, block); }

}  // namespace halfword::heap_imports
