// The rounds of a run; see harness.h.
#include "harness.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "statistics.h"

namespace halfword::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Long enough that reading the clock twice is below one percent, short enough that a stall shows in the p99.
constexpr double kBatchNs = 5000;
// What a row is held against may differ this much before and after it; beyond that the machine did something else.
constexpr double kSteady = 1.25;
constexpr int kMostRepeats = 3;

double elapsed_ns(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

Error named(Error error, const std::string& row) {
  error.name = row;
  return error;
}

}  // namespace

struct Harness::Entry {
  Row* row = nullptr;
  bool wanted = false;  ///< measured and reported
  bool needed = false;  ///< wanted, or held against something that is
  bool broken = false;
  std::uint64_t iterations = 1;
  std::uint64_t batch = 1;
  std::vector<Entry*> references;
  std::vector<double> medians;
  Samples samples;
  std::map<std::string, std::vector<double>> ratios;
};

struct Harness::Round {
  Samples samples;
  double middle = 0;
  std::map<std::string, double> ratios;
  bool steady = true;
};

Harness::Harness() = default;
Harness::~Harness() = default;

void Harness::add(std::unique_ptr<Row> row) { rows_.push_back(std::move(row)); }

std::vector<std::string> Harness::names() const {
  std::vector<std::string> names;
  for (const std::unique_ptr<Row>& row : rows_) names.push_back(row->traits().name);
  return names;
}

Harness::Entry* Harness::find(const std::string& name) const {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->row->traits().name == name) return entry.get();
  }
  return nullptr;
}

// Starts the row and finds out how many calls fill its slice; the growing runs warm it up too.
Result<void> Harness::prepare(Entry& entry) {
  if (auto opened = entry.row->open(); !opened) return propagate(opened);
  const double slice_ns = std::chrono::duration<double, std::nano>(entry.row->traits().slice).count();
  if (slice_ns == 0) return {};
  double call_ns = slice_ns;
  for (std::uint64_t calls = 1; calls < (std::uint64_t{1} << 30); calls *= 2) {
    double took = slice_ns;
    // A run that took long may have been interrupted; only what takes long every time is long enough.
    for (int i = 0; i < kMostRepeats && took > slice_ns / 3; ++i) {
      const Clock::time_point start = Clock::now();
      if (auto ran = entry.row->run(calls, calls); !ran) return propagate(ran);
      took = std::min(took, elapsed_ns(start));
    }
    call_ns = std::clamp(took / static_cast<double>(calls), 1.0, call_ns);
    if (took > slice_ns / 3) break;
  }
  entry.batch = static_cast<std::uint64_t>(std::max(1.0, kBatchNs / call_ns));
  const auto batches = static_cast<std::uint64_t>(slice_ns / (call_ns * static_cast<double>(entry.batch)));
  entry.iterations = std::max<std::uint64_t>(batches, 1) * entry.batch;
  return {};
}

// One round: the references, the row, the references again in the other order, so that each lies evenly around it.
Result<Harness::Round> Harness::measure_once(Entry& entry) {
  std::vector<double> before;
  for (Entry* reference : entry.references) {
    auto ran = reference->row->run(reference->iterations, reference->batch);
    if (!ran) return fail(named(std::move(ran.error()), reference->row->traits().name));
    before.push_back(median(std::move(*ran)));
  }
  auto ran = entry.row->run(entry.iterations, entry.batch);
  if (!ran) return fail(named(std::move(ran.error()), entry.row->traits().name));
  Round round;
  round.samples = std::move(*ran);
  round.middle = median(round.samples);
  for (std::size_t i = entry.references.size(); i-- > 0;) {
    Entry* reference = entry.references[i];
    auto again = reference->row->run(reference->iterations, reference->batch);
    if (!again) return fail(named(std::move(again.error()), reference->row->traits().name));
    const double after = median(std::move(*again));
    round.steady = round.steady && std::max(before[i], after) <= kSteady * std::min(before[i], after);
    round.ratios[reference->row->traits().name] = round.middle / ((before[i] + after) / 2);
  }
  return round;
}

void Harness::measure(Entry& entry, Report& report) {
  for (int attempt = 0;; ++attempt) {
    auto round = measure_once(entry);
    if (!round) {
      mark_broken(std::move(round.error()), report);
      return;
    }
    // Only the reference decides whether a round is taken, never the row that is judged by it.
    if (!round->steady && attempt < kMostRepeats) {
      ++report.repeated_rounds;
      continue;
    }
    entry.medians.push_back(round->middle);
    entry.samples.insert(entry.samples.end(), round->samples.begin(), round->samples.end());
    for (const auto& [name, ratio] : round->ratios) entry.ratios[name].push_back(ratio);
    return;
  }
}

// A row that others are held against takes only the comparison along, not those others.
void Harness::mark_broken(Error error, Report& report) {
  Entry* broken = find(error.name);
  HALFWORD_CHECK(broken != nullptr);
  broken->broken = true;
  report.complete = report.complete && broken->row->traits().optional;
  report.absent.push_back(std::move(error));
  for (const std::unique_ptr<Entry>& entry : entries_) std::erase(entry->references, broken);
}

void Harness::choose(const HarnessOptions& options) {
  entries_.clear();
  for (const std::unique_ptr<Row>& row : rows_) {
    auto entry = std::make_unique<Entry>();
    entry->row = row.get();
    entry->wanted =
        options.only.empty() || std::count(options.only.begin(), options.only.end(), row->traits().name) > 0;
    entry->needed = entry->wanted;
    for (const Reference& against : row->traits().against) {
      Entry* reference = find(against.row);
      HALFWORD_CHECK(reference != nullptr);
      entry->references.push_back(reference);
      reference->needed = reference->needed || entry->wanted;
    }
    entries_.push_back(std::move(entry));
  }
}

void Harness::prepare_all(const HarnessOptions& options, Report& report) {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (!entry->needed) continue;
    if (options.say) options.say("starting " + entry->row->traits().name);
    if (auto prepared = prepare(*entry); !prepared) {
      mark_broken(named(std::move(prepared.error()), entry->row->traits().name), report);
    }
  }
}

Report Harness::run(const HarnessOptions& options) {
  Report report;
  choose(options);
  prepare_all(options, report);
  for (int round = 0; round < options.rounds; ++round) {
    if (options.say) options.say("round " + std::to_string(round + 1) + " of " + std::to_string(options.rounds));
    for (const std::unique_ptr<Entry>& entry : entries_) {
      if (!entry->wanted || entry->broken || round >= entry->row->traits().most_rounds) continue;
      measure(*entry, report);
    }
  }
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (!entry->wanted || entry->broken) continue;
    Outcome outcome;
    outcome.traits = entry->row->traits();
    outcome.median = median(entry->medians);
    outcome.p99 = percentile(entry->samples, 0.99);
    outcome.runs = static_cast<int>(entry->medians.size());
    outcome.batch = entry->batch;
    for (const auto& [name, ratios] : entry->ratios) outcome.against[name] = median(ratios);
    report.outcomes.push_back(std::move(outcome));
  }
  return report;
}

}  // namespace halfword::bench
