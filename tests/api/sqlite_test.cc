// sqlite3 through the C++ interface: handles, strings returned, a callback with arrays of strings, a function of the
// client's that SQL calls.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/modes.h"
#include "halfword/halfword.hpp"

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_context;
struct sqlite3_value;

namespace {

constexpr int kOk = 0, kRow = 100, kDone = 101, kUtf8 = 1;

class Sqlite : public testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    ASSERT_EQ(open_(":memory:", &database_), kOk);
    ASSERT_NE(database_, nullptr);
  }
  void TearDown() override { EXPECT_EQ(close_(database_), kOk); }

  halfword::library sqlite_ = halfword::open("libsqlite3.so.0", test::in_mode(GetParam()));
  halfword::function<int(const char*, sqlite3**)> open_ = sqlite_.function<int(const char*, sqlite3**)>("sqlite3_open");
  halfword::function<int(sqlite3*)> close_ = sqlite_.function<int(sqlite3*)>("sqlite3_close");
  halfword::function<const char*(sqlite3*)> message_ = sqlite_.function<const char*(sqlite3*)>("sqlite3_errmsg");
  sqlite3* database_ = nullptr;

  // What the library hands to a callback: the second argument says how many strings the others hold.
  using Row = int(halfword::token, int, halfword::reads<const char*, 1>, halfword::reads<const char*, 1>);
  using Exec = int(sqlite3*, const char*, int (*)(void*, int, char**, char**), halfword::token, const char**);
  halfword::function<Exec> exec_ = sqlite_.function<Exec>("sqlite3_exec");

  void run(const char* sql) {
    const char* error = nullptr;
    ASSERT_EQ(exec_(database_, sql, nullptr, nullptr, &error), kOk) << message_(database_);
  }
};

TEST_P(Sqlite, CallsBackWithEveryRow) {
  run("create table t(a, b); insert into t values(1, 'one'), (2, null), (3, 'three')");
  struct Cell {
    std::string column, value;
  };
  std::vector<Cell> cells;
  int token = 5;
  const auto row =
      sqlite_.callback<Row>([&](void* user, int columns, const char* const* values, const char* const* names) {
        EXPECT_EQ(user, &token);
        for (int at = 0; at < columns; ++at) cells.push_back({names[at], values[at] == nullptr ? "NULL" : values[at]});
        return 0;
      });
  const char* error = nullptr;
  ASSERT_EQ(exec_(database_, "select a, b from t order by a", row, &token, &error), kOk);
  EXPECT_EQ(error, nullptr);
  ASSERT_EQ(cells.size(), 6U);
  EXPECT_EQ(cells[0].column, "a");
  EXPECT_EQ(cells[1].value, "one");
  EXPECT_EQ(cells[3].value, "NULL");
  EXPECT_EQ(cells[5].value, "three");
}

// Without an extent the client gets as many strings as it sees; what it does not see it cannot be given.
TEST_P(Sqlite, CallsBackWithArraysOfUnknownLength) {
  std::string row;
  const auto callback =
      sqlite_.callback<int(void*, int, char**, char**)>([&](void*, int count, char** values, char** names) {
        for (int at = 0; at < count; ++at)
          row += std::string(names[at]) + "=" + (values[at] == nullptr ? "NULL" : values[at]) + ";";
        return 0;
      });
  const char* error = nullptr;
  const auto done = exec_.try_call(database_, "select 1 as a, null as b, 'x' as c", callback, nullptr, &error);
  if (GetParam() == HW_WINDOW_OFF) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), halfword::code::unsupported);
  } else {
    EXPECT_EQ(*done, kOk);
    EXPECT_EQ(row, "a=1;b=NULL;c=x;");
  }
}

TEST_P(Sqlite, StopsWhenACallbackSaysSo) {
  int rows = 0;
  const auto row =
      sqlite_.callback<Row>([&](void*, int, const char* const*, const char* const*) { return ++rows == 2; });
  const char* error = nullptr;
  EXPECT_EQ(exec_(database_, "select 1 union all select 2 union all select 3", row, nullptr, &error),
            4);  // SQLITE_ABORT
  EXPECT_EQ(rows, 2);
}

TEST_P(Sqlite, StepsThroughAPreparedStatement) {
  run("create table t(a integer, b text, c real); insert into t values(-7, 'zwölf', 1.5)");
  const auto prepare = sqlite_.prototype<int(sqlite3*, const char*, int, sqlite3_stmt**, const char**)>(
      "struct sqlite3; struct sqlite3_stmt;"
      "int sqlite3_prepare_v2(struct sqlite3 *db, _In_z_ const char *sql, int bytes, _Outptr_ struct sqlite3_stmt "
      "**statement,"
      " _In_opt_ const char **tail)");
  const auto step = sqlite_.function<int(sqlite3_stmt*)>("sqlite3_step");
  const auto finalize = sqlite_.function<int(sqlite3_stmt*)>("sqlite3_finalize");
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(prepare(database_, "select a, b, c, a * 100000000000 from t", -1, &statement, nullptr), kOk);
  ASSERT_EQ(step(statement), kRow);
  EXPECT_EQ((sqlite_.function<int(sqlite3_stmt*, int)>("sqlite3_column_int")(statement, 0)), -7);
  EXPECT_EQ(std::string(sqlite_.function<const char*(sqlite3_stmt*, int)>("sqlite3_column_text")(statement, 1)),
            "zwölf");
  EXPECT_EQ((sqlite_.function<double(sqlite3_stmt*, int)>("sqlite3_column_double")(statement, 2)), 1.5);
  EXPECT_EQ((sqlite_.function<long long(sqlite3_stmt*, int)>("sqlite3_column_int64")(statement, 3)), -700000000000LL);
  EXPECT_EQ(step(statement), kDone);
  EXPECT_EQ(finalize(statement), kOk);
}

TEST_P(Sqlite, CallsAFunctionOfTheClientsFromSql) {
  using Function = void(sqlite3_context*, int, halfword::reads<sqlite3_value*, 1>);
  using Pointer = void (*)();
  const auto create =
      sqlite_.function<int(sqlite3*, halfword::text, int, int, halfword::token, Pointer, Pointer, Pointer)>(
          "sqlite3_create_function");
  const auto value_int = sqlite_.function<int(sqlite3_value*)>("sqlite3_value_int");
  const auto result_int = sqlite_.function<void(sqlite3_context*, int)>("sqlite3_result_int");
  int calls = 0;
  const auto twice = sqlite_.callback<Function>([&](sqlite3_context* context, int count, sqlite3_value* const* values) {
    ++calls;
    EXPECT_EQ(count, 1);
    result_int(context, 2 * value_int(values[0]));
  });
  ASSERT_EQ(create(database_, "twice", 1, kUtf8, nullptr, twice, nullptr, nullptr), kOk);
  std::string answer;
  const auto row = sqlite_.callback<Row>([&](void*, int, const char* const* values, const char* const*) {
    answer = values[0] == nullptr ? "NULL" : values[0];
    return 0;
  });
  const char* error = nullptr;
  ASSERT_EQ(exec_(database_, "select twice(21) + twice(-1)", row, nullptr, &error), kOk) << message_(database_);
  EXPECT_EQ(answer, "40");
  EXPECT_EQ(calls, 2);
}

TEST_P(Sqlite, PassesAnExceptionOfACallbackToTheCaller) {
  const auto row = sqlite_.callback<Row>(
      [](void*, int, const char* const*, const char* const*) -> int { throw std::runtime_error("from the callback"); });
  const char* error = nullptr;
  EXPECT_THROW(exec_(database_, "select 1", row, nullptr, &error), std::runtime_error);
  run("select 1");  // the library is as it was
}

INSTANTIATE_TEST_SUITE_P(Window, Sqlite, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART, HW_WINDOW_OFF),
                         test::name_of_mode);

}  // namespace
