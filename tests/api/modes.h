// The three modes of the window, as test parameters: every test of calls runs in all of them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "halfword/halfword.hpp"

namespace test {

inline halfword::options in_mode(std::uint32_t window) {
  halfword::options options;
  options.window = window;
  return options;
}

inline std::string name_of_mode(const testing::TestParamInfo<std::uint32_t>& info) {
  constexpr const char* kNames[] = {"Auto", "Shared", "Apart", "Off"};
  return kNames[info.param];
}

}  // namespace test
