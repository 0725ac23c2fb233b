// The memory that the floors' two processes share: what the 64-bit benchmark and its 32-bit floor worker agree on.
// Fixed widths only, the same at both bitnesses. Both sides are built from one tree and trust each other.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace halfword::bench {

enum class FloorMode : uint32_t { spin = 1, spin_with_pause = 2, block = 3, end = 4 };

/// One message of the floor: as little as a call of two ints needs, in one cache line. The sequence is written last.
struct FloorLine {
  uint32_t sequence;
  uint32_t a;  ///< in a reply: the sum
  uint32_t b;
  uint32_t padding[13];
};
static_assert(sizeof(FloorLine) == 64);

/// Sequences count from 1; this one ends a run.
constexpr uint32_t kFloorStop = 0xffffffff;

struct FloorBlock {
  uint32_t order;    ///< futex: incremented by the benchmark for a new run
  uint32_t mode;     ///< FloorMode of that run
  uint32_t request;  ///< where its lines lie, in bytes from the beginning of this block
  uint32_t reply;
  uint32_t serving;  ///< futex: set to `order` by the worker once it serves that run, to 0 when it has ended
  uint32_t padding[1019];
};
static_assert(sizeof(FloorBlock) == 4096 && offsetof(FloorBlock, serving) == 16);

/// Of the whole memory: room for lines that lie pages apart.
constexpr uint32_t kFloorSize = 16 * 4096;

}  // namespace halfword::bench
