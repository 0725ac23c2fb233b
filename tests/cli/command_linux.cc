#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/command.h"
#include "test_paths.h"

namespace test {
namespace {

// Memory without a name, which cannot fill up as a pipe does that nobody reads.
int make_file(const char* name) { return memfd_create(name, MFD_CLOEXEC); }

std::string contents(int file) {
  std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), 0);
  EXPECT_EQ(pread(file, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  close(file);
  return text;
}

[[noreturn]] void become_command(const std::vector<std::string>& arguments,
                                 const std::map<std::string, std::string>& environment, int out, int err) {
  for (const auto& [name, value] : environment)
    value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  std::string program = std::string(kTestBuildRoot) + "/bin/halfword";
  std::vector<char*> words = {program.data()};
  std::vector<std::string> copies = arguments;
  for (std::string& copy : copies) words.push_back(copy.data());
  words.push_back(nullptr);
  execv(program.c_str(), words.data());
  _exit(127);
}

Run run_with(int out, const std::vector<std::string>& arguments,
             const std::map<std::string, std::string>& environment) {
  Run run;
  const int err = make_file("err");
  const pid_t child = fork();
  if (child == 0) become_command(arguments, environment, out, err);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.err = contents(err);
  return run;
}

}  // namespace

Run run(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
  const int out = make_file("out");
  Run run = run_with(out, arguments, environment);
  run.out = contents(out);
  return run;
}

Run run_into(const std::string& file, const std::vector<std::string>& arguments) {
  const int out = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  EXPECT_GE(out, 0) << file;
  Run run = run_with(out, arguments, {});
  close(out);
  return run;
}

}  // namespace test
