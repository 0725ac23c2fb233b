// What the benchmark measures: a row is one thing with one number, a floor or a peer is a row that others are held
// against. Implemented in floors/, peers/ and halfword/; called by the harness only, on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace halfword::bench {

/// One value for each batch: what one call took on average in it, in the row's unit.
using Samples = std::vector<double>;

/// What a row is compared with, and how it has to come out.
struct Reference {
  enum class Want : std::uint8_t { nothing, at_most, at_least };
  std::string row;
  Want want = Want::nothing;
  double ratio = 0;  ///< this row's median over the reference's, round by round
};

struct RowTraits {
  std::string name;
  std::string unit;
  std::vector<Reference> against = {};
  /// How long one measurement lasts, about. Zero: run() is called with one iteration and decides by itself.
  std::chrono::milliseconds slice{30};
  /// Rounds that this row takes part in, for rows whose single measurement takes long.
  int most_rounds = 1000;
  /// The number itself has a limit, where the row is not compared with another one.
  Reference::Want want = Reference::Want::nothing;
  double limit = 0;
  /// Without it the run goes on and is still a success: somebody else's program.
  bool optional = false;
};

class Row {
 public:
  explicit Row(RowTraits traits) : traits_(std::move(traits)) {}
  virtual ~Row() = default;
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  const RowTraits& traits() const { return traits_; }

  /// Starts what the row needs; called once, before run().
  virtual Result<void> open() = 0;

  /// Makes `iterations` calls, a multiple of `batch`, and returns a value for each batch.
  virtual Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) = 0;

 private:
  RowTraits traits_;
};

/// Times `call` in batches; `call` returns whether its result was right. Nanoseconds for each call.
template <class Call>
Result<Samples> time_calls(std::uint64_t iterations, std::uint64_t batch, Call&& call) {
  using Clock = std::chrono::steady_clock;
  Samples samples;
  samples.reserve(iterations / batch + 1);
  for (std::uint64_t done = 0; done < iterations; done += batch) {
    bool right = true;
    const Clock::time_point start = Clock::now();
    for (std::uint64_t i = 0; i < batch; ++i) right &= call();
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    if (!right) return fail(ErrorCode::protocol_error, "a measured call gave a wrong result");
    samples.push_back(took.count() / static_cast<double>(batch));
  }
  return samples;
}

/// Turns samples into another unit: of nanoseconds, 1e-6 makes milliseconds. An error stays as it is.
inline void scale(Result<Samples>& samples, double factor) {
  if (!samples) return;
  for (double& sample : *samples) sample *= factor;
}

}  // namespace halfword::bench
