// Measures rows side by side: every round runs a row between two runs of what it is held against, so that a core that
// slows down in the middle of a run slows both. Called by main.cc, on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "row.h"

namespace halfword::bench {

struct HarnessOptions {
  std::vector<std::string> only;  ///< names of rows; empty: all
  int rounds = 15;
  /// Told what is going on, one line at a time; may be empty.
  std::function<void(const std::string&)> say;
};

/// What is known of a row after the run.
struct Outcome {
  RowTraits traits;
  double median = 0;  ///< of the rounds, each of which counts with its median
  double p99 = 0;     ///< of all batches of all rounds
  int runs = 0;       ///< rounds
  std::uint64_t batch = 1;
  std::map<std::string, double> against;  ///< row held against, median of the rounds' ratios
};

struct Report {
  std::vector<Outcome> outcomes;  ///< in the order in which the rows were added
  std::vector<Error> absent;      ///< rows that could not be measured: `name` is the row
  bool complete = true;           ///< false if a row is absent that is not optional
  int repeated_rounds = 0;        ///< because what they were held against moved under them
};

class Harness {
 public:
  Harness();
  ~Harness();
  /// Rows that others are held against come before them.
  void add(std::unique_ptr<Row> row);
  std::vector<std::string> names() const;
  Report run(const HarnessOptions& options);

 private:
  struct Entry;
  struct Round;
  using Entries = std::vector<std::unique_ptr<Entry>>;

  Entry* find(const std::string& name) const;
  void choose(const HarnessOptions& options);
  void prepare_all(const HarnessOptions& options, Report& report);
  Result<void> prepare(Entry& entry);
  Result<Round> measure_once(Entry& entry);
  void measure(Entry& entry, Report& report);
  void mark_broken(Error error, Report& report);

  std::vector<std::unique_ptr<Row>> rows_;
  Entries entries_;
};

}  // namespace halfword::bench
