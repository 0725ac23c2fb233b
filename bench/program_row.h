// A row whose calls are made in a program of its own; see measured_program.h. Used by the harness on one thread.
#pragma once

#include <string>
#include <vector>

#include "machine.h"
#include "row.h"

namespace halfword::bench {

struct ProgramRowOptions {
  std::vector<std::string> arguments;    ///< the program first
  std::vector<std::string> environment;  ///< added to ours
  std::vector<std::string> files;        ///< that it needs besides itself
  std::string missing;                   ///< what to say when one of them is not there: how to get it
};

class ProgramRow : public Row {
 public:
  ProgramRow(RowTraits traits, ProgramRowOptions options, const Placement& placement)
      : Row(std::move(traits)), options_(std::move(options)), placement_(placement) {}
  ~ProgramRow() override;

  Result<void> open() override;
  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override;

 private:
  ProgramRowOptions options_;
  Placement placement_;
  Descriptor to_program_;
  Descriptor from_program_;
  std::string unread_;
  ChildProcess program_;
};

}  // namespace halfword::bench
