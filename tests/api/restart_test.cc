// What stays and what does not when a library's worker is replaced.
#include <gtest/gtest.h>

#include "api/modes.h"
#include "halfword/halfword.hpp"

struct sqlite3;

namespace {

class Restart : public testing::TestWithParam<std::uint32_t> {
 protected:
  void crash() {
    const auto length = sqlite_.function<int(const void*)>("sqlite3_complete");
    const auto answer = length.try_call(reinterpret_cast<const void*>(16));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), halfword::code::library_crashed) << answer.error().what();
  }

  halfword::library sqlite_ = halfword::open("libsqlite3.so.0", test::in_mode(GetParam()));
  halfword::function<int(const char*, sqlite3**)> open_ = sqlite_.function<int(const char*, sqlite3**)>("sqlite3_open");
  halfword::function<int(sqlite3*)> changes_ = sqlite_.function<int(sqlite3*)>("sqlite3_changes");
};

TEST_P(Restart, SaysOfLaterCallsThatTheWorkerIsGone) {
  crash();
  sqlite3* database = nullptr;
  const auto later = open_.try_call(":memory:", &database);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code(), halfword::code::worker_lost);
  EXPECT_NE(std::string(later.error().what()).find("SIGSEGV"), std::string::npos) << later.error().what();
}

TEST_P(Restart, KeepsFunctionsAndCallbacksUsable) {
  int rows = 0;
  const auto row = sqlite_.callback<int(halfword::token, int, void*, void*)>([&](void*, int, void*, void*) {
    ++rows;
    return 0;
  });
  const auto exec =
      sqlite_.function<int(sqlite3*, const char*, void (*)(), halfword::token, const char**)>("sqlite3_exec");
  crash();
  sqlite_.restart();
  sqlite3* database = nullptr;
  ASSERT_EQ(open_(":memory:", &database), 0);
  const char* message = nullptr;
  EXPECT_EQ(exec(database, "select 1", row, nullptr, &message), 0);
  EXPECT_EQ(rows, 1);
}

TEST_P(Restart, MakesAnotherOpenIndependentOfADeadWorker) {
  crash();
  auto again = halfword::open("libsqlite3.so.0", test::in_mode(GetParam()));
  EXPECT_EQ(std::string(again.function<const char*()>("sqlite3_libversion")()).substr(0, 2), "3.");
}

// Not in a window that is off, where a handle is a bare number and a string a copy that goes with its lane.
class OldMemory : public Restart {};

TEST_P(OldMemory, IsRefusedAsAHandle) {
  sqlite3* database = nullptr;
  ASSERT_EQ(open_(":memory:", &database), 0);
  sqlite_.restart();
  const auto answer = changes_.try_call(database);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), halfword::code::stale_handle) << answer.error().what();
}

TEST_P(Restart, RefusesFunctionsByAddressOfTheOldWorker) {
  std::uint64_t address = 0;
  ASSERT_EQ(hw_symbol(sqlite_.raw(), "sqlite3_libversion_number", &address, nullptr), HW_OK);
  const auto by_address = sqlite_.function_at<int()>(reinterpret_cast<const void*>(address));
  EXPECT_GT(by_address(), 3'000'000);
  sqlite_.restart();
  const auto answer = by_address.try_call();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), halfword::code::stale_handle) << answer.error().what();
}

TEST_P(OldMemory, StaysReadable) {
  const char* version = sqlite_.function<const char*()>("sqlite3_libversion")();
  const std::string before = version;
  crash();
  sqlite_.restart();
  EXPECT_EQ(before, version);
}

INSTANTIATE_TEST_SUITE_P(Window, OldMemory, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART), test::name_of_mode);
INSTANTIATE_TEST_SUITE_P(Window, Restart, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART, HW_WINDOW_OFF),
                         test::name_of_mode);

}  // namespace
