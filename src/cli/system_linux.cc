#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/system.h"
#include "inspect/places.h"

namespace halfword::cli {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The first line of a small file; empty if it cannot be read.
std::string line_of(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string program_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = rest.find(':');
    const std::string program = rest.substr(0, end) + "/" + name;
    if (end != 0 && access(program.c_str(), X_OK) == 0) return program;
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  return {};
}

// `wine --version` prints its version and starts nothing else.
std::string version_of_wine(const std::string& program) {
  std::string quoted;
  for (const char letter : program) quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
  FILE* output = popen(("'" + quoted + "' --version 2>/dev/null </dev/null").c_str(), "re");
  if (output == nullptr) return {};
  char line[128] = "";
  const bool read = std::fgets(line, sizeof line, output) != nullptr;
  pclose(output);
  std::string version = read ? line : "";
  while (!version.empty() && (version.back() == '\n' || version.back() == '\r')) version.pop_back();
  return version;
}

// ---- how software is installed here ----

enum class Packager { apt, dnf, pacman, zypper, unknown };

Packager packager() {
  if (!program_in_path("apt-get").empty()) return Packager::apt;
  if (!program_in_path("dnf").empty()) return Packager::dnf;
  if (!program_in_path("pacman").empty()) return Packager::pacman;
  if (!program_in_path("zypper").empty()) return Packager::zypper;
  return Packager::unknown;
}

struct Package {
  const char* apt;
  const char* dnf;
  const char* pacman;
  const char* zypper;
  const char* meaning;
};
constexpr Package kLibc = {"libc6:i386", "glibc.i686", "lib32-glibc", "glibc-32bit",
                           "the 32-bit C library of this system"};
constexpr Package kWine = {"wine wine32:i386", "wine", "wine", "wine wine-32bit", "Wine for 32-bit programs"};

std::string install_command(const Package& package) {
  const std::string sudo = geteuid() == 0 ? "" : "sudo ";
  switch (packager()) {
    case Packager::apt: {
      std::string command;
      if (line_of("/var/lib/dpkg/arch") == "" || !is_there("/var/lib/dpkg/info/libc6:i386.list"))
        command = sudo + "dpkg --add-architecture i386 && " + sudo + "apt-get update && ";
      return command + sudo + "apt-get install " + package.apt;
    }
    case Packager::dnf:
      return sudo + "dnf install " + package.dnf;
    case Packager::pacman:
      return sudo + "pacman -S " + package.pacman;
    case Packager::zypper:
      return sudo + "zypper install " + package.zypper;
    case Packager::unknown:
      break;
  }
  return std::string("install ") + package.meaning;
}

// ---- sandbox ----

Fact seccomp_fact() {
  Fact fact{"seccomp", is_there("/proc/sys/kernel/seccomp/actions_avail") || prctl(PR_GET_SECCOMP) >= 0, ""};
  fact.detail =
      fact.present ? line_of("/proc/sys/kernel/seccomp/actions_avail") : "the kernel has no system call filters";
  return fact;
}

Fact namespaces_fact() {
  Fact fact{"user namespaces", is_there("/proc/self/ns/user"), ""};
  if (!fact.present) fact.detail = "the kernel has none";
  const std::string most = line_of("/proc/sys/user/max_user_namespaces");
  const bool restricted = line_of("/proc/sys/kernel/unprivileged_userns_clone") == "0" ||
                          line_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1";
  if (fact.present && most == "0") fact = {fact.name, false, "user.max_user_namespaces is 0"};
  if (fact.present && restricted) {
    fact.present = geteuid() == 0;
    fact.detail = "for root only";
  }
  return fact;
}

// landlock(7): with this flag the call returns the version of the interface.
Fact landlock_fact() {
  constexpr unsigned kVersionFlag = 1;
  constexpr long kCreateRuleset = 444;  // the same number on every processor
  const long version = syscall(kCreateRuleset, nullptr, 0, kVersionFlag);
  if (version > 0) return {"landlock", true, "version " + std::to_string(version)};
  return {"landlock", false, "the kernel has it not, or not switched on"};
}

}  // namespace

bool shows_colours(Stream stream) {
  const char* terminal = std::getenv("TERM");
  return isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1 && terminal != nullptr &&
         std::string(terminal) != "dumb";
}

std::FILE* reserve_stdout() {
  std::fflush(stdout);
  const int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  std::FILE* file = kept < 0 ? nullptr : fdopen(kept, "w");
  if (file == nullptr) {
    if (kept >= 0) close(kept);
    return stdout;
  }
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return file;
}

std::vector<std::string> program_arguments(int argc, char** argv) {
  return argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

std::string system_name() {
  utsname names;
  if (uname(&names) != 0) return "Linux";
  return std::string(names.sysname) + " " + names.release;
}

std::vector<Fact> sandbox_facts() { return {seccomp_fact(), namespaces_fact(), landlock_fact()}; }

WineFacts wine_facts() {
  WineFacts facts;
  facts.needed = true;
  facts.program = program_in_path("wine");
  if (!facts.program.empty()) facts.version = version_of_wine(facts.program);
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  facts.prefix = variable("WINEPREFIX");
  if (facts.prefix.empty()) {
    facts.prefix_is_own = true;
    const std::string data = variable("XDG_DATA_HOME");
    facts.prefix = (data.empty() ? variable("HOME") + "/.local/share" : data) + "/halfword/wine";
  }
  facts.prefix_exists = is_there(facts.prefix + "/system.reg");
  return facts;
}

std::vector<Need> missing_needs(const std::string& target, const WineFacts& wine) {
  if (target == "i386-linux" && !is_there("/lib/ld-linux.so.2")) return {{kLibc.meaning, install_command(kLibc)}};
  if (target == "i386-windows" && (wine.program.empty() || inspect::system_places().windows_32.empty()))
    return {{kWine.meaning, install_command(kWine)}};
  return {};
}

std::string reinstall_advice() {
  return "install halfword again (cmake --install), or name the folder of the workers in HALFWORD_WORKERS";
}

}  // namespace halfword::cli
