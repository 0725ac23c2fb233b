#include "cli/duration.h"

#include <gtest/gtest.h>

namespace halfword::cli {
namespace {

TEST(Duration, ReadsNumbersWithUnits) {
  EXPECT_EQ(parse_duration("500ms").value(), 500'000'000);
  EXPECT_EQ(parse_duration("1.5s").value(), 1'500'000'000);
  EXPECT_EQ(parse_duration("250us").value(), 250'000);
  EXPECT_EQ(parse_duration("250\u00b5s").value(), 250'000);
  EXPECT_EQ(parse_duration("100ns").value(), 100);
  EXPECT_EQ(parse_duration("1m").value(), 60'000'000'000);
  EXPECT_EQ(parse_duration("24h").value(), 86'400'000'000'000);
}

TEST(Duration, RefusesWhatIsNoTime) {
  for (const char* text : {"", "5", "ms", "5 ms", "1e3ms", "0x5s", "5msx", "5days"})
    EXPECT_EQ(parse_duration(text).error().code, ErrorCode::argument_type) << text;
}

TEST(Duration, RefusesTimesThatAreNotAboveZeroOrTooLong) {
  for (const char* text : {"0s", "0.1ns", "-5ms", "25h", "999999999999s", "nans", "infs"})
    EXPECT_EQ(parse_duration(text).error().code, ErrorCode::argument_range) << text;
}

TEST(Duration, ShowsThreeDigits) {
  EXPECT_EQ(show_duration(0), "0 ns");
  EXPECT_EQ(show_duration(132), "132 ns");
  EXPECT_EQ(show_duration(4'230), "4.23 \u00b5s");
  EXPECT_EQ(show_duration(42'349), "42.3 \u00b5s");
  EXPECT_EQ(show_duration(999'900), "1.00 ms");
  EXPECT_EQ(show_duration(999'400), "999 \u00b5s");
  EXPECT_EQ(show_duration(1'500'000'000), "1.50 s");
}

}  // namespace
}  // namespace halfword::cli
