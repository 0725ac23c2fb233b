#include "statistics.h"

#include <gtest/gtest.h>

namespace halfword::bench {
namespace {

TEST(Statistics, MedianIsTheMiddleOrTheMeanOfBothMiddles) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({9, 1, 5, 3}), 4);
}

TEST(Statistics, PercentileIsTheNearestRank) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  EXPECT_EQ(percentile(values, 0.99), 99);
  EXPECT_EQ(percentile(values, 1), 100);
  EXPECT_EQ(percentile(values, 0), 1);
  EXPECT_EQ(percentile({3}, 0.99), 3);
  EXPECT_EQ(percentile({}, 0.5), 0);
}

}  // namespace
}  // namespace halfword::bench
