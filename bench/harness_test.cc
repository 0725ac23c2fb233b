#include "harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace halfword::bench {
namespace {

using testing::ElementsAre;

// A row that takes no time and says what it is told to say, in the order of the runs.
class ScriptedRow : public Row {
 public:
  ScriptedRow(RowTraits traits, std::deque<double> values, std::vector<std::string>* log = nullptr)
      : Row(std::move(traits)), values_(std::move(values)), log_(log) {}

  Result<void> open() override {
    if (values_.empty()) return fail(ErrorCode::file_not_found, "the program is not there");
    return {};
  }
  Result<Samples> run(std::uint64_t, std::uint64_t) override {
    if (log_ != nullptr) log_->push_back(traits().name);
    if (values_.empty()) return fail(ErrorCode::worker_lost, "the program ended");
    const double value = values_.front();
    if (values_.size() > 1) values_.pop_front();
    if (value < 0) return fail(ErrorCode::worker_lost, "the program ended");
    return Samples{value};
  }

 private:
  std::deque<double> values_;
  std::vector<std::string>* log_;
};

RowTraits traits(std::string name, std::vector<Reference> against = {}) {
  return {.name = std::move(name), .unit = "ns", .against = std::move(against), .slice = std::chrono::milliseconds(0)};
}

HarnessOptions rounds(int count, std::vector<std::string> only = {}) {
  return {.only = std::move(only), .rounds = count, .say = {}};
}

TEST(Harness, RunsARowBetweenTwoRunsOfItsReferences) {
  std::vector<std::string> log;
  Harness harness;
  harness.add(std::make_unique<ScriptedRow>(traits("floor"), std::deque<double>{1}, &log));
  harness.add(std::make_unique<ScriptedRow>(traits("call"), std::deque<double>{1}, &log));
  harness.add(
      std::make_unique<ScriptedRow>(traits("peer", {{.row = "floor"}, {.row = "call"}}), std::deque<double>{1}, &log));
  harness.run(rounds(1, {"peer"}));
  EXPECT_THAT(log, ElementsAre("floor", "call", "peer", "call", "floor"));
}

TEST(Harness, TakesTheMedianOfTheRoundsRatiosAndNotTheRatioOfTheMedians) {
  Harness harness;
  // The machine becomes ten times slower after the first round; the ratio of every round is 2, 2 and 3.
  harness.add(std::make_unique<ScriptedRow>(traits("floor"), std::deque<double>{10, 10, 100, 100, 100, 100}));
  harness.add(std::make_unique<ScriptedRow>(traits("call", {{.row = "floor"}}), std::deque<double>{20, 200, 300}));
  const Report report = harness.run(rounds(3, {"call"}));
  ASSERT_EQ(report.outcomes.size(), 1U);
  EXPECT_EQ(report.outcomes[0].against.at("floor"), 2);
  EXPECT_EQ(report.outcomes[0].median, 200);
  EXPECT_EQ(report.outcomes[0].p99, 300);
  EXPECT_EQ(report.outcomes[0].runs, 3);
}

TEST(Harness, DividesByTheMeanOfBothRunsOfTheReference) {
  Harness harness;
  harness.add(std::make_unique<ScriptedRow>(traits("floor"), std::deque<double>{90, 110}));
  harness.add(std::make_unique<ScriptedRow>(traits("call", {{.row = "floor"}}), std::deque<double>{150}));
  EXPECT_EQ(harness.run(rounds(1, {"call"})).outcomes[0].against.at("floor"), 1.5);
}

TEST(Harness, RepeatsARoundInWhichTheReferenceMoved) {
  Harness harness;
  harness.add(std::make_unique<ScriptedRow>(traits("floor"), std::deque<double>{100, 200, 100, 100}));
  harness.add(std::make_unique<ScriptedRow>(traits("call", {{.row = "floor"}}), std::deque<double>{900, 130}));
  const Report report = harness.run(rounds(1, {"call"}));
  EXPECT_EQ(report.repeated_rounds, 1);
  EXPECT_EQ(report.outcomes[0].median, 130);
}

TEST(Harness, GivesUpRepeatingWhereTheReferenceNeverRests) {
  Harness harness;
  harness.add(std::make_unique<ScriptedRow>(traits("floor"),
                                            std::deque<double>{100, 200, 100, 200, 100, 200, 100, 200, 100, 200}));
  harness.add(std::make_unique<ScriptedRow>(traits("call", {{.row = "floor"}}), std::deque<double>{150}));
  const Report report = harness.run(rounds(1, {"call"}));
  EXPECT_EQ(report.repeated_rounds, 3);
  EXPECT_EQ(report.outcomes[0].against.at("floor"), 1);
}

TEST(Harness, GoesOnWithoutAPeerThatIsNotThere) {
  Harness harness;
  RowTraits peer = traits("peer");
  peer.optional = true;
  harness.add(std::make_unique<ScriptedRow>(peer, std::deque<double>{}));
  harness.add(std::make_unique<ScriptedRow>(traits("call"), std::deque<double>{5}));
  const Report report = harness.run(rounds(2));
  ASSERT_EQ(report.absent.size(), 1U);
  EXPECT_EQ(report.absent[0].name, "peer");
  EXPECT_TRUE(report.complete);
  ASSERT_EQ(report.outcomes.size(), 1U);
  EXPECT_EQ(report.outcomes[0].traits.name, "call");
}

TEST(Harness, IsIncompleteWithoutARowOfItsOwn) {
  Harness harness;
  harness.add(std::make_unique<ScriptedRow>(traits("call"), std::deque<double>{5, -1}));
  const Report report = harness.run(rounds(3));
  EXPECT_FALSE(report.complete);
  EXPECT_TRUE(report.outcomes.empty());
  ASSERT_EQ(report.absent.size(), 1U);
  EXPECT_EQ(report.absent[0].message, "the program ended");
}

TEST(Harness, MeasuresARowWithoutAReferenceThatIsNotThere) {
  Harness harness;
  RowTraits floor = traits("floor");
  harness.add(std::make_unique<ScriptedRow>(floor, std::deque<double>{}));
  harness.add(std::make_unique<ScriptedRow>(traits("call", {{.row = "floor"}}), std::deque<double>{5}));
  const Report report = harness.run(rounds(1));
  ASSERT_EQ(report.outcomes.size(), 1U);
  EXPECT_EQ(report.outcomes[0].median, 5);
  EXPECT_TRUE(report.outcomes[0].against.empty());
  EXPECT_FALSE(report.complete);
}

TEST(Harness, FillsTheSliceOfAFastRowWithBatches) {
  class BusyRow : public Row {
   public:
    BusyRow() : Row({.name = "busy", .unit = "ns", .slice = std::chrono::milliseconds(2)}) {}
    Result<void> open() override { return {}; }
    Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override {
      last_iterations = iterations;
      last_batch = batch;
      volatile unsigned sum = 0;
      return time_calls(iterations, batch, [&] {
        for (unsigned i = 0; i < 100; ++i) sum = sum + i;
        return true;
      });
    }
    std::uint64_t last_iterations = 0;
    std::uint64_t last_batch = 0;
  };
  auto row = std::make_unique<BusyRow>();
  BusyRow& busy = *row;
  Harness harness;
  harness.add(std::move(row));
  const Report report = harness.run(rounds(1));
  EXPECT_GT(busy.last_batch, 1U);
  EXPECT_GT(busy.last_iterations, busy.last_batch);
  EXPECT_EQ(busy.last_iterations % busy.last_batch, 0U);
  EXPECT_GT(report.outcomes[0].median, 0);
}

TEST(TimeCalls, RefusesAWrongResult) {
  int calls = 0;
  const auto samples = time_calls(10, 5, [&] { return ++calls != 7; });
  ASSERT_FALSE(samples);
  EXPECT_EQ(samples.error().code, ErrorCode::protocol_error);
}

}  // namespace
}  // namespace halfword::bench
