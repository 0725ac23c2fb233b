// A 32-bit sqlite3 called from a 64-bit C++ program: handles, strings, and a callback for every row.
#include <cstdio>
#include <halfword/halfword.hpp>
#include <string>

struct sqlite3;

int main() {
  try {
    auto sqlite = halfword::open("libsqlite3.so.0");
    auto open = sqlite.function<int(const char*, sqlite3**)>("sqlite3_open");
    auto close = sqlite.function<int(sqlite3*)>("sqlite3_close");
    // The last two arguments of the callback are arrays of as many strings as its second argument says.
    using Row = int(halfword::token, int, halfword::reads<const char*, 1>, halfword::reads<const char*, 1>);
    auto exec = sqlite.function<int(sqlite3*, const char*, void (*)(), halfword::token, const char**)>("sqlite3_exec");

    sqlite3* database = nullptr;
    if (open(":memory:", &database) != 0) return 1;
    int rows = 0;
    auto row = sqlite.callback<Row>([&](void*, int columns, const char* const* values, const char* const* names) {
      for (int at = 0; at < columns; ++at) std::printf("%s=%s ", names[at], values[at]);
      std::printf("\n");
      ++rows;
      return 0;
    });
    const char* message = nullptr;
    exec(database, "create table t(a, b); insert into t values(1, 'one'), (2, 'two'); select * from t", row, nullptr,
         &message);
    close(database);
    return rows == 2 ? 0 : 1;
  } catch (const halfword::error& error) {
    std::fprintf(stderr, "%s: %s\n", error.name_of_code(), error.what());
    return 1;
  }
}
