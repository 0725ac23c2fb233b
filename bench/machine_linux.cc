// Processors and processes on Linux; see machine.h.
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

#include "machine.h"

namespace halfword::bench {
namespace {

std::unexpected<Error> failed(const std::string& what) { return fail_system(what, static_cast<std::uint64_t>(errno)); }

cpu_set_t set_of(const std::vector<int>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) CPU_SET(static_cast<std::size_t>(processor), &set);
  return set;
}

// The numbers among the names of a folder, as /proc names processes and threads.
std::vector<pid_t> numbers_in(const std::string& folder) {
  std::vector<pid_t> numbers;
  std::error_code ignored;  // a process may end while it is looked at
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos) numbers.push_back(std::stoi(name));
  }
  return numbers;
}

pid_t parent_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  // The name in parentheses may hold anything; behind the last one come the state and the parent.
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos || end + 4 >= text.size()) return 0;
  return std::atoi(text.c_str() + end + 4);
}

// Used and all time of some processors since the start, in ticks: user, nice, system, idle, iowait, irq, softirq and
// steal are the columns of proc(5).
std::pair<double, double> used_and_all(const std::vector<int>& processors) {
  std::pair<double, double> sum{0, 0};
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    int processor = -1;
    std::array<double, 8> time{};
    if (std::sscanf(line.c_str(), "cpu%d %lf %lf %lf %lf %lf %lf %lf %lf", &processor, &time[0], &time[1], &time[2],
                    &time[3], &time[4], &time[5], &time[6], &time[7]) != 9) {
      continue;
    }
    if (std::ranges::find(processors, processor) == processors.end()) continue;
    const double all = std::accumulate(time.begin(), time.end(), 0.0);
    sum.first += all - time[3] - time[4];
    sum.second += all;
  }
  return sum;
}

}  // namespace

double busy_share(const std::vector<int>& processors, int milliseconds) {
  const auto [used_before, all_before] = used_and_all(processors);
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  const auto [used, all] = used_and_all(processors);
  return all > all_before ? (used - used_before) / (all - all_before) : 0;
}

std::vector<int> allowed_processors() {
  cpu_set_t set;
  std::vector<int> allowed;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(static_cast<std::size_t>(i), &set)) allowed.push_back(i);
  }
  return allowed;
}

Result<void> bind_thread(const std::vector<int>& processors) {
  const cpu_set_t set = set_of(processors);
  if (sched_setaffinity(0, sizeof set, &set) != 0) return failed("binding a thread to its processor");
  return {};
}

Result<void> bind_process(pid_t process, const std::vector<int>& processors) {
  const cpu_set_t set = set_of(processors);
  for (const pid_t thread : numbers_in("/proc/" + std::to_string(process) + "/task")) {
    if (sched_setaffinity(thread, sizeof set, &set) != 0 && errno != ESRCH) {
      return failed("binding process " + std::to_string(process) + " to its processor");
    }
  }
  return {};
}

std::vector<pid_t> descendants(pid_t process) {
  std::vector<std::pair<pid_t, pid_t>> parents;
  for (const pid_t other : numbers_in("/proc")) parents.emplace_back(other, parent_of(other));
  std::vector<pid_t> found;
  std::vector<pid_t> open{process};
  while (!open.empty()) {
    const pid_t next = open.back();
    open.pop_back();
    for (const auto& [child, parent] : parents) {
      if (parent != next) continue;
      found.push_back(child);
      open.push_back(child);
    }
  }
  return found;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

std::string kernel_name() {
  utsname names{};
  uname(&names);
  return std::string(names.sysname) + " " + names.release;
}

std::string program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

bool is_program(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<std::pair<Descriptor, Descriptor>> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed("making a pipe");
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

Result<void> write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::worker_lost, "the other program does not read any more");
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Result<std::string> read_line(int descriptor, std::string& rest) {
  for (;;) {
    if (const std::size_t end = rest.find('\n'); end != std::string::npos) {
      std::string line = rest.substr(0, end);
      rest.erase(0, end + 1);
      return line;
    }
    char buffer[65536];
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::worker_lost, "the other program ended");
    rest.append(buffer, static_cast<std::size_t>(count));
  }
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                         const std::vector<std::pair<int, int>>& descriptors,
                                         const std::vector<std::string>& environment) {
  std::vector<char*> argument_list;
  for (const std::string& argument : arguments) argument_list.push_back(const_cast<char*>(argument.c_str()));
  argument_list.push_back(nullptr);
  // What comes first counts where a name is there twice.
  std::vector<char*> environment_list;
  for (const std::string& entry : environment) environment_list.push_back(const_cast<char*>(entry.c_str()));
  for (char** entry = environ; *entry != nullptr; ++entry) environment_list.push_back(*entry);
  environment_list.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // posix_spawn keeps a descriptor that is duplicated onto itself open in the child.
  for (const auto& [here, there] : descriptors) posix_spawn_file_actions_adddup2(&actions, here, there);
  pid_t id = 0;
  const int error =
      posix_spawn(&id, argument_list[0], &actions, nullptr, argument_list.data(), environment_list.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail_system("starting " + arguments[0], static_cast<std::uint64_t>(error));
  return ChildProcess(id);
}

bool ChildProcess::wait(int milliseconds) {
  for (int waited = 0; id_ != 0; ++waited) {
    if (waitpid(id_, nullptr, WNOHANG) != 0) id_ = 0;
    if (id_ == 0 || waited >= milliseconds) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return id_ == 0;
}

ChildProcess::~ChildProcess() {
  if (id_ == 0) return;
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

}  // namespace halfword::bench
