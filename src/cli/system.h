// What the command asks the system itself: its terminals, and the facts that `halfword doctor` tells.
// One implementation for each system. Main thread only.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace halfword::cli {

enum class Stream { out, error };

/// Whether the stream is a terminal that understands colours.
bool shows_colours(Stream stream);

/// With `--json` stdout belongs to the one document: from here on whatever else is written to stdout, by the library in
/// a worker too, goes to stderr. Before any worker starts.
/// \return the real stdout, owned by the process; `stdout` itself where that is not possible
std::FILE* reserve_stdout();

/// The program's arguments in UTF-8, without its name.
std::vector<std::string> program_arguments(int argc, char** argv);

/// One thing that this system has or lacks.
struct Fact {
  std::string name;
  bool present = false;
  std::string detail;  ///< a version or a number, or why it is not there
};

/// Wine, where this system needs it for Windows libraries.
struct WineFacts {
  bool needed = false;
  std::string program;         ///< empty: not found
  std::string version;         ///< what it says of itself
  std::string prefix;          ///< what workers will use
  bool prefix_is_own = false;  ///< halfword's own; made at first use
  bool prefix_exists = false;
};

/// The name and release of the system: "Linux 6.1.0", "Windows 10.0.19045 (Wine 8.0)".
std::string system_name();
std::vector<Fact> sandbox_facts();
WineFacts wine_facts();

/// What a worker for `target` needs of the system.
struct Need {
  std::string what;     ///< "the 32-bit C library"
  std::string command;  ///< that installs it here
};
/// What is missing for `target`, as far as files tell. Empty does not promise that a worker starts.
std::vector<Need> missing_needs(const std::string& target, const WineFacts& wine);

/// How to get halfword's own programs back where some are missing.
std::string reinstall_advice();

}  // namespace halfword::cli
