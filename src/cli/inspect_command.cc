// `halfword inspect`: the report on a file, and what the real loader says in a worker.
#include "cli/commands.h"
#include "cli/loading.h"
#include "client/locate.h"
#include "inspect/names.h"
#include "inspect/report.h"
#include "inspect/report_json.h"

namespace halfword::cli {
namespace {

// A bare name is looked for where `call` would look; a file that is not found, or no library, is inspect's to judge.
std::filesystem::path path_of(const CommandLine& line) {
  const std::filesystem::path given(line.file);
  std::error_code ignored;
  if (given.has_parent_path() || std::filesystem::exists(given, ignored)) return given;
  const Result<LibraryFile> found = locate_library(line.file, line.search);
  return found ? std::filesystem::path(found->path) : given;
}

/// What came of the test load.
struct Trial {
  bool callable = false;
  std::string not_made;        ///< why there was none; empty if there was
  std::optional<Error> error;  ///< why the load failed
};

Trial try_to_load(inspect::Report& report, const CommandLine& line) {
  if (!line.load) return {report.loadable_here || report.loadable_by_worker, "it was not wanted (--no-load)", {}};
  const std::string file = inspect::path_text(report.path);
  if (report.image.kind != inspect::Kind::shared_library) return {false, "the file is no library", {}};
  if (const Result<WorkerProgram> worker = find_worker(report.image.target, line.search); !worker) {
    if (report.loadable_here) return {true, "this process can load it itself", {}};
    return {false, worker.error().message, worker.error()};
  }
  const Result<LoadedLibrary> loaded = load_library(file, line.search);
  inspect::LoaderAnswer answer;
  answer.target = report.image.target;
  answer.loaded = loaded.has_value();
  if (!loaded) {
    answer.system_number = loaded.error().system_number;
    answer.system_text = loaded.error().system_text.empty() ? loaded.error().message : loaded.error().system_text;
  }
  // A worker that could not be started says nothing about the library.
  if (!loaded && describe(loaded.error().code).exit_status == 5)
    return {report.loadable_here, loaded.error().message, loaded.error()};
  report.loader = answer;
  return {answer.loaded || report.loadable_here, "", loaded ? std::optional<Error>() : loaded.error()};
}

Json document_of(const inspect::Report& report, const Trial& trial) {
  Json document = inspect::to_json(report);
  document["callable"] = trial.callable;
  if (!trial.not_made.empty()) document["test_load"] = {{"made", false}, {"reason", trial.not_made}};
  if (trial.error) document["test_load"]["error"] = to_json(*trial.error);
  return document;
}

}  // namespace

int run_inspect(const CommandLine& line, Output& output) {
  inspect::PlaceOptions places;
  for (const std::string& folder : line.search) places.search.emplace_back(folder);
  Result<inspect::Report> report = inspect::inspect_file(path_of(line), places);
  if (!report) return output.fail(report.error());
  const Trial trial = try_to_load(*report, line);
  if (output.json()) {
    output.print_document(document_of(*report, trial));
  } else {
    output.print(inspect::to_text(*report, {output.colour(), SIZE_MAX}));
    output.print("\n");
    if (!trial.not_made.empty()) output.print("No test load was made: " + trial.not_made + "\n");
    if (trial.callable) {
      output.print(output.paint(Colour::green, "It can be called from here.") + "\n");
    } else {
      output.print(output.paint(Colour::red, "It cannot be called from here.") + "\n");
      if (trial.error) output.print("  " + std::string(describe(trial.error->code).advice) + "\n");
    }
  }
  return trial.callable ? 0 : 1;
}

}  // namespace halfword::cli
