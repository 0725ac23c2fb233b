// halfword-bench: measures halfword, the floors of this machine and the peers in one run. Started by scripts/bench.
//
// The table goes to stdout, progress and complaints to stderr. Exit status: 0 done (peers may be absent), 1 a row of
// halfword's own or a floor could not be measured, 2 wrong usage, 5 nothing could be measured.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "floors/floor_rows.h"
#include "harness.h"
#include "machine.h"
#include "peers/peer_rows.h"
#include "program_row.h"
#include "report.h"
#include "rows/library_rows.h"

namespace {

using namespace halfword::bench;

void add_all(Harness& harness, std::vector<std::unique_ptr<Row>> rows) {
  for (std::unique_ptr<Row>& row : rows) harness.add(std::move(row));
}

std::unique_ptr<Row> make_windows_row(const std::string& folder, const Placement& placement) {
  return std::make_unique<ProgramRow>(
      RowTraits{.name = "call.add.windows", .unit = "ns", .against = {{.row = "floor.spin"}}},
      ProgramRowOptions{
          .arguments = {"/usr/bin/wine", folder + "/x86_64-windows/windows_client.exe",
                        "Z:" + folder + "/i386-windows/bench_library.dll", std::to_string(placement.client),
                        std::to_string(placement.worker)},
          .environment = {"WINEPREFIX=" + folder + "/../wine", "WINEDEBUG=-all", "DISPLAY="},
          .files = {folder + "/x86_64-windows/windows_client.exe", folder + "/i386-windows/bench_library.dll"},
          .missing = "scripts/setup build run installs Wine and the compilers for Windows"},
      placement);
}

void add_rows(Harness& harness, const std::string& folder, const Placement& placement,
              const std::vector<int>& processors, std::shared_ptr<FloorPair> floors) {
  harness.add(make_spin_floor(floors));
  harness.add(make_block_floor(floors));
  harness.add(make_far_call_floor());
  harness.add(make_copy_floor());
  const LibrarySetup linux_library{folder + "/i386-linux/bench_library.so", "i386-linux", placement};
  const LibrarySetup windows_library{folder + "/i386-windows/bench_library.dll", "i386-windows", placement};
  add_all(harness, make_call_rows(linux_library));
  harness.add(make_windows_row(folder, placement));
  harness.add(make_add_row("call.add.wine", windows_library));
  harness.add(make_lanes_row(linux_library, processors));
  add_all(harness, make_bulk_rows(linux_library));
  add_all(harness, make_worker_rows(linux_library, processors));
  add_all(harness, make_worker_rows(windows_library, processors));
  harness.add(make_idle_row(linux_library));
  harness.add(make_grpc_peer(folder + "/grpc_peer", placement));
  harness.add(make_msl_peer(folder + "/venv/bin/python", folder + "/msl_peer.py", placement));
  harness.add(make_pipe_json_peer(folder + "/i386-linux/json_worker", placement));
}

struct Arguments {
  HarnessOptions harness;
  std::string json_file;
  std::vector<int> processors;
};

void say(const std::string& what) { fmt::print(stderr, "bench: {}\n", what); }

// Ratios stand a slow machine, but not one that takes a processor away in the middle of a round.
void complain_if_busy(const std::vector<int>& processors) {
  constexpr double kCalm = 0.03;
  const double share = busy_share(processors, 500);
  if (share <= kCalm) return;
  fmt::print("CAUTION: other programs use {:.0f} % of these processors; the numbers are not to be relied on.\n",
             share * 100);
}

int measure(Harness& harness, const Arguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const Report report = harness.run(arguments.harness);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{}\n", table(report));
  complain_if_busy(arguments.processors);
  fmt::print(
      "{} rounds in {:.0f} s; {} measured again because what they are held against moved by more than a "
      "quarter in between.\n",
      arguments.harness.rounds, took.count(), report.repeated_rounds);
  std::fflush(stdout);
  for (const halfword::Error& error : report.absent) {
    fmt::print(stderr, "bench: ABSENT: {}: {}\n", error.name, error.message);
  }
  if (!arguments.json_file.empty()) {
    if (auto written = write_file(arguments.json_file, json(report)); !written) {
      fmt::print(stderr, "bench: {}\n", written.error().message);
      return 5;
    }
  }
  return report.complete ? 0 : 1;
}

int run(Arguments arguments) {
  if (arguments.processors.empty()) arguments.processors = allowed_processors();
  const std::vector<int>& allowed = arguments.processors;
  const Placement placement{allowed.front(), allowed[allowed.size() > 1 ? 1 : 0]};
  const std::string folder = program_folder();
  if (auto bound = bind_thread({placement.client}); !bound) {
    fmt::print(stderr, "bench: {}\n", bound.error().message);
    return 5;
  }
  auto floors = start_floor_pair(folder + "/i386-linux/floor_worker", placement);
  if (!floors) {
    fmt::print(stderr, "bench: the floors cannot be measured: {}\n", floors.error().message);
    return 5;
  }
  Harness harness;
  add_rows(harness, folder, placement, allowed, *floors);

  const std::vector<std::string> names = harness.names();
  for (const std::string& name : arguments.harness.only) {
    if (std::ranges::find(names, name) != names.end()) continue;
    fmt::print(stderr, "bench: there is no row '{}'; there are: {}\n", name, fmt::join(names, " "));
    return 2;
  }
  fmt::print("{}, {}, {} processors allowed; client bound to {}, worker to {} (sched_setaffinity)\n", processor_name(),
             kernel_name(), allowed.size(), placement.client, placement.worker);
  if (allowed.size() < 2) {
    fmt::print(
        "With one processor for both sides a spinning floor waits for the scheduler: ratios to it say nothing.\n");
  }
  complain_if_busy({placement.client, placement.worker});
  fmt::print("Layouts of floor.spin, the first one is used:\n{}\n", describe_layouts(**floors));
  std::fflush(stdout);
  return measure(harness, arguments);
}

}  // namespace

int main(int count, char** values) {
  CLI::App app("Measures halfword beside the floors of this machine and its peers.");
  Arguments arguments;
  app.add_option("--json", arguments.json_file, "Write the rows to this file, as JSON")->type_name("FILE");
  app.add_option("--only", arguments.harness.only, "Measure these rows only")->delimiter(',')->type_name("NAME,…");
  app.add_option("--rounds", arguments.harness.rounds, "Rounds of each row")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--processors", arguments.processors,
                 "Processors of the client and the worker, instead of the first two")
      ->delimiter(',')
      ->expected(1, 64)
      ->check(CLI::Range(0, 1023));
  app.footer("Example: halfword-bench --only call.add,peer.grpc --json result.json");
  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  arguments.harness.say = say;
  return run(std::move(arguments));
}
