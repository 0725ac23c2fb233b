// The `halfword` command: finds out what is wanted and runs it on the main thread. Everything that the user typed, and
// everything in the files that are named, may be wrong in any way; the worst that comes of it is an error.
#include <cstdio>
#include <new>

#include "cli/commands.h"
#include "cli/system.h"

namespace {

using namespace halfword;
using namespace halfword::cli;

int show_text(const CommandLine& line, Output& output) {
  if (!output.json())
    output.print(line.text);
  else if (line.is_version)
    output.print_document(Json{{"version", HALFWORD_VERSION}});
  else
    output.print_document(Json{{"help", line.text}});
  return 0;
}

int run(const CommandLine& line, Output& output) {
  switch (line.command) {
    case Command::inspect:
      return run_inspect(line, output);
    case Command::call:
      return run_call(line, output);
    case Command::doctor:
      return run_doctor(line, output);
    case Command::help_errors:
      return run_help_errors(line, output);
    default:
      return show_text(line, output);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments = program_arguments(argc, argv);
  const Result<CommandLine> line = parse_command_line(arguments);
  Output output(line ? line->json : asks_for_json(arguments));
  int status;
  try {
    status = line ? run(*line, output) : output.fail(line.error());
  } catch (const std::bad_alloc&) {
    status = output.fail(fail(ErrorCode::no_memory, "this process has no more memory").error());
  }
  if (output.flush()) return status;
  std::fprintf(stderr, "halfword: environment: the output could not be written\n");
  return describe(ErrorCode::environment).exit_status;
}
