// The peers: what people use today for the same purpose, run beside the rows. Optional: without one of them the run
// says so and goes on. Made by main.cc; used by the harness on one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine.h"
#include "row.h"

namespace halfword::bench {

/// peer.grpc; `program` is grpc_peer.
std::unique_ptr<Row> make_grpc_peer(const std::string& program, const Placement& placement);
/// peer.msl; `python` is that of the virtual environment, `script` is msl_peer.py.
std::unique_ptr<Row> make_msl_peer(const std::string& python, const std::string& script, const Placement& placement);
/// peer.pipe_json; `program` is the 32-bit json_worker.
std::unique_ptr<Row> make_pipe_json_peer(const std::string& program, const Placement& placement);

}  // namespace halfword::bench
