// How the benchmark measures in a program that it cannot be itself: one with gRPC in it, a Python one, a Windows one.
//
// The program prints "ready" when it could make its first call. Then each line "ITERATIONS BATCH" on its standard input
// asks for a run, answered by one line: "ok" and a number for each batch, nanoseconds for each call, or "error TEXT".
// It ends with its input. serve_runs is the far side, ProgramRow the near one; both in one tree, trusting each other.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include "row.h"

namespace halfword::bench {

using RunCalls = std::function<Result<Samples>(std::uint64_t iterations, std::uint64_t batch)>;

/// Serves runs until `input` ends; the program's whole main loop. Returns its exit status.
inline int serve_runs(std::FILE* input, std::FILE* output, const RunCalls& run) {
  std::fputs("ready\n", output);
  std::fflush(output);
  char line[128];
  while (std::fgets(line, sizeof line, input) != nullptr) {
    unsigned long long iterations = 0;
    unsigned long long batch = 0;
    if (std::sscanf(line, "%llu %llu", &iterations, &batch) != 2 || batch == 0) return 2;
    auto samples = run(iterations, batch);
    if (samples) {
      std::fputs("ok", output);
      for (const double sample : *samples) std::fprintf(output, " %.2f", sample);
    } else {
      std::fprintf(output, "error %s", samples.error().message.c_str());
    }
    std::fputs("\n", output);
    std::fflush(output);
  }
  return 0;
}

}  // namespace halfword::bench
