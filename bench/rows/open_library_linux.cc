// Opening a library with its worker on a chosen processor; see open_library.h.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "rows/open_library.h"

namespace halfword::bench {

// By the name of the program, since a Windows worker's process number is not one of this system.
std::vector<pid_t> worker_processes() {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "comm");
    std::string command;
    // The system keeps 15 letters of a name: "halfword-worker", and of the one for Windows as many.
    if (std::getline(file, command) && command == "halfword-worker") found.push_back(std::stoi(name));
  }
  return found;
}

halfword::library open_bound(const LibrarySetup& setup, const std::vector<int>& processors,
                             const halfword::options& options) {
  const std::vector<pid_t> before = worker_processes();
  halfword::library library = halfword::open(setup.file, options);
  for (const pid_t process : worker_processes()) {
    if (std::ranges::find(before, process) != before.end()) continue;
    if (auto bound = bind_process(process, processors); !bound) throw BindError{std::move(bound.error())};
  }
  return library;
}

}  // namespace halfword::bench
