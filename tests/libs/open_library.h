// How tests find and open the tiny libraries of this folder. A test program is built for one target of workers, which
// kWorkerTarget names, and runs its tests in every mode of the window.
//
// Used on any thread; trusts the paths that the build has written into test_paths.h.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "api/modes.h"
#include "halfword/halfword.hpp"
#include "test_paths.h"

#ifndef HALFWORD_TEST_WORKER
#define HALFWORD_TEST_WORKER "i386-linux"
#endif

namespace test {

inline constexpr char kWorkerTarget[] = HALFWORD_TEST_WORKER;
inline constexpr bool kWindowsWorker = std::string_view(HALFWORD_TEST_WORKER).ends_with("-windows");

/// The tiny library `name`, built for `target`.
inline std::string library_file(const std::string& name, const std::string& target = kWorkerTarget) {
  return std::string(kTestLibraries) + "/" + target + "/" + name + (target.ends_with("-windows") ? ".dll" : ".so");
}

inline halfword::library open(const std::string& name, std::uint32_t mode = HW_WINDOW_SHARED) {
  return halfword::open(library_file(name), in_mode(mode));
}

/// What `library` answers to 20 + 22, which every tiny library can do.
inline int add_in(const halfword::library& library) { return library.function<int(int, int)>("add")(20, 22); }

/// A fixture that runs its tests in every mode: INSTANTIATE_IN_EVERY_MODE(Suite).
class InMode : public testing::TestWithParam<std::uint32_t> {
 protected:
  halfword::library open(const std::string& name) { return test::open(name, GetParam()); }
};

#define INSTANTIATE_IN_EVERY_MODE(suite)                                                               \
  INSTANTIATE_TEST_SUITE_P(, suite, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART, HW_WINDOW_OFF), \
                           test::name_of_mode)

/// The error that `run` throws; fails the test and gives an error of code `ok` if it throws none.
template <class Run>
halfword::error error_of(Run run) {
  try {
    run();
  } catch (const halfword::error& error) {
    return error;
  }
  ADD_FAILURE() << "no error came";
  return halfword::error(nullptr, halfword::code::ok);
}

/// Shows an error's code by name in a failed expectation.
inline std::string code_of(const halfword::error& error) { return error.name_of_code(); }

}  // namespace test
