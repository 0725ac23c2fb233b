#include "program/child_linux.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <vector>

namespace test {
namespace {

bool is_readable(int descriptor, std::chrono::milliseconds within) {
  pollfd watched = {descriptor, POLLIN, 0};
  return poll(&watched, 1, static_cast<int>(within.count())) == 1;
}

[[noreturn]] void run_child(const std::function<void()>& program) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing is left behind by a test that is killed
  try {
    program();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "an exception left the program: " << error.what();
  }
  std::cout.flush();
  exit(testing::Test::HasFailure() ? 1 : 0);
}

}  // namespace

Child::Child(const std::function<void()>& program) {
  std::cout.flush();
  fflush(nullptr);  // or the child would print it again
  process_ = fork();
  if (process_ == 0) run_child(program);
  EXPECT_GT(process_, 0);
}

Child::~Child() {
  if (reaped_ || process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

Ending Child::wait(std::chrono::milliseconds at_most) {
  Ending ending;
  const Watched watched(process_);
  ending.in_time = watched.is_gone(at_most);
  if (!ending.in_time) kill(process_, SIGKILL);
  int status = 0;
  if (waitpid(process_, &status, 0) != process_) return ending;
  reaped_ = true;
  if (WIFEXITED(status)) ending.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  return ending;
}

void in_a_program_of_its_own(const std::function<void()>& program) {
  const Ending ending = Child(program).wait();
  EXPECT_TRUE(ending.in_time) << "the program did not come to its end";
  EXPECT_EQ(ending.exit_status, 0) << "the program ended by signal " << ending.signal << " if by none of its own";
}

Pipe::Pipe() { EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0); }

Pipe::~Pipe() {
  close_reader();
  close_writer();
}

void Pipe::close_reader() {
  if (ends_[0] >= 0) close(ends_[0]);
  ends_[0] = -1;
}

void Pipe::close_writer() {
  if (ends_[1] >= 0) close(ends_[1]);
  ends_[1] = -1;
}

void Pipe::send(int number) const {
  EXPECT_EQ(write(ends_[1], &number, sizeof number), static_cast<ssize_t>(sizeof number));
}

std::optional<int> Pipe::receive() const {
  int number;
  if (!is_readable(ends_[0], kLong) || read(ends_[0], &number, sizeof number) != sizeof number) return std::nullopt;
  return number;
}

std::string Pipe::read_all() const {
  std::string all;
  char piece[4096];
  while (is_readable(ends_[0], kLong)) {
    const ssize_t got = read(ends_[0], piece, sizeof piece);
    if (got <= 0) break;
    all.append(piece, static_cast<std::size_t>(got));
  }
  return all;
}

Watched::Watched(pid_t process) : descriptor_(static_cast<int>(syscall(SYS_pidfd_open, process, 0))) {
  EXPECT_GE(descriptor_, 0) << "process " << process << " cannot be watched";
}

Watched::~Watched() { close(descriptor_); }

bool Watched::is_gone(std::chrono::milliseconds within) const { return is_readable(descriptor_, within); }

char state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t end_of_name = text.rfind(')');
  return end_of_name == std::string::npos || end_of_name + 2 >= text.size() ? '\0' : text[end_of_name + 2];
}

bool reaches_state(pid_t process, const std::string& states) {
  const auto until = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < until) {
    if (states.find(state_of(process)) != std::string::npos) return true;
    sched_yield();
  }
  return false;
}

std::string open_descriptors() {
  std::vector<int> numbers;
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return "none to be seen";
  for (const dirent* entry = readdir(folder); entry != nullptr; entry = readdir(folder))
    if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != dirfd(folder))
      numbers.push_back(std::atoi(entry->d_name));
  closedir(folder);
  std::sort(numbers.begin(), numbers.end());
  std::string text;
  for (const int number : numbers) text += std::to_string(number) + " ";
  return text;
}

}  // namespace test
