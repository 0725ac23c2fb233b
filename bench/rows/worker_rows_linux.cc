// Rows about workers rather than calls: lanes2.add, start.TARGET, rss.TARGET and idle.cpu; see library_rows.h.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <thread>

#include "rows/open_library.h"

namespace halfword::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Where the system puts the threads is part of what these rows measure, so they run unbound.
class Unbound {
 public:
  explicit Unbound(const Placement& placement, const std::vector<int>& processors) : placement_(placement) {
    if (auto bound = bind_thread(processors); !bound) throw BindError{std::move(bound.error())};
  }
  ~Unbound() { (void)bind_thread({placement_.client}); }
  Unbound(const Unbound&) = delete;
  Unbound& operator=(const Unbound&) = delete;

 private:
  Placement placement_;
};

class LanesRow : public LibraryRow {
 public:
  LanesRow(LibrarySetup setup, std::vector<int> processors)
      : LibraryRow({.name = "lanes2.add",
                    .unit = "times",
                    .slice = std::chrono::milliseconds(0),
                    .want = Reference::Want::at_least,
                    .limit = processors.size() >= 4 ? 1.6 : 0.8}),
        setup_(std::move(setup)),
        processors_(std::move(processors)) {}

 private:
  void prepare() override {
    const Unbound unbound(setup_.placement, processors_);
    library_.emplace(open_bound(setup_, processors_));
    add_.emplace(library_->function<int(int, int)>("add"));
  }

  // Two threads between two times one, as the harness does with a row and its floor.
  Result<Samples> measure(std::uint64_t, std::uint64_t) override {
    const Unbound unbound(setup_.placement, processors_);
    const double before = calls_per_second(1);
    const double two = calls_per_second(2);
    const double after = calls_per_second(1);
    if (before <= 0 || two <= 0 || after <= 0) return fail(ErrorCode::protocol_error, "a call gave a wrong result");
    return Samples{two / ((before + after) / 2)};
  }

  double calls_per_second(int threads) {
    std::atomic<bool> wrong = false;
    std::atomic<std::uint64_t> calls = 0;
    std::atomic<int> warm = 0;
    std::atomic<bool> stop = false;
    std::vector<std::thread> callers;
    for (int i = 0; i < threads; ++i) {
      callers.emplace_back([&] {
        try {
          (void)(*add_)(1, 2);  // opens the lane
          ++warm;
          while (warm < threads) std::this_thread::yield();
          std::uint64_t count = 0;
          for (; !stop.load(std::memory_order_relaxed); ++count) {
            if ((*add_)(static_cast<int>(count & 0xffff), 7) != static_cast<int>(count & 0xffff) + 7) wrong = true;
          }
          calls += count;
        } catch (const halfword::error&) {
          wrong = true;
          warm = threads;
        }
      });
    }
    while (warm < threads) std::this_thread::yield();
    const Clock::time_point start = Clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    stop = true;
    const std::chrono::duration<double> took = Clock::now() - start;
    for (std::thread& caller : callers) caller.join();
    return wrong ? 0 : static_cast<double>(calls) / took.count();
  }

  LibrarySetup setup_;
  std::vector<int> processors_;
  std::optional<halfword::library> library_;
  std::optional<halfword::function<int(int, int)>> add_;
};

class StartRow : public LibraryRow {
 public:
  StartRow(const LibrarySetup& setup, std::vector<int> processors, double at_most)
      : LibraryRow({.name = "start." + setup.target,
                    .unit = "ms",
                    .slice = std::chrono::milliseconds(60),
                    .want = at_most > 0 ? Reference::Want::at_most : Reference::Want::nothing,
                    .limit = at_most}),
        setup_(setup),
        processors_(std::move(processors)) {}

 private:
  void prepare() override { (void)halfword::open(setup_.file); }

  // From nothing to the moment in which the first call could be made, with the library loaded; its end is not timed.
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t) override {
    const Unbound unbound(setup_.placement, processors_);
    Samples samples;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      const Clock::time_point start = Clock::now();
      const halfword::library library = halfword::open(setup_.file);
      const std::chrono::duration<double, std::milli> took = Clock::now() - start;
      samples.push_back(took.count());
    }
    return samples;
  }

  LibrarySetup setup_;
  std::vector<int> processors_;
};

// The newest worker process of this system, which under Wine is not the number that the worker has itself.
pid_t process_of(const std::vector<pid_t>& before) {
  for (const pid_t process : worker_processes()) {
    if (std::ranges::find(before, process) == before.end()) return process;
  }
  throw BindError{fail(ErrorCode::environment, "the new worker's process cannot be seen in /proc").error()};
}

class MemoryRow : public LibraryRow {
 public:
  MemoryRow(const LibrarySetup& setup, double at_most)
      : LibraryRow({.name = "rss." + setup.target,
                    .unit = "MB",
                    .slice = std::chrono::milliseconds(0),
                    .most_rounds = 3,
                    .want = at_most > 0 ? Reference::Want::at_most : Reference::Want::nothing,
                    .limit = at_most}),
        setup_(setup) {}

 private:
  void prepare() override {}

  Result<Samples> measure(std::uint64_t, std::uint64_t) override {
    const std::vector<pid_t> before = worker_processes();
    const halfword::library library = halfword::open(setup_.file);
    if (library.function<int(int, int)>("add")(1, 2) != 3) return fail(ErrorCode::protocol_error, "1 + 2 is not 3");
    std::ifstream file("/proc/" + std::to_string(process_of(before)) + "/status");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("VmRSS:")) return Samples{std::atof(line.c_str() + 6) * 1024 / 1e6};
    }
    return fail(ErrorCode::environment, "the worker's memory cannot be read in /proc");
  }

  LibrarySetup setup_;
};

class IdleRow : public LibraryRow {
 public:
  explicit IdleRow(LibrarySetup setup)
      : LibraryRow({.name = "idle.cpu",
                    .unit = "ms",
                    .slice = std::chrono::milliseconds(0),
                    .most_rounds = 1,
                    .want = Reference::Want::at_most,
                    .limit = 1}),
        setup_(std::move(setup)) {}

 private:
  void prepare() override {
    const std::vector<pid_t> before = worker_processes();
    library_.emplace(halfword::open(setup_.file));
    worker_ = process_of(before);
    add_.emplace(library_->function<int(int, int)>("add"));
  }

  // The whole client process counts, with all that it has of halfword for the other rows, and the worker.
  Result<Samples> measure(std::uint64_t, std::uint64_t) override {
    clockid_t worker_clock = 0;
    if (const int error = clock_getcpuclockid(worker_, &worker_clock); error != 0) {
      return fail_system("reading the worker's processor time", static_cast<std::uint64_t>(error));
    }
    if ((*add_)(1, 2) != 3) return fail(ErrorCode::protocol_error, "1 + 2 is not 3");
    // What a call leaves behind, such as the end of its spinning, is not idleness.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const double before = milliseconds(CLOCK_PROCESS_CPUTIME_ID) + milliseconds(worker_clock);
    std::this_thread::sleep_for(std::chrono::seconds(10));
    return Samples{milliseconds(CLOCK_PROCESS_CPUTIME_ID) + milliseconds(worker_clock) - before};
  }

  static double milliseconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  }

  LibrarySetup setup_;
  std::optional<halfword::library> library_;
  std::optional<halfword::function<int(int, int)>> add_;
  pid_t worker_ = 0;
};

}  // namespace

std::unique_ptr<Row> make_lanes_row(const LibrarySetup& setup, const std::vector<int>& processors) {
  return std::make_unique<LanesRow>(setup, processors);
}

std::vector<std::unique_ptr<Row>> make_worker_rows(const LibrarySetup& setup, const std::vector<int>& processors) {
  const bool linux_worker = setup.target == "i386-linux";  // the target that the limits are set for
  std::vector<std::unique_ptr<Row>> rows;
  rows.push_back(std::make_unique<StartRow>(setup, processors, linux_worker ? 1.5 : 0));
  rows.push_back(std::make_unique<MemoryRow>(setup, linux_worker ? 1.5 : 0));
  return rows;
}

std::unique_ptr<Row> make_idle_row(const LibrarySetup& setup) { return std::make_unique<IdleRow>(setup); }

}  // namespace halfword::bench
