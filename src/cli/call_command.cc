// `halfword call`: one function of a library, called with what the user wrote.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/error_names.h"
#include "cli/loading.h"
#include "cli/viewer.h"
#include "inspect/names.h"
#include "interface/layout.h"
#include "platform/clock.h"
#include "platform/last_error.h"

namespace halfword::cli {
namespace {

struct Times {
  std::int64_t least = 0;
  std::int64_t median = 0;
  std::int64_t p99 = 0;
};

/// All that came of the calls.
struct Outcome {
  std::vector<std::byte> result;
  int error_number = 0;
  std::uint32_t last_error = 0;
  std::vector<std::int64_t> times;  ///< ns, sorted
};

Times times_of(const std::vector<std::int64_t>& sorted) {
  const std::size_t last = sorted.size() - 1;
  return {sorted[0], sorted[last / 2], sorted[last * 99 / 100 + (last * 99 % 100 != 0)]};
}

Result<Outcome> make_calls(Function& function, ArgumentList& arguments, const CommandLine& line) {
  Outcome outcome;
  outcome.result.resize(std::max<std::size_t>(function.plan().result_size(), 1));
  outcome.times.reserve(line.repeat);
  for (std::uint32_t call = 1; call <= line.repeat; ++call) {
    arguments.reset();
    errno = 0;
    set_last_error(0);
    const std::int64_t begin = monotonic_ns();
    Result<void> done = function.call(outcome.result.data(), arguments.pointers(), line.deadline_ns);
    const int error_number = errno;
    const std::int64_t end = monotonic_ns();
    if (!done && line.repeat > 1)
      done.error().message += " (call " + std::to_string(call) + " of " + std::to_string(line.repeat) + ")";
    if (!done) return propagate(done);
    outcome.times.push_back(end - begin);
    outcome.error_number = error_number;
    outcome.last_error = get_last_error();
  }
  std::sort(outcome.times.begin(), outcome.times.end());
  return outcome;
}

/// Everything that a call was, for the two ways to show it.
struct Call {
  const CommandLine& line;
  Library& library;
  const model::Prototype& prototype;
  const ArgumentList& arguments;
  const Outcome& outcome;

  bool is_windows() const { return model::rules(library.target()).windows; }
  const model::Type& result_type() const { return *prototype.function.signature.result.type; }
  bool is_void() const { return result_type().kind == model::Kind::void_type; }
  std::string function_name() const { return prototype.function.name.empty() ? line.symbol : prototype.function.name; }

  /// The result where it is an integer: extents may depend on it.
  std::optional<std::int64_t> integer_result() const {
    if (!model::is_integer(result_type())) return std::nullopt;
    std::int64_t value = 0;
    const std::size_t size = std::min(outcome.result.size(), sizeof value);
    std::memcpy(&value, outcome.result.data(), size);
    const unsigned unused = 64 - static_cast<unsigned>(size) * 8;
    return is_signed_type(result_type()) ? value << unused >> unused : value;
  }
};

std::string parameter_name(const Argument& argument, std::size_t index) {
  return argument.parameter->name.empty() ? "argument " + std::to_string(index + 1) : argument.parameter->name;
}

Json times_document(const Outcome& outcome) {
  const Times times = times_of(outcome.times);
  return {{"calls", outcome.times.size()}, {"min_ns", times.least}, {"median_ns", times.median}, {"p99_ns", times.p99}};
}

Json named_number(std::uint32_t number, const std::string& name) {
  Json object = {{"number", number}};
  if (!name.empty()) object["name"] = name;
  return object;
}

Json document_of(const Call& call, Viewer& viewer) {
  Json document = {{"file", inspect::printable(call.library.file())},
                   {"target", call.library.target_name()},
                   {"function", call.function_name()}};
  document["result_type"] = text_of(call.result_type());
  document["result"] =
      call.is_void()
          ? Json()
          : viewer.value(call.result_type(), call.prototype.function.signature.result.words, call.outcome.result.data())
                .json;
  document["parameters"] = Json::array();
  const std::vector<Argument>& arguments = call.arguments.arguments();
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const Argument& argument = arguments[index];
    if (!argument.is_shown) continue;
    document["parameters"].push_back({{"index", index + 1},
                                      {"name", argument.parameter->name},
                                      {"type", text_of(*argument.parameter->type)},
                                      {"value", viewer.buffer(argument, arguments, call.integer_result()).json}});
  }
  document["errno"] =
      named_number(static_cast<std::uint32_t>(call.outcome.error_number), errno_name(call.outcome.error_number));
  if (call.is_windows())
    document["last_error"] = named_number(call.outcome.last_error, windows_error_name(call.outcome.last_error));
  document["time"] = times_document(call.outcome);
  return document;
}

std::string text_of_time(const Outcome& outcome) {
  const Times times = times_of(outcome.times);
  if (outcome.times.size() == 1) return show_duration(times.median);
  return "min " + show_duration(times.least) + ", median " + show_duration(times.median) + ", p99 " +
         show_duration(times.p99) + " of " + std::to_string(outcome.times.size()) + " calls";
}

void print_text(const Call& call, Viewer& viewer, Output& output) {
  std::vector<std::pair<std::string, std::string>> rows;
  if (!call.is_void())
    rows.emplace_back(
        "result",
        viewer.value(call.result_type(), call.prototype.function.signature.result.words, call.outcome.result.data())
            .text);
  const std::vector<Argument>& arguments = call.arguments.arguments();
  for (std::size_t index = 0; index < arguments.size(); ++index)
    if (arguments[index].is_shown)
      rows.emplace_back(parameter_name(arguments[index], index),
                        viewer.buffer(arguments[index], arguments, call.integer_result()).text);
  const int number = call.outcome.error_number;
  rows.emplace_back("errno", std::to_string(number) +
                                 (number == 0 ? "" : " " + errno_name(number) + " (" + std::strerror(number) + ")"));
  if (call.is_windows())
    rows.emplace_back("last error",
                      std::to_string(call.outcome.last_error) +
                          (call.outcome.last_error == 0 ? "" : " " + windows_error_name(call.outcome.last_error)));
  rows.emplace_back("time", text_of_time(call.outcome));
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  for (auto& [name, value] : rows)
    output.print(output.paint(Colour::grey, name + std::string(width - name.size() + 2, ' ')) + value + "\n");
}

Error in_function(Error error, const std::string& function) {
  if (!function.empty()) error.message.insert(0, function + ": ");
  error.function = function;
  return error;
}

// A prototype that was given without a name needs one of an export.
Result<void> check_name(const model::Prototype& prototype, const CommandLine& line) {
  if (!prototype.function.name.empty() || !line.symbol.empty()) return {};
  return fail(ErrorCode::argument_type, "the prototype names no function; write its name, or give --symbol");
}

}  // namespace

int run_call(const CommandLine& line, Output& output) {
  // First what needs no worker, so that a slip of the hand is told at once.
  model::Position position;
  const Result<model::Prototype> prototype = model::parse_prototype(line.prototype, &position);
  if (!prototype) return output.fail(prototype.error(), caret(line.prototype, position));
  if (Result<void> named = check_name(*prototype, line); !named) return output.fail(named.error());
  Result<LoadedLibrary> loaded = load_library(line.file, line.search);
  if (!loaded) return output.fail(loaded.error());
  Library& library = *loaded->library;
  const Result<std::unique_ptr<Function>> function = Function::create(library, line.prototype, line.symbol);
  if (!function) return output.fail(function.error());
  const Result<std::unique_ptr<ArgumentList>> arguments =
      ArgumentList::create(library, prototype->function.signature, line.arguments);
  if (!arguments) return output.fail(in_function(arguments.error(), prototype->function.name));
  const Result<Outcome> outcome = make_calls(**function, **arguments, line);
  if (!outcome) return output.fail(outcome.error());
  const Call call{line, library, *prototype, **arguments, *outcome};
  Viewer viewer(library, (*arguments)->memory());
  if (output.json())
    output.print_document(document_of(call, viewer));
  else
    print_text(call, viewer, output);
  return 0;
}

}  // namespace halfword::cli
