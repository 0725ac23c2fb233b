// Whether the names and versions that ELF libraries import exist in the libraries that were found.
// Called by dependencies.cc; one thread; trusts no library. Source: glibc's elf/dl-lookup.c (check_match) and
// elf/dl-version.c.
#include <algorithm>
#include <map>

#include "inspect/finder.h"

namespace halfword::inspect {
namespace {

constexpr std::size_t kMostMissing = 10'000;

struct Definition {
  std::string_view name;
  const Export* symbol;
  bool versioned_library;
};

// All definitions of all libraries, sorted by name: not hashed, since a library could make its names collide.
class Scope {
 public:
  explicit Scope(const std::vector<std::unique_ptr<Module>>& modules) {
    for (const auto& module : modules)
      for (const Export& symbol : module->image.exports)
        definitions_.push_back({symbol.name, &symbol, !module->image.elf.versions.empty()});
    std::sort(definitions_.begin(), definitions_.end(),
              [](const Definition& a, const Definition& b) { return a.name < b.name; });
  }

  bool provides(const Import& wanted) const {
    auto at = std::lower_bound(definitions_.begin(), definitions_.end(), std::string_view(wanted.name),
                               [](const Definition& a, std::string_view name) { return a.name < name; });
    // A library that defines one name in thousands of versions would make each look-up walk them all.
    constexpr int kMostVersions = 1000;
    for (int i = 0; at != definitions_.end() && at->name == wanted.name && i < kMostVersions; ++at, ++i)
      if (matches(*at, wanted)) return true;
    return false;
  }

 private:
  static bool matches(const Definition& definition, const Import& wanted) {
    if (wanted.version.empty()) return definition.symbol->fits_unversioned;
    // A symbol of no version fits every need.
    return definition.symbol->version.empty() || definition.symbol->version == wanted.version;
  }

  std::vector<Definition> definitions_;
};

void check_versions(const Module& module, const Dependency& dependency, const Image& provider, Dependencies& result) {
  std::vector<std::string> defined = provider.elf.versions;
  // Without any versions the loader only says that it has no version information.
  if (defined.empty()) return;
  std::sort(defined.begin(), defined.end());
  for (const NeededVersion& version : dependency.versions) {
    if (version.weak || std::binary_search(defined.begin(), defined.end(), version.name)) continue;
    if (result.missing_versions.size() >= kMostMissing) {
      result.complete = false;
      return;
    }
    result.missing_versions.push_back({version.name, module.name, dependency.name});
  }
}

void check_imports(const Module& module, const std::vector<Import>& imports, const std::string& expected_in,
                   const Scope& scope, Dependencies& result) {
  for (const Import& import : imports) {
    if (import.weak || scope.provides(import)) continue;
    if (result.missing_symbols.size() >= kMostMissing) {
      result.complete = false;
      return;
    }
    result.missing_symbols.push_back({import.name, import.version, module.name, expected_in, false});
  }
}

}  // namespace

void check_elf_symbols(const std::vector<std::unique_ptr<Module>>& modules, Dependencies& dependencies) {
  const Scope scope(modules);
  std::map<std::string_view, const Module*> by_name;
  for (const auto& module : modules) {
    by_name.try_emplace(module->name, module.get());
    if (!module->image.soname.empty()) by_name.try_emplace(module->image.soname, module.get());
  }
  for (const auto& module : modules) {
    bool all_found = true;
    for (const Dependency& dependency : module->image.dependencies) {
      const auto provider = by_name.find(dependency.name);
      // What a missing library would have provided is no news of its own.
      if (provider == by_name.end()) {
        all_found = false;
        continue;
      }
      check_versions(*module, dependency, provider->second->image, dependencies);
      check_imports(*module, dependency.imports, dependency.name, scope, dependencies);
    }
    if (all_found) check_imports(*module, module->image.elf.imports, "", scope, dependencies);
  }
}

}  // namespace halfword::inspect
