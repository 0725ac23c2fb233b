// A program within a test: code that runs in a process of its own, because the test is about what happens to the
// process (it forks, dies, closes its descriptors, is stopped).
//
// Used on the test's only thread, before anything in the test's own process has opened a library.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace test {

inline constexpr std::chrono::seconds kLong{20};  // no test waits longer for one event

/// How a process ended.
struct Ending {
  bool in_time = false;  ///< false: it had to be killed
  int exit_status = -1;
  int signal = 0;
};

/// A child process; killed and reaped when the object goes, if it has not ended before.
class Child {
 public:
  /// Runs `program` in a new process, which ends by exit() when it returns: with 1 if an expectation failed there.
  explicit Child(const std::function<void()>& program);
  explicit Child(pid_t process) : process_(process) {}
  ~Child();
  Child(const Child&) = delete;

  pid_t process() const { return process_; }
  /// Waits for the end.
  Ending wait(std::chrono::milliseconds at_most = kLong);

 private:
  pid_t process_;
  bool reaped_ = false;
};

/// Runs `program` in a process of its own and fails the test if an expectation failed there or it did not end by
/// itself.
void in_a_program_of_its_own(const std::function<void()>& program);

/// A pipe between a test and its child: numbers and lines, each read waiting at most kLong.
class Pipe {
 public:
  Pipe();
  ~Pipe();
  Pipe(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader();
  void close_writer();

  void send(int number) const;
  /// Nothing when the other side is gone or does not answer.
  std::optional<int> receive() const;
  /// Everything until the last writer is gone, or until kLong has passed without a byte.
  std::string read_all() const;

 private:
  int ends_[2];
};

/// Watches a process that is not a child of ours, by a descriptor that stays valid when its number is given away.
class Watched {
 public:
  explicit Watched(pid_t process);
  ~Watched();
  Watched(const Watched&) = delete;

  /// Whether it is gone within that time.
  bool is_gone(std::chrono::milliseconds within = kLong) const;

 private:
  int descriptor_;
};

/// The letter of a process in /proc/PID/stat: 'R', 'S', 'T' …; 0 when it is gone.
char state_of(pid_t process);
/// Waits until the process is in one of `states`; false after kLong.
bool reaches_state(pid_t process, const std::string& states);

/// Descriptors that are open in this process, as its /proc/self/fd lists them, the one that looks not counted.
std::string open_descriptors();

}  // namespace test
