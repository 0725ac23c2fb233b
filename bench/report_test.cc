#include "report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace halfword::bench {
namespace {

using testing::HasSubstr;

Report example() {
  Report report;
  Outcome floor;
  floor.traits = {.name = "floor.spin", .unit = "ns"};
  floor.median = 101.5;
  floor.p99 = 180;
  floor.runs = 15;
  Outcome call;
  call.traits = {.name = "call.add",
                 .unit = "ns",
                 .against = {{.row = "floor.spin", .want = Reference::Want::at_most, .ratio = 1.3}}};
  call.median = 120;
  call.p99 = 240;
  call.runs = 15;
  call.against["floor.spin"] = 1.18;
  Outcome start;
  start.traits = {.name = "start.i386-linux", .unit = "ms", .want = Reference::Want::at_most, .limit = 1.5};
  start.median = 2.25;
  report.outcomes = {floor, call, start};
  return report;
}

TEST(Report, JsonHasExactlyTheFieldsThatArePromised) {
  const nlohmann::json list = nlohmann::json::parse(json(example()));
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0], nlohmann::json({{"name", "floor.spin"},
                                     {"unit", "ns"},
                                     {"median", 101.5},
                                     {"p99", 180.0},
                                     {"runs", 15},
                                     {"against", nlohmann::json::object()}}));
  EXPECT_EQ(list[1]["against"], nlohmann::json({{"floor.spin", 1.18}}));
}

TEST(Report, TableSaysWhichLimitsAreKeptAndWhichAreMissed) {
  std::istringstream lines(table(example()));
  std::string head;
  std::string floor;
  std::string call;
  std::string start;
  std::getline(lines, head);
  std::getline(lines, floor);
  std::getline(lines, call);
  std::getline(lines, start);
  EXPECT_THAT(head, HasSubstr("p99"));
  EXPECT_THAT(floor, HasSubstr("102"));
  EXPECT_THAT(call, HasSubstr("1.18  at most 1.3  kept"));
  EXPECT_THAT(start, HasSubstr("at most 1.5  MISSED"));
}

TEST(Report, WritesAFileOrSaysWhyNot) {
  const auto folder = std::filesystem::temp_directory_path();
  const std::string path = folder / ("halfword-report-test-" + std::to_string(::getpid()));
  ASSERT_TRUE(write_file(path, "first and longer"));
  ASSERT_TRUE(write_file(path, "second"));
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, "second");
  std::filesystem::remove(path);
  const auto failed = write_file(folder / "no such folder" / "file", "text");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("no such folder"));
}

}  // namespace
}  // namespace halfword::bench
