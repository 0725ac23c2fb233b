// How the two loaders search, behind one interface; not for use outside src/inspect. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "inspect/dependencies.h"

namespace halfword::inspect {

/// A library that was found and read, or the one that it all starts with.
struct Module {
  std::string name;
  std::filesystem::path path;  ///< absolute
  Image image;
  const Module* loader = nullptr;  ///< the library whose need came first
  bool from_system = false;
  std::size_t entry = SIZE_MAX;  ///< its place in Dependencies::list; SIZE_MAX for the first
};

/// The outcome of one search.
struct Finding {
  Place place = Place::missing;
  std::filesystem::path path;
  std::string why;
  bool from_system = false;
  std::vector<Misfit> misfits;
  std::vector<std::filesystem::path> nearby;
  std::vector<std::string> searched;
  Image image;  ///< if found
};

class Finder {
 public:
  virtual ~Finder() = default;
  /// Searches as the loader would for `module`, which needs `name`.
  virtual Finding find(const std::string& name, const Module& module) = 0;
  /// What two names have in common that mean the same library.
  virtual std::string key(const std::string& name) const = 0;
};

std::unique_ptr<Finder> make_elf_finder(const Image& first, const Places& places);
std::unique_ptr<Finder> make_pe_finder(const Module& first, const Places& places);

/// Whether a library of `image`'s target can be loaded beside one of `wanted`'s.
bool same_target(const Image& image, const Image& wanted);

enum class Fit { absent, fits, wrong_target, damaged };
/// Looks at the file at `path`; fills in `finding` if it fits and adds a misfit if it does not.
Fit try_file(const std::filesystem::path& path, const std::string& why, const Image& wanted, Finding& finding);

/// Fills in the missing symbols and versions of `dependencies`.
void check_elf_symbols(const std::vector<std::unique_ptr<Module>>& modules, Dependencies& dependencies);

}  // namespace halfword::inspect
