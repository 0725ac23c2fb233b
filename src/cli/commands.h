// The commands of `halfword`, one function each, and the command line that they get.
// Called by main.cc on the main thread, once in the life of the process; main.cc has checked the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/output.h"

namespace halfword::cli {

enum class Command { show_text, inspect, call, doctor, help_errors };

/// What the user typed.
struct CommandLine {
  Command command = Command::show_text;
  bool json = false;
  std::string text;  ///< of show_text: the help, or the version
  bool is_version = false;

  std::vector<std::string> search;  ///< --search, in order
  std::string file;
  bool load = true;  ///< inspect: whether a worker may load the file

  std::string prototype;
  std::vector<std::string> arguments;  ///< as typed; literal.h says what they mean
  std::string symbol;                  ///< empty: the prototype's own name
  std::int64_t deadline_ns = 0;        ///< 0: none
  std::uint32_t repeat = 1;
};

/// \param arguments  without the program's name
/// \return argument_type for what is not a command line; the message says what is wrong with it
Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments);

/// Whether a command line that could not be parsed asks for JSON all the same.
bool asks_for_json(const std::vector<std::string>& arguments);

/// Each runs one command and returns the exit status of the process.
int run_inspect(const CommandLine& line, Output& output);
int run_call(const CommandLine& line, Output& output);
int run_doctor(const CommandLine& line, Output& output);
int run_help_errors(const CommandLine& line, Output& output);

}  // namespace halfword::cli
