// Puts a report together and judges whether the library can be loaded. Called as report.h says; any thread.
#include "inspect/report.h"

#include "inspect/names.h"

namespace halfword::inspect {
namespace {

// Why no process of the file's own target can load it, whatever its dependencies are.
std::string obstacle_of_kind(const Image& image) {
  switch (image.kind) {
    case Kind::object:
      return "It is an object file: a linker makes libraries out of it.";
    case Kind::core:
      return "It is the memory of a process that crashed.";
    case Kind::executable:
      return "It is a program, not a library.";
    case Kind::shared_library:
      break;
  }
  if (image.pe.dotnet && image.pe.dotnet->il_only)
    return "It is a .NET assembly without machine code: it exports nothing that could be called.";
  if (image.format == Format::pe && image.pe.subsystem == 1 && !image.pe.wine_builtin)
    return "It is a part of the Windows kernel: no program loads it.";
  if (image.format == Format::elf && !image.elf.dynamic)
    return "It has no dynamic section, so the loader cannot use it.";
  if (image.elf.no_open) return "It is marked as one that cannot be loaded by dlopen (DF_1_NOOPEN).";
  return {};
}

std::string obstacle_of_dependencies(const Report& report) {
  if (const ResolvedDependency* obstacle = first_obstacle(report.dependencies))
    return dependency_error(report.path, *obstacle).message + ".";
  if (!report.dependencies.missing_versions.empty()) {
    const MissingVersion& version = report.dependencies.missing_versions[0];
    return printable(version.needed_by) + " needs version " + printable(version.name) + " of " +
           printable(version.expected_in) + ", and the one found has no such version.";
  }
  // On Windows a missing name ends the load; on Linux only a call of it does, unless the library says otherwise.
  for (const MissingSymbol& symbol : report.dependencies.missing_symbols)
    if (!symbol.delayed && (report.image.format == Format::pe || report.image.elf.bind_now))
      return printable(symbol.needed_by) + " imports " + printable(symbol.name) +
             (symbol.expected_in.empty() ? "" : " from " + printable(symbol.expected_in)) +
             ", which does not export it.";
  return {};
}

bool loads_in(const std::string& own_target, const Image& image) {
  return own_target == image.target || (own_target.starts_with("arm") && image.target == "arm-linux");
}

}  // namespace

Report make_report(const std::filesystem::path& path, Image image, const Places& places, std::string own_target) {
  Report report;
  report.path = path;
  report.own_target = std::move(own_target);
  report.dependencies = find_dependencies(path, image, places);
  report.image = std::move(image);
  const std::string kind = obstacle_of_kind(report.image);
  report.worker_obstacle = kind.empty() ? obstacle_of_dependencies(report) : kind;
  report.loadable_by_worker = report.worker_obstacle.empty();
  report.obstacle = report.worker_obstacle;
  // The bitness is what people ask about first, and it stays when the dependencies are there.
  if (kind.empty() && !loads_in(report.own_target, report.image))
    report.obstacle = "It is built for " + report.image.target + ".";
  report.loadable_here = report.obstacle.empty();
  return report;
}

Result<Report> inspect_file(const std::filesystem::path& path, const PlaceOptions& options) {
  auto image = read_library(path);
  if (!image) return propagate(image);
  return make_report(path, std::move(*image), system_places(options), own_target());
}

}  // namespace halfword::inspect
