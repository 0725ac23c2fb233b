// The near side of measured_program.h; see program_row.h.
#include <cstdlib>
#include <filesystem>

#include "program_row.h"

namespace halfword::bench {

Result<void> ProgramRow::open() {
  std::vector<std::string> files = options_.files;
  files.push_back(options_.arguments[0]);
  for (const std::string& file : files) {
    if (!std::filesystem::exists(file)) {
      return fail(ErrorCode::file_not_found, file + " is not there; " + options_.missing);
    }
  }
  auto input = make_pipe();
  if (!input) return propagate(input);
  auto output = make_pipe();
  if (!output) return propagate(output);
  auto program = ChildProcess::start(options_.arguments, {{input->first.number(), 0}, {output->second.number(), 1}},
                                     options_.environment);
  if (!program) return propagate(program);
  program_ = std::move(*program);
  to_program_ = std::move(input->second);
  from_program_ = std::move(output->first);
  output->second.close();  // so that its end is noticed

  auto line = read_line(from_program_.number(), unread_);
  if (!line) return fail(ErrorCode::environment, options_.arguments[0] + " ended before its first call");
  if (*line != "ready") return fail(ErrorCode::environment, options_.arguments[0] + " said: " + *line);
  // The program is the client's side, what it has started is the worker's.
  if (auto bound = bind_process(program_.id(), {placement_.client}); !bound) return bound;
  for (const pid_t process : descendants(program_.id())) {
    if (auto bound = bind_process(process, {placement_.worker}); !bound) return bound;
  }
  return {};
}

Result<Samples> ProgramRow::run(std::uint64_t iterations, std::uint64_t batch) {
  const std::string order = std::to_string(iterations) + " " + std::to_string(batch) + "\n";
  if (auto written = write_all(to_program_.number(), order); !written) return propagate(written);
  auto line = read_line(from_program_.number(), unread_);
  if (!line) return propagate(line);
  if (!line->starts_with("ok")) return fail(ErrorCode::environment, options_.arguments[0] + " said: " + *line);
  Samples samples;
  const char* next = line->c_str() + 2;
  for (char* end = nullptr;; next = end) {
    const double sample = std::strtod(next, &end);
    if (end == next) break;
    samples.push_back(sample);
  }
  if (samples.empty()) return fail(ErrorCode::protocol_error, options_.arguments[0] + " measured nothing");
  return samples;
}

ProgramRow::~ProgramRow() {
  to_program_.close();
  program_.wait(3000);
}

}  // namespace halfword::bench
