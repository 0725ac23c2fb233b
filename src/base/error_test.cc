// Tests of the list of error codes: its numbers and names are promises to programs outside (docs and halfword.h).
#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace halfword {
namespace {

// As documented; written out again here, because a name that changes breaks callers in every language.
const std::vector<std::string> kDocumentedNames = {
    "wrong_bitness",       "not_a_library",     "file_not_found", "dependency_missing", "export_missing",
    "convention_mismatch", "argument_range",    "argument_type",  "library_crashed",    "library_exited",
    "library_threw",       "deadline_exceeded", "breaker_open",   "overloaded",         "limit_exceeded",
    "permission_denied",   "worker_lost",       "stale_handle",   "interface_mismatch", "protocol_error",
    "unsupported",         "no_memory",         "environment"};

TEST(ErrorCodes, AreTheDocumentedNamesInTheirOrder) {
  std::vector<std::string> names;
  for (const ErrorCodeInfo& info : error_codes()) names.push_back(info.name);
  EXPECT_EQ(names, kDocumentedNames);
}

TEST(ErrorCodes, AreNumberedFromOneWithoutAGap) {
  std::uint32_t expected = 1;
  for (const ErrorCodeInfo& info : error_codes())
    EXPECT_EQ(static_cast<std::uint32_t>(info.code), expected++) << info.name;
}

TEST(ErrorCodes, EachHaveAnExitStatusAMeaningAndAnAdvice) {
  for (const ErrorCodeInfo& info : error_codes()) {
    // 0 and 1 are answers, not failures.
    EXPECT_GE(info.exit_status, 2) << info.name;
    EXPECT_LE(info.exit_status, 5) << info.name;
    EXPECT_STRNE(info.meaning, "") << info.name;
    EXPECT_STRNE(info.advice, "") << info.name;
    EXPECT_NE(std::string(info.meaning).back(), '.') << info.name << ": a clause, no full stop";
  }
}

TEST(ErrorCodes, AreEachDescribedByTheirOwnEntry) {
  std::set<std::string> names;
  for (const ErrorCodeInfo& info : error_codes()) {
    EXPECT_EQ(&describe(info.code), &info) << info.name;
    names.insert(info.name);
  }
  EXPECT_EQ(names.size(), error_codes().size());
}

TEST(ErrorCodes, OfANewerVersionAreDescribedAsUnknown) {
  EXPECT_STREQ(describe(static_cast<ErrorCode>(9999)).name, "unknown");
  EXPECT_STREQ(describe(ErrorCode::none).name, "unknown");
}

TEST(Error, OfASystemCallNamesTheCallAndTheNumber) {
  const std::unexpected<Error> failed = fail_system("open /nowhere", 2);
  const Error& error = failed.error();
  EXPECT_EQ(error.code, ErrorCode::environment);
  EXPECT_EQ(error.system_number, 2U);
  EXPECT_FALSE(error.system_text.empty());
  EXPECT_EQ(error.message, "open /nowhere: " + error.system_text + " (2)");
}

TEST(Error, PassesThroughPropagateWhole) {
  Error original;
  original.code = ErrorCode::export_missing;
  original.name = "deflat";
  original.searched = {"deflate"};
  Result<int> inner = fail(original);
  Result<std::string> outer = propagate(inner);
  ASSERT_FALSE(outer.has_value());
  EXPECT_EQ(outer.error().code, ErrorCode::export_missing);
  EXPECT_EQ(outer.error().name, "deflat");
  EXPECT_EQ(outer.error().searched, std::vector<std::string>{"deflate"});
}

}  // namespace
}  // namespace halfword
