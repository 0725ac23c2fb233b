// Locking: each size class has a lock of its own for its slabs; `chunks_lock` guards the map of chunks. A class's lock
// is taken before `chunks_lock`, never the other way round.
#include "platform/heap.h"

#include <string.h>

#include "platform/pages.h"

namespace halfword::heap {
namespace {

using pages::Lock;
using pages::Locked;

constexpr uint32_t kChunkShift = 16;
/// One entry for every chunk of a 32-bit address space, whether it belongs to the window or not.
constexpr uint32_t kChunkCount = 1U << (32 - kChunkShift);
constexpr uint32_t kNoChunk = 0;  // the first 64 KiB of an address space are never ours
constexpr size_t kLargestSmall = 32 * 1024;
/// Above this a freed block's memory goes back to the system; below, faulting it in again costs more than keeping it.
constexpr size_t kDiscardFrom = 4 * 1024 * 1024;

// Zero for every chunk at the start, so that the map of a fresh worker occupies no memory.
enum class Use : uint8_t { none, slab, large, large_tail };

struct Chunk {
  Use use;
  bool dirty;  // held data since it was last known to be zero
  uint8_t size_class;
  uint16_t free_blocks;  // of a slab
  uint16_t hint;         // of a slab: no word of `taken` before this one has a free bit
  uint32_t next;         // slabs of the same class with free blocks, in a doubly linked list of chunk numbers
  uint32_t previous;
  uint32_t chunks;  // of a large block: how many it spans
  uint32_t size;    // of a large block: what was asked for
  uint32_t* taken;  // of a slab: one bit a block
};

struct SizeClass {
  Lock lock;
  uint32_t block_size;
  uint32_t blocks;      // in a slab
  uint32_t reciprocal;  // ceil(2^32 / block_size): exact for dividends below 2^16
  uint32_t partial;     // first slab with a free block
};

// Sizes go up by 16 to 128, then by a quarter of the power of two: at most 25 % is lost to rounding.
constexpr uint32_t kClassCount = 8 + 4 * 8;

Chunk chunks[kChunkCount];
SizeClass classes[kClassCount];
Lock chunks_lock;
uint32_t window_first, window_end;  // chunk numbers
uint32_t window_hint;               // no unused chunk of the window lies before this one
Corrupted corruption_handler;

uint32_t class_of(size_t size) {
  if (size <= 128) return size == 0 ? 0 : static_cast<uint32_t>((size - 1) / 16);
  const uint32_t power = 31 - static_cast<uint32_t>(__builtin_clz(static_cast<uint32_t>(size - 1)));
  const uint32_t quarter = static_cast<uint32_t>((size - 1) >> (power - 2)) & 3;
  return 8 + (power - 7) * 4 + quarter;
}

constexpr uint32_t size_of_class(uint32_t number) {
  if (number < 8) return (number + 1) * 16;
  const uint32_t power = 7 + (number - 8) / 4;
  return (1U << power) + ((number - 8) % 4 + 1) * (1U << (power - 2));
}

uint32_t chunk_number(const void* address) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(address) >> kChunkShift);
}
char* chunk_address(uint32_t number) { return reinterpret_cast<char*>(static_cast<uintptr_t>(number) << kChunkShift); }

bool in_window(uint32_t number) { return number >= window_first && number < window_end; }

void corrupted(const char* text, const void* block) {
  if (corruption_handler != nullptr) corruption_handler(text, block);
  pages::die(text, block);
}

// ---- chunks: runs of 64 KiB, of the window first ----

uint32_t find_unused_run(uint32_t count, uint32_t alignment) {
  uint32_t run = 0;
  for (uint32_t at = window_hint; at < window_end; ++at) {
    if (chunks[at].use != Use::none || (run == 0 && at % alignment != 0)) {
      run = 0;
      continue;
    }
    if (++run == count) return at + 1 - count;
  }
  return kNoChunk;
}

void advance_window_hint() {
  while (window_hint < window_end && chunks[window_hint].use != Use::none) ++window_hint;
}

uint32_t take_from_window(uint32_t count, uint32_t alignment) {
  const uint32_t first = find_unused_run(count, alignment);
  if (first == kNoChunk || !pages::commit(chunk_address(first), count * kChunk)) return kNoChunk;
  return first;
}

uint32_t take_private(uint32_t count, uint32_t alignment) {
  void* got = pages::take(count * kChunk, alignment * kChunk);
  if (got == nullptr) return kNoChunk;
  const uint32_t first = chunk_number(got);
  for (uint32_t at = first; at < first + count; ++at) chunks[at].dirty = false;
  return first;
}

// Called with chunks_lock held. The chunks' `use` is set by the caller's `head` and `tail`.
uint32_t take_chunks(uint32_t count, uint32_t alignment, Use head, Use tail) {
  uint32_t first = take_from_window(count, alignment);
  if (first == kNoChunk) first = take_private(count, alignment);
  if (first == kNoChunk) return kNoChunk;
  for (uint32_t at = first; at < first + count; ++at) chunks[at].use = at == first ? head : tail;
  advance_window_hint();
  return first;
}

// Called with chunks_lock held.
void give_chunks_back(uint32_t first, uint32_t count) {
  for (uint32_t at = first; at < first + count; ++at) chunks[at].use = Use::none;
  if (!in_window(first)) {
    pages::give_back(chunk_address(first), count * kChunk);
    return;
  }
  const bool clean = count * kChunk >= kDiscardFrom && pages::discard(chunk_address(first), count * kChunk);
  for (uint32_t at = first; at < first + count; ++at) chunks[at].dirty = !clean;
  if (first < window_hint) window_hint = first;
}

// ---- small blocks: slabs of one chunk ----

void link_slab(SizeClass& owner, uint32_t slab) {
  chunks[slab].next = owner.partial;
  chunks[slab].previous = kNoChunk;
  if (owner.partial != kNoChunk) chunks[owner.partial].previous = slab;
  owner.partial = slab;
}

void unlink_slab(SizeClass& owner, uint32_t slab) {
  const Chunk& chunk = chunks[slab];
  if (chunk.previous != kNoChunk) chunks[chunk.previous].next = chunk.next;
  if (chunk.next != kNoChunk) chunks[chunk.next].previous = chunk.previous;
  if (owner.partial == slab) owner.partial = chunk.next;
}

// A bitmap stays with its chunk for ever, at the size of the smallest blocks, so that any class can use the chunk next.
uint32_t* bitmap_of(Chunk& chunk) {
  constexpr size_t kBitmapBytes = kChunk / 16 / 8;
  static char* spare;
  static size_t spare_bytes;
  if (chunk.taken != nullptr) return chunk.taken;
  if (spare_bytes < kBitmapBytes) {
    spare = static_cast<char*>(pages::take(kChunk, kChunk));
    spare_bytes = spare == nullptr ? 0 : kChunk;
    if (spare == nullptr) return nullptr;
  }
  chunk.taken = reinterpret_cast<uint32_t*>(spare);
  spare += kBitmapBytes;
  spare_bytes -= kBitmapBytes;
  return chunk.taken;
}

void prepare(SizeClass& owner, uint32_t number) {
  if (owner.blocks != 0) return;
  owner.block_size = size_of_class(number);
  owner.blocks = static_cast<uint32_t>(kChunk / owner.block_size);
  owner.reciprocal = static_cast<uint32_t>(((uint64_t{1} << 32) + owner.block_size - 1) / owner.block_size);
}

uint32_t new_slab(SizeClass& owner, uint32_t number) {
  Locked locked(chunks_lock);
  const uint32_t slab = take_chunks(1, 1, Use::slab, Use::slab);
  if (slab == kNoChunk) return kNoChunk;
  Chunk& chunk = chunks[slab];
  if (bitmap_of(chunk) == nullptr) {
    give_chunks_back(slab, 1);
    return kNoChunk;
  }
  chunk.size_class = static_cast<uint8_t>(number);
  chunk.dirty = true;
  chunk.free_blocks = static_cast<uint16_t>(owner.blocks);
  chunk.hint = 0;
  // Bits beyond the last block are taken for ever.
  for (uint32_t word = 0; word * 32 < owner.blocks; ++word) {
    const uint32_t left = owner.blocks - word * 32;
    chunk.taken[word] = left >= 32 ? 0 : ~((1U << left) - 1);
  }
  link_slab(owner, slab);
  return slab;
}

void* allocate_small(uint32_t number) {
  SizeClass& owner = classes[number];
  Locked locked(owner.lock);
  prepare(owner, number);
  uint32_t slab = owner.partial;
  if (slab == kNoChunk) slab = new_slab(owner, number);
  if (slab == kNoChunk) return nullptr;
  Chunk& chunk = chunks[slab];
  uint32_t word = chunk.hint;
  while (chunk.taken[word] == ~0U) ++word;
  const uint32_t bit = static_cast<uint32_t>(__builtin_ctz(~chunk.taken[word]));
  chunk.taken[word] |= 1U << bit;
  chunk.hint = static_cast<uint16_t>(word);
  if (--chunk.free_blocks == 0) unlink_slab(owner, slab);
  return chunk_address(slab) + (word * 32 + bit) * owner.block_size;
}

struct Place {
  uint32_t word, bit;
  bool live;
};

Place find_block(const SizeClass& owner, const Chunk& chunk, const void* block) {
  const uint32_t offset = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(block)) & (kChunk - 1);
  const uint32_t index = static_cast<uint32_t>((uint64_t{offset} * owner.reciprocal) >> 32);
  Place place{index / 32, 1U << (index % 32), false};
  place.live = index * owner.block_size == offset && index < owner.blocks && (chunk.taken[place.word] & place.bit) != 0;
  return place;
}

void release_small(uint32_t slab, void* block) {
  Chunk& chunk = chunks[slab];
  SizeClass& owner = classes[chunk.size_class];
  Locked locked(owner.lock);
  const Place place = find_block(owner, chunk, block);
  if (!place.live) corrupted("free of a block that is not allocated (freed twice?)", block);
  chunk.taken[place.word] &= ~place.bit;
  if (place.word < chunk.hint) chunk.hint = static_cast<uint16_t>(place.word);
  if (chunk.free_blocks++ == 0) link_slab(owner, slab);
  // An empty slab goes back unless it is the only one: a loop of malloc and free must not make one at every turn.
  if (chunk.free_blocks == owner.blocks && (chunk.next != kNoChunk || chunk.previous != kNoChunk)) {
    unlink_slab(owner, slab);
    Locked chunks_locked(chunks_lock);
    give_chunks_back(slab, 1);
  }
}

// ---- large blocks: runs of chunks ----

void* allocate_large(size_t size, size_t alignment, bool* zeroed) {
  if (size > SIZE_MAX / 2) return nullptr;
  const uint32_t count = static_cast<uint32_t>((size + kChunk - 1) / kChunk);
  const uint32_t chunk_alignment = alignment <= kChunk ? 1 : static_cast<uint32_t>(alignment / kChunk);
  Locked locked(chunks_lock);
  const uint32_t first = take_chunks(count, chunk_alignment, Use::large, Use::large_tail);
  if (first == kNoChunk) return nullptr;
  chunks[first].chunks = count;
  chunks[first].size = static_cast<uint32_t>(size);
  bool dirty = false;
  for (uint32_t at = first; at < first + count; ++at) {
    dirty |= chunks[at].dirty;
    chunks[at].dirty = true;
  }
  *zeroed = !dirty;
  return chunk_address(first);
}

void release_large(uint32_t first, void* block) {
  Locked locked(chunks_lock);
  if (chunks[first].use != Use::large || block != chunk_address(first))
    corrupted("free of a block that is not allocated (freed twice?)", block);
  give_chunks_back(first, chunks[first].chunks);
}

// Grows or shrinks a large block where it is; false when what follows it is taken.
bool resize_large_in_place(uint32_t first, size_t size) {
  Locked locked(chunks_lock);
  Chunk& head = chunks[first];
  const uint32_t wanted = static_cast<uint32_t>((size + kChunk - 1) / kChunk);
  if (wanted > head.chunks) {
    if (!in_window(first) || first + wanted > window_end) return false;
    for (uint32_t at = first + head.chunks; at < first + wanted; ++at)
      if (chunks[at].use != Use::none) return false;
    if (!pages::commit(chunk_address(first + head.chunks), (wanted - head.chunks) * kChunk)) return false;
    for (uint32_t at = first + head.chunks; at < first + wanted; ++at) {
      chunks[at].use = Use::large_tail;
      chunks[at].dirty = true;
    }
    advance_window_hint();
  } else if (wanted < head.chunks) {
    if (!in_window(first)) return false;
    give_chunks_back(first + wanted, head.chunks - wanted);
  }
  head.chunks = wanted;
  head.size = static_cast<uint32_t>(size);
  return true;
}

// The class whose blocks all lie at multiples of `alignment`, or kClassCount.
uint32_t aligned_class(size_t size, size_t alignment) {
  if (size > kLargestSmall) return kClassCount;
  for (uint32_t number = class_of(size); number < kClassCount; ++number)
    if (size_of_class(number) % alignment == 0) return number;
  return kClassCount;
}

void* allocate_any(size_t size, size_t alignment, bool* zeroed) {
  *zeroed = false;
  const uint32_t number = aligned_class(size, alignment);
  return number < kClassCount ? allocate_small(number) : allocate_large(size, alignment, zeroed);
}

}  // namespace

void* allocate(size_t size, size_t alignment) {
  bool zeroed;
  return allocate_any(size, alignment, &zeroed);
}

void* allocate_zeroed(size_t size) {
  bool zeroed;
  void* block = allocate_any(size, kAlignment, &zeroed);
  if (block != nullptr && !zeroed) memset(block, 0, size);
  return block;
}

size_t usable_size(const void* block) {
  const Chunk& chunk = chunks[chunk_number(block)];
  if (chunk.use == Use::slab) {
    const SizeClass& owner = classes[chunk.size_class];
    return find_block(owner, chunk, block).live ? owner.block_size : 0;
  }
  return chunk.use == Use::large && block == chunk_address(chunk_number(block)) ? chunk.chunks * kChunk : 0;
}

bool holds(const void* address) {
  const uint32_t number = chunk_number(address);
  return chunks[number].use != Use::none || in_window(number);
}

void release(void* block) {
  const uint32_t number = chunk_number(block);
  switch (chunks[number].use) {
    case Use::slab:
      return release_small(number, block);
    case Use::large:
      return release_large(number, block);
    default:
      corrupted("free of an address that is not a block of the heap", block);
  }
}

void* resize(void* block, size_t size) {
  const size_t old_size = usable_size(block);
  if (old_size == 0) corrupted("realloc of an address that is not a block of the heap", block);
  const uint32_t number = chunk_number(block);
  if (chunks[number].use == Use::slab && size <= kLargestSmall && class_of(size) == chunks[number].size_class)
    return block;
  if (chunks[number].use == Use::large && size > kLargestSmall && size <= SIZE_MAX / 2 &&
      resize_large_in_place(number, size))
    return block;
  void* moved = allocate(size);
  if (moved == nullptr) return nullptr;
  memcpy(moved, block, old_size < size ? old_size : size);
  release(block);
  return moved;
}

void serve_from(void* begin, size_t size) {
  Locked locked(chunks_lock);
  window_first = chunk_number(begin);
  window_end = window_first + static_cast<uint32_t>(size / kChunk);
  window_hint = window_first;
}

void lock_all() {
  for (SizeClass& one : classes) one.lock.lock();
  chunks_lock.lock();
}

void unlock_all() {
  chunks_lock.unlock();
  for (SizeClass& one : classes) one.lock.unlock();
}

void on_corruption(Corrupted handler) { corruption_handler = handler; }

}  // namespace halfword::heap
