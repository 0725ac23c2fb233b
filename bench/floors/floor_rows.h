// The floors: what the machine allows, measured in the same run as the rows that are held against it.
// Made by main.cc; used by the harness on one thread.
#pragma once

#include <memory>
#include <string>

#include "machine.h"
#include "row.h"

namespace halfword::bench {

/// The 32-bit floor worker and the memory shared with it.
class FloorPair;

/// Starts the worker `program` on its processor and looks for the fastest layout of this run.
Result<std::shared_ptr<FloorPair>> start_floor_pair(const std::string& program, const Placement& placement);

/// What was found: the layouts that were tried with their round trips, fastest first; one line each.
std::string describe_layouts(const FloorPair& pair);

/// floor.spin: a line each way between two spinning processes, in the fastest layout.
std::unique_ptr<Row> make_spin_floor(std::shared_ptr<FloorPair> pair);
/// floor.block: the same with both sides asleep on a futex.
std::unique_ptr<Row> make_block_floor(std::shared_ptr<FloorPair> pair);
/// floor.far_call: a 32-bit function, reached by a far call in this process.
std::unique_ptr<Row> make_far_call_floor();
/// floor.copy.64MiB: 64 MiB copied twice between private and shared memory whose pages are all present.
std::unique_ptr<Row> make_copy_floor();

}  // namespace halfword::bench
