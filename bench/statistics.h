// Order statistics of measured values. Pure; used by the harness and by its tests, from any thread.
#pragma once

#include <vector>

namespace halfword::bench {

/// The value below which the share `fraction` (0 to 1) of `values` lies, by the nearest rank. 0 if there are none.
double percentile(std::vector<double> values, double fraction);

/// The middle value; of an even number of values the mean of the two in the middle. 0 if there are none.
double median(std::vector<double> values);

}  // namespace halfword::bench
