// The heap of the worker: it serves the library's malloc (Linux) or process heap (Windows) out of the window, so that
// what the library allocates is memory that the client sees at the same address.
//
// Called by the malloc family (malloc_linux.cc) and the redirected heap imports (heap_imports_windows.cc), on any
// thread. All bookkeeping lies in the worker's private memory, none beside the blocks: a library that writes past a
// block's end damages its own data and nothing else, and a second free of a block is noticed instead of corrupting a
// list. When the window is full, memory comes from private pages: the library goes on, and the client copies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halfword::heap {

/// Alignment of every block; what malloc of both systems promises for i386 (glibc 16, msvcrt 8).
constexpr std::size_t kAlignment = 16;
/// The unit that the heap takes from the window; also the allocation granularity of Windows.
constexpr std::size_t kChunk = 64 * 1024;

/// A block of at least `size` bytes, aligned to `alignment` (a power of two, at least kAlignment); nullptr when
/// neither the window nor the process has room. Contents are undefined. A size of 0 gives a block of its own.
void* allocate(std::size_t size, std::size_t alignment = kAlignment);

/// The same, filled with zeros; memory that never held anything is not touched.
void* allocate_zeroed(std::size_t size);

/// Moves or resizes a block; nullptr (and the old block untouched) when there is no room.
void* resize(void* block, std::size_t size);

/// Gives a block back. An address that is not a live block ends the process by `corrupted` below.
void release(void* block);

/// Bytes usable from `block`, or 0 when it is no live block of this heap.
std::size_t usable_size(const void* block);

/// Whether `address` lies in memory of this heap, in a live block or not. What another allocator gave out does not.
bool holds(const void* address);

/// Hands the window's part [begin, begin + size) to the heap; before the first call everything is private.
/// `begin` and `size` are multiples of kChunk.
void serve_from(void* begin, std::size_t size);

/// Takes and releases every lock of the heap, so that a fork happens between two operations.
void lock_all();
void unlock_all();

/// What happens on a corrupted heap: set by the fault guard, which records `text` and ends the process.
/// Until it is set, the text goes to stderr and the process aborts. `text` is a static string.
using Corrupted = void (*)(const char* text, const void* block);
void on_corruption(Corrupted handler);

}  // namespace halfword::heap
