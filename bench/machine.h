// The machine as the benchmark uses it: which processors it may use, which process runs on which, and child processes.
// Used by the rows on the main thread. Linux; machine_linux.cc reads /proc, which it trusts.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace halfword::bench {

/// Where the two sides of every row run. With one allowed processor both are that one.
struct Placement {
  int client = 0;
  int worker = 0;
};

/// The processors that this process may use.
std::vector<int> allowed_processors();

/// Binds the calling thread, and the threads and processes that it starts later, to `processors`.
Result<void> bind_thread(const std::vector<int>& processors);

/// Binds every thread of a process, and what they start later.
Result<void> bind_process(pid_t process, const std::vector<int>& processors);

/// The processes that `process` has started, with theirs, in no particular order; not those whose parent has ended.
std::vector<pid_t> descendants(pid_t process);

/// The share of `processors`' time, 0 to 1, that was used in the next `milliseconds`, in which the caller sleeps:
/// by other programs, as long as nothing of ours runs.
double busy_share(const std::vector<int>& processors, int milliseconds);

/// The system's own names of the processor and of itself.
std::string processor_name();
std::string kernel_name();

/// The folder in which this program lies; the other programs of the benchmark lie below it.
std::string program_folder();

/// Whether there is a file that can be run.
bool is_program(const std::string& path);

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() { *this = Descriptor(); }

 private:
  int number_;
};

/// Both ends of a pipe, closed in programs that are started.
Result<std::pair<Descriptor, Descriptor>> make_pipe();

/// Writes all of `text`, or reads up to a newline (which is dropped) into `line`; `rest` keeps what came after it.
/// `worker_lost` when the other side is gone.
Result<void> write_all(int descriptor, const std::string& text);
Result<std::string> read_line(int descriptor, std::string& rest);

/// A program that ends, at the latest, with this object.
class ChildProcess {
 public:
  ChildProcess() = default;
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }

  /// Starts arguments[0]; `descriptors` are pairs of one here and its number there. `environment` is added to ours.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments,
                                    const std::vector<std::pair<int, int>>& descriptors,
                                    const std::vector<std::string>& environment = {});

  pid_t id() const { return id_; }
  /// Waits for its end by itself, for `milliseconds` at most; false if it has not come.
  bool wait(int milliseconds);

 private:
  explicit ChildProcess(pid_t id) : id_(id) {}
  pid_t id_ = 0;
};

}  // namespace halfword::bench
