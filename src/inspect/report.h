// Everything that `halfword inspect` says about one file, and its form for people.
// Called by the command and by the client when a library does not load; report_json.h has the form for programs.
// Any thread. Trusts no library: names out of files are shown with control characters written out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "inspect/dependencies.h"
#include "inspect/image.h"
#include "inspect/places.h"

namespace halfword::inspect {

/// What the real loader said in a worker. Filled in by whoever has one.
struct LoaderAnswer {
  bool loaded = false;
  std::string target;               ///< the worker's
  std::uint64_t system_number = 0;  ///< of a failure: 126, 127, 193 …; 0 on Linux, whose loader has only text
  std::string system_text;
};

struct Report {
  std::filesystem::path path;
  Image image;
  Dependencies dependencies;
  std::string own_target;      ///< of this process; empty if unknown
  bool loadable_here = false;  ///< by this process itself, as far as the file says
  std::string obstacle;        ///< why not, as a sentence (the target before what is missing); empty if loadable_here
  /// Whether a worker of the file's own target could load it, as far as the file and its dependencies say.
  bool loadable_by_worker = false;
  std::string worker_obstacle;  ///< why not, as a sentence
  std::optional<LoaderAnswer> loader;
};

/// Reads the file, resolves its dependencies, and judges. Errors: those of read_file and read_image; a file that is
/// read but cannot be loaded is no error.
Result<Report> inspect_file(const std::filesystem::path& path, const PlaceOptions& options = {});

/// The same from what is at hand: for tests, and for callers that have places of their own.
Report make_report(const std::filesystem::path& path, Image image, const Places& places, std::string own_target);

struct TextOptions {
  bool colour = false;
  std::size_t most_names = SIZE_MAX;  ///< of each list; what is left out is counted
};

/// The report for people, in several lines.
std::string to_text(const Report& report, const TextOptions& options = {});

}  // namespace halfword::inspect
