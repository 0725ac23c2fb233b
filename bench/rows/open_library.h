// One open library of the benchmark, and the base of the rows that call it. Used by the rows, on one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "halfword/halfword.hpp"
#include "machine.h"
#include "row.h"
#include "rows/library_rows.h"

namespace halfword::bench {

/// Opens the library and binds its worker, a process of this machine also under Wine, to `processors`.
/// Throws halfword::error, or BindError.
halfword::library open_bound(const LibrarySetup& setup, const std::vector<int>& processors,
                             const halfword::options& options = {});

struct BindError {
  Error error;
};

/// The numbers of the processes that run a worker, of whichever program.
std::vector<pid_t> worker_processes();

/// A library that several rows share; opened by the first of them.
class SharedLibrary {
 public:
  explicit SharedLibrary(LibrarySetup setup, halfword::options options = {})
      : setup_(std::move(setup)), options_(std::move(options)) {}

  halfword::library& get() {
    if (!library_) library_.emplace(open_bound(setup_, {setup_.placement.worker}, options_));
    return *library_;
  }

 private:
  LibrarySetup setup_;
  halfword::options options_;
  std::optional<halfword::library> library_;
};

/// A row whose work may throw what halfword.hpp throws.
class LibraryRow : public Row {
 public:
  using Row::Row;
  Result<void> open() final {
    return guarded<void>([this]() -> Result<void> {
      prepare();
      return {};
    });
  }
  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) final {
    return guarded<Samples>([&] { return measure(iterations, batch); });
  }

 protected:
  virtual void prepare() = 0;
  virtual Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) = 0;

 private:
  template <class T, class F>
  static Result<T> guarded(F&& work) {
    try {
      return work();
    } catch (const halfword::error& error) {
      return fail(static_cast<ErrorCode>(error.code()), error.what());
    } catch (const BindError& error) {
      return fail(error.error);
    }
  }
};

}  // namespace halfword::bench
