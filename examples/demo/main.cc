// The main job on real 32-bit libraries, with what it shows in words. Run by scripts/demo for every pair of systems.
//
//   demo zlib FILE [sqlite3 FILE]…
//
// Exits with 0 only if every library answered what it should.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "halfword/halfword.hpp"
#include "native_load.h"

struct sqlite3;

namespace {

using Clock = std::chrono::steady_clock;
using halfword::c_ulong;

int failures = 0;

void expect(bool right, const char* what) {
  if (right) return;
  std::printf("  NOT AS EXPECTED: %s\n", what);
  ++failures;
}

double median_ns(std::vector<double> rounds) {
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

template <class F>
double time_ns(int calls, F call) {
  std::vector<double> rounds;
  for (int round = 0; round < 15; ++round) {
    const auto start = Clock::now();
    for (int at = 0; at < calls; ++at) call(at);
    rounds.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count() / calls);
  }
  return median_ns(rounds);
}

// What no call can be faster than: one cache line to another processor and one back, and nothing else.
double floor_ns() {
  struct alignas(128) Line {
    std::atomic<int> value{0};
  } request, reply;
  std::atomic<bool> done{false};
  std::thread other([&] {
    for (int seen = 0; !done;) {
      const int now = request.value.load(std::memory_order_acquire);
      if (now != seen) reply.value.store(seen = now, std::memory_order_release);
    }
  });
  const double ns = time_ns(2000, [&, count = 0](int) mutable {
    request.value.store(++count, std::memory_order_release);
    while (reply.value.load(std::memory_order_acquire) != count) {
    }
  });
  done = true;
  other.join();
  return ns;
}

void show_native_failure(const std::string& file) {
  std::printf("  this process itself:   %s\n", demo::load_natively(file).c_str());
}

void show_crash(halfword::library& library, const char* symbol) {
  const auto crash = library.function<c_ulong(c_ulong, const void*, unsigned)>(symbol);
  const auto answer = crash.try_call(0, reinterpret_cast<const void*>(16), 100);
  expect(!answer, "the library survived reading address 16");
  if (!answer)
    std::printf("  a crash on purpose:    %s: %.120s...\n", answer.error().name_of_code(), answer.error().what());
  library.restart();
}

void show_zlib(const std::string& file, double floor) {
  std::printf("\nzlib: %s\n", file.c_str());
  show_native_failure(file);
  auto zlib = halfword::open(file);
  std::printf("  a worker for it:       process %u, %s\n", zlib.process(), zlib.target().c_str());

  const auto version = zlib.function<const char*()>("zlibVersion");
  std::printf("  zlibVersion():         \"%s\"\n", version());
  expect(version()[0] == '1', "the version");

  const auto crc32 = zlib.function<c_ulong(c_ulong, halfword::reads_bytes<2>, unsigned)>("crc32");
  const unsigned long sum = crc32(0, "123456789", 9);
  std::printf("  crc32(\"123456789\"):    %08lx\n", sum);
  expect(sum == 0xcbf43926, "the checksum");

  const char* words =
      "(_Out_writes_bytes_to_(*n, *n) unsigned char *to, _Inout_ unsigned long *n,"
      " _In_reads_bytes_(size) const unsigned char *from, unsigned long size)";
  using Pack = int(unsigned char*, c_ulong*, const unsigned char*, c_ulong);
  const auto compress = zlib.prototype<Pack>(std::string("int compress") + words);
  const auto uncompress = zlib.prototype<Pack>(std::string("int uncompress") + words);
  std::vector<unsigned char> text(1 << 20), packed(text.size()), unpacked(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) text[at] = static_cast<unsigned char>("half a word "[at * at % 12]);
  c_ulong packed_size = packed.size(), unpacked_size = unpacked.size();
  expect(compress(packed.data(), &packed_size, text.data(), text.size()) == 0, "compress");
  expect(uncompress(unpacked.data(), &unpacked_size, packed.data(), packed_size) == 0, "uncompress");
  expect(unpacked == text, "what came back");
  std::printf("  compress, uncompress:  1048576 bytes to %lu and back, equal\n", packed_size.value);

  const auto flags = zlib.function<c_ulong()>("zlibCompileFlags");
  const double call = time_ns(2000, [&](int) { flags(); });
  std::printf("  one call:              %.0f ns; a cache line there and back: %.0f ns (%.2f times)\n", call, floor,
              call / floor);

  show_crash(zlib, "crc32");
  expect(crc32(0, "123456789", 9) == 0xcbf43926, "the checksum in the new worker");
  std::printf("  after a restart:       crc32 answers again, in process %u\n", zlib.process());
}

void show_sqlite(const std::string& file) {
  std::printf("\nsqlite3: %s\n", file.c_str());
  show_native_failure(file);
  auto sqlite = halfword::open(file);
  const auto open = sqlite.function<int(const char*, sqlite3**)>("sqlite3_open");
  const auto close = sqlite.function<int(sqlite3*)>("sqlite3_close");
  using Row = int(halfword::token, int, halfword::reads<const char*, 1>, halfword::reads<const char*, 1>);
  using Exec = int(sqlite3*, const char*, void (*)(), halfword::token, const char**);
  const auto exec = sqlite.function<Exec>("sqlite3_exec");
  sqlite3* database = nullptr;
  expect(open(":memory:", &database) == 0, "sqlite3_open");
  std::printf("  sqlite3_open():        a database at %p, which this process can read\n", static_cast<void*>(database));
  int rows = 0;
  const auto row = sqlite.callback<Row>([&](void*, int columns, const char* const* values, const char* const* names) {
    std::printf("  a row, called back:   ");
    for (int at = 0; at < columns; ++at) std::printf(" %s=%s", names[at], values[at] == nullptr ? "NULL" : values[at]);
    std::printf("\n");
    ++rows;
    return 0;
  });
  const char* message = nullptr;
  exec(database, "create table t(word, bits); insert into t values('half', 16), ('whole', 32); select * from t", row,
       nullptr, &message);
  expect(rows == 2, "two rows");
  expect(close(database) == 0, "sqlite3_close");
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 12);
  try {
    const double floor = floor_ns();
    for (int at = 1; at + 1 < argc; at += 2) {
      if (std::strcmp(argv[at], "zlib") == 0) show_zlib(argv[at + 1], floor);
      if (std::strcmp(argv[at], "sqlite3") == 0) show_sqlite(argv[at + 1]);
    }
  } catch (const halfword::error& error) {
    std::printf("  %s: %s\n", error.name_of_code(), error.what());
    ++failures;
  }
  return failures == 0 ? 0 : 1;
}
