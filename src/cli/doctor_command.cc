// `halfword doctor`: starts a worker for every target that a client of this system has, and says what the system
// offers.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/system.h"
#include "client/library.h"
#include "client/locate.h"
#include "inspect/names.h"
#include "inspect/places.h"
#include "platform/clock.h"
#include "platform/last_error.h"

namespace halfword::cli {
namespace {

/// What came of starting one worker.
struct Trial {
  std::string target;
  std::string program;
  std::optional<Error> error;
  std::int64_t start_ns = 0;
  std::uint64_t window_address = 0;
  std::uint64_t client_address = 0;
  std::uint64_t window_size = 0;
  const char* wake_up = "";
  std::vector<Need> needs;
};

struct Diagnosis {
  std::vector<Trial> trials;
  WineFacts wine;
  std::vector<Fact> sandbox;
  std::vector<std::pair<std::string, bool>> folders;  ///< where dependencies are looked for, and whether it is there
};

// A Windows client runs no Linux libraries.
std::vector<std::string> expected_targets() {
  if (kWindowsClient) return {"i386-windows"};
  return {"i386-linux", "i386-windows"};
}

const char* name_of(wire::Wake wake) {
  switch (wake) {
    case wire::Wake::futex:
      return "futex";
    case wire::Wake::event:
      return "event";
    case wire::Wake::pipe:
      return "pipe";
  }
  return "unknown";
}

void start(Trial& trial, WorkerProgram program) {
  const OpenOptions environment = default_options();
  WorkerOptions options;
  options.program = std::move(program);
  options.mode = environment.window;
  options.window_address = environment.window_address;
  options.wait = environment.wait;
  options.library = "nothing";
  const std::int64_t begin = monotonic_ns();
  const Result<std::shared_ptr<Worker>> worker = Worker::start(std::move(options));
  trial.start_ns = monotonic_ns() - begin;
  if (!worker) {
    trial.error = worker.error();
    return;
  }
  const Window& window = (*worker)->window();
  trial.window_address = window.worker_base();
  trial.client_address = reinterpret_cast<std::uintptr_t>(window.base());
  trial.window_size = window.size();
  trial.wake_up = name_of(static_cast<wire::Wake>(window.header().wake));
  (*worker)->end();
}

Trial try_target(const std::string& target, const CommandLine& line, const WineFacts& wine) {
  Trial trial;
  trial.target = target;
  Result<WorkerProgram> program = find_worker(target, line.search);
  if (!program) {
    trial.error = program.error();
    trial.needs.push_back({"the worker for " + target, reinstall_advice()});
    return trial;
  }
  trial.program = program->path;
  start(trial, std::move(*program));
  if (trial.error) trial.needs = missing_needs(target, wine);
  return trial;
}

Diagnosis diagnose(const CommandLine& line) {
  Diagnosis diagnosis;
  diagnosis.wine = wine_facts();
  diagnosis.sandbox = sandbox_facts();
  for (const std::string& target : expected_targets())
    diagnosis.trials.push_back(try_target(target, line, diagnosis.wine));
  inspect::PlaceOptions options;
  for (const std::string& folder : line.search) options.search.emplace_back(folder);
  for (const inspect::Folder& folder : inspect::system_places(options).given) {
    std::error_code ignored;
    diagnosis.folders.emplace_back(inspect::path_text(folder.path),
                                   std::filesystem::is_directory(folder.path, ignored));
  }
  return diagnosis;
}

int status_of(const Diagnosis& diagnosis) {
  std::size_t working = 0;
  for (const Trial& trial : diagnosis.trials) working += trial.error ? 0 : 1;
  if (working == diagnosis.trials.size()) return 0;
  return working == 0 ? describe(ErrorCode::environment).exit_status : 1;
}

std::string hexadecimal(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// ---- JSON ----

Json document_of(const Trial& trial) {
  Json object = {{"target", trial.target}, {"works", !trial.error}};
  if (!trial.program.empty()) object["program"] = inspect::printable(trial.program);
  if (trial.error) {
    object["error"] = to_json(*trial.error);
  } else {
    object["protocol"] = wire::kProtocolVersion;
    object["start_ns"] = trial.start_ns;
    object["window"] = {{"address", hexadecimal(trial.window_address)},
                        {"client_address", hexadecimal(trial.client_address)},
                        {"size", trial.window_size},
                        {"same_addresses", trial.window_address == trial.client_address}};
    object["wake_up"] = trial.wake_up;
  }
  object["missing"] = Json::array();
  for (const Need& need : trial.needs) object["missing"].push_back({{"what", need.what}, {"command", need.command}});
  return object;
}

Json document_of(const Diagnosis& diagnosis) {
  Json document = {{"version", HALFWORD_VERSION},
                   {"target", inspect::own_target()},
                   {"system", system_name()},
                   {"works", status_of(diagnosis) == 0},
                   {"workers", Json::array()}};
  for (const Trial& trial : diagnosis.trials) document["workers"].push_back(document_of(trial));
  const WineFacts& wine = diagnosis.wine;
  if (wine.needed)
    document["wine"] = {{"found", !wine.program.empty()},
                        {"program", inspect::printable(wine.program)},
                        {"version", inspect::printable(wine.version)},
                        {"prefix", inspect::printable(wine.prefix)},
                        {"prefix_is_own", wine.prefix_is_own},
                        {"prefix_exists", wine.prefix_exists}};
  document["sandbox"] = Json::array();
  for (const Fact& fact : diagnosis.sandbox)
    document["sandbox"].push_back({{"name", fact.name}, {"present", fact.present}, {"detail", fact.detail}});
  document["search"] = Json::array();
  for (const auto& [folder, is_there] : diagnosis.folders)
    document["search"].push_back({{"folder", inspect::printable(folder)}, {"exists", is_there}});
  return document;
}

// ---- text ----

class Report {
 public:
  explicit Report(Output& output) : output_(output) {}

  void row(const std::string& name, bool good, const std::string& text) {
    std::string padded = name;
    padded.resize(std::max<std::size_t>(name.size() + 1, 18), ' ');
    const std::string mark = good ? output_.paint(Colour::green, "yes") : output_.paint(Colour::red, "no ");
    output_.print("  " + padded + mark + "  " + inspect::printable(text) + "\n");
  }
  void heading(const std::string& text) { output_.print("\n" + output_.paint(Colour::bold, text) + "\n"); }
  void detail(const std::string& text) { output_.print(std::string(25, ' ') + inspect::printable(text) + "\n"); }

 private:
  Output& output_;
};

void print_trial(const Trial& trial, Report& report) {
  if (trial.error) {
    report.row(trial.target, false, trial.program.empty() ? "its worker is not installed" : trial.error->message);
    for (const Need& need : trial.needs) report.detail("missing: " + need.what + "; to get it: " + need.command);
    if (trial.needs.empty()) report.detail(describe(trial.error->code).advice);
    return;
  }
  report.row(
      trial.target, true,
      "started in " + show_duration(trial.start_ns) + ", speaks protocol " + std::to_string(wire::kProtocolVersion));
  std::string window = std::to_string(trial.window_size >> 20) + " MiB at " + hexadecimal(trial.window_address);
  window += trial.window_address == trial.client_address ? " in both processes"
                                                         : ", here at " + hexadecimal(trial.client_address);
  report.detail("window: " + window + "; wake-up: " + trial.wake_up);
  report.detail(trial.program);
}

void print_text(const Diagnosis& diagnosis, Output& output) {
  Report report(output);
  output.print(output.paint(Colour::bold, "halfword " HALFWORD_VERSION) + " for " + inspect::own_target() + " on " +
               system_name() + "\n");
  report.heading("Workers");
  for (const Trial& trial : diagnosis.trials) print_trial(trial, report);
  const WineFacts& wine = diagnosis.wine;
  if (wine.needed) {
    report.heading("Wine, for Windows libraries");
    const bool found = !wine.program.empty();
    report.row("wine", found, found ? wine.version + ", " + wine.program : "there is no wine in PATH");
    report.detail("prefix: " + wine.prefix + (wine.prefix_is_own ? ", halfword's own" : ", from WINEPREFIX") +
                  (wine.prefix_exists ? "" : ", made at first use"));
  }
  report.heading("Sandbox features of the system");
  for (const Fact& fact : diagnosis.sandbox) report.row(fact.name, fact.present, fact.detail);
  if (!diagnosis.folders.empty()) report.heading("Folders with dependencies");
  for (const auto& [folder, is_there] : diagnosis.folders)
    report.row(folder, is_there, is_there ? "" : "there is no such folder");
}

}  // namespace

int run_doctor(const CommandLine& line, Output& output) {
  const Diagnosis diagnosis = diagnose(line);
  if (output.json())
    output.print_document(document_of(diagnosis));
  else
    print_text(diagnosis, output);
  return status_of(diagnosis);
}

}  // namespace halfword::cli
