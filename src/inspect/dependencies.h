// The libraries that a library needs, directly and through others: where each lies, or that it is missing.
// Called by report.h and by the client when a load fails. Reads files, runs nothing; a call uses only what it is given,
// so any thread. Trusts no library. Cost: each library is read once, at most 1000 of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inspect/image.h"
#include "inspect/places.h"

namespace halfword::inspect {

enum class Place {
  found,
  missing,
  system,        ///< Windows provides it without a file: an API set
  wrong_target,  ///< the loader takes a file of that name which is built for another target, and fails
  damaged,       ///< the loader takes a file of that name which is no library, and fails
  unknown,       ///< there is no system of that kind here in which to look
};

/// A file of the right name that does not fit.
struct Misfit {
  std::filesystem::path path;
  std::string reason;  ///< its target (`x86_64-linux`), or what is wrong with it
};

/// One library that is needed, by whomever.
struct ResolvedDependency {
  std::string name;  ///< as it was first asked for
  Place place = Place::missing;
  std::filesystem::path path;                 ///< where it was found, or the file that the loader fails at
  std::string why;                            ///< why there: "RUNPATH of libfoo.so", "the system folder"
  bool direct = false;                        ///< the library itself needs it, not only another dependency
  bool delayed = false;                       ///< needed only later, so the load does not fail without it
  bool from_system = false;                   ///< part of Windows or Wine
  std::vector<std::string> needed_by;         ///< names of libraries, each once
  std::string product;                        ///< "Visual C++ 2010 runtime"
  std::string advice;                         ///< what to do if it is missing, as a clause
  std::vector<Misfit> misfits;                ///< passed over or failed at
  std::vector<std::filesystem::path> nearby;  ///< fitting files where the loader does not look
  std::vector<std::string> searched;          ///< the folders, in order, if it was not found
};

/// A name that is imported and that the libraries found do not export.
struct MissingSymbol {
  std::string name;  ///< `#12` for an ordinal
  std::string version;
  std::string needed_by;
  std::string expected_in;  ///< empty where any library may provide it
  bool delayed = false;     ///< missed only when it is called
};

/// A version that a library needs of another and that the one found does not have: glibc's "version `GLIBC_2.38' not
/// found".
struct MissingVersion {
  std::string name;
  std::string needed_by;
  std::string expected_in;
};

struct Dependencies {
  std::vector<ResolvedDependency> list;  ///< in the order in which the loader comes to them
  std::vector<MissingSymbol> missing_symbols;
  std::vector<MissingVersion> missing_versions;
  bool complete = true;  ///< false: there are more libraries, or more missing names, than are followed
};

/// Finds all that the library at `path`, whose tables are `image`, needs, in the way its loader would.
/// ELF: glibc's rules, with the folders of `places.given` in the place of LD_LIBRARY_PATH.
/// PE: the rules of LoadLibraryEx with an altered search path: the library's folder, the given ones, the system's.
Dependencies find_dependencies(const std::filesystem::path& path, const Image& image, const Places& places);

/// The first dependency without which the load fails, or null.
const ResolvedDependency* first_obstacle(const Dependencies& dependencies);

/// The `dependency_missing` (or `wrong_bitness`) error for `obstacle` of the library at `path`: what is missing, who
/// needs it, where it was looked for, what to do.
Error dependency_error(const std::filesystem::path& path, const ResolvedDependency& obstacle);

const char* to_string(Place place);

}  // namespace halfword::inspect
