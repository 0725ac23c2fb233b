// The rows that are halfword's own: typed C++ calls into the 32-bit library of library/bench_library.c.
// Made by main.cc; used by the harness on one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine.h"
#include "row.h"

namespace halfword::bench {

struct LibrarySetup {
  std::string file;    ///< bench_library for the target
  std::string target;  ///< "i386-linux"; names the rows start.TARGET and rss.TARGET
  Placement placement;
};

/// call.add, call.args8, call.text, batch64.add and callback, which share one worker, and call.block.
std::vector<std::unique_ptr<Row>> make_call_rows(const LibrarySetup& setup);
/// `name`: the same call as call.add, where client and worker are of different systems.
std::unique_ptr<Row> make_add_row(const std::string& name, const LibrarySetup& setup);
/// copy.64MiB and handover.64MiB.
std::vector<std::unique_ptr<Row>> make_bulk_rows(const LibrarySetup& setup);
/// lanes2.add: with all of `processors` for both sides.
std::unique_ptr<Row> make_lanes_row(const LibrarySetup& setup, const std::vector<int>& processors);
/// start.TARGET, on whichever of `processors` the system chooses, and rss.TARGET.
std::vector<std::unique_ptr<Row>> make_worker_rows(const LibrarySetup& setup, const std::vector<int>& processors);
/// idle.cpu.
std::unique_ptr<Row> make_idle_row(const LibrarySetup& setup);

}  // namespace halfword::bench
