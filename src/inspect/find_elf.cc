// Searches for shared libraries as glibc's loader does. Called by dependencies.cc; one thread; trusts no library.
// Source: the manual page ld.so(8) and glibc's elf/dl-load.c. Left out, since they only choose between builds of one
// library for newer processors: the folders glibc-hwcaps and the special entries of the cache while there are others.
#include <algorithm>
#include <map>
#include <set>

#include "inspect/finder.h"
#include "inspect/ld_cache.h"
#include "inspect/names.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

// Debian's names of folders, which are also those that its glibc puts in the place of $LIB.
std::string multiarch(const Image& image) {
  if (image.machine == "i386") return "i386-linux-gnu";
  if (image.machine == "armhf") return "arm-linux-gnueabihf";
  if (image.machine == "armel" || image.machine == "arm") return "arm-linux-gnueabi";
  if (image.machine == "x32") return "x86_64-linux-gnux32";
  if (image.machine == "powerpc64le") return "powerpc64le-linux-gnu";
  return image.machine + "-linux-gnu";
}

// A library can name a million folders, and a search looks into each.
constexpr std::size_t kMostFolders = 256;

class ElfFinder : public Finder {
 public:
  ElfFinder(const Image& first, const Places& places);
  Finding find(const std::string& name, const Module& module) override;
  std::string key(const std::string& name) const override { return name; }

 private:
  struct Search {
    const std::string& name;
    const Module& module;
    Finding finding;
    bool done = false;
    bool over() const { return done || finding.searched.size() >= kMostFolders; }
  };

  void try_folder(const fs::path& folder, const std::string& why, Search& search);
  void try_path(const std::vector<std::string>& entries, const char* what, const Module& module, Search& search);
  void try_rpaths(Search& search);
  void try_cache(Search& search);
  void try_default_folders(Search& search);
  void look_nearby(Search& search);
  std::vector<fs::path> expand(const std::string& path, const Module& module) const;
  fs::path below_root(const fs::path& absolute) const { return places_.root / absolute.relative_path(); }

  Image wanted_;  // of the first library: target only
  const Places& places_;
  std::multimap<std::string, std::pair<std::string, bool>> cache_;
  bool cached_ = false;
  std::vector<fs::path> configured_;
};

ElfFinder::ElfFinder(const Image& first, const Places& places) : places_(places) {
  wanted_.format = first.format;
  wanted_.machine = first.machine;
  wanted_.os = first.os;
  wanted_.target = first.target;
  wanted_.bits = first.bits;
  if (!places.elf) return;
  configured_ = read_ld_configuration(places.root);
  const auto bytes = read_file(places.root / "etc" / "ld.so.cache");
  if (!bytes) return;
  for (CacheEntry& entry : read_ld_cache(bytes->span()))
    cache_.emplace(std::move(entry.name), std::pair(std::move(entry.path), entry.special));
  cached_ = !cache_.empty();
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// $ORIGIN, $LIB and $PLATFORM. What $LIB and $PLATFORM mean was decided when that system's glibc was built.
std::vector<fs::path> ElfFinder::expand(const std::string& path, const Module& module) const {
  constexpr std::size_t kLongest = 8192;
  if (path.empty()) return {places_.current};
  if (path.size() > kLongest) return {};
  if (path.find('$') == std::string::npos) return {fs::path(path)};
  const std::string platform = wanted_.machine == "i386"    ? "i686"
                               : wanted_.machine == "armhf" ? "v7l"
                                                            : wanted_.machine;
  std::vector<fs::path> results;
  for (const std::string& lib : {"lib/" + multiarch(wanted_), std::string(wanted_.bits == 64 ? "lib64" : "lib")}) {
    std::string expanded = path;
    for (const char* token : {"$ORIGIN", "${ORIGIN}"})
      replace_all(expanded, token, path_text(module.path.parent_path()));
    for (const char* token : {"$LIB", "${LIB}"}) replace_all(expanded, token, lib);
    for (const char* token : {"$PLATFORM", "${PLATFORM}"}) replace_all(expanded, token, platform);
    if (expanded.size() > kLongest) continue;
    if (results.empty() || results.back() != expanded) results.emplace_back(expanded);
  }
  return results;
}

void ElfFinder::try_folder(const fs::path& folder, const std::string& why, Search& search) {
  if (search.over()) return;
  const std::string text = path_text(folder);
  // On Windows such a name would make the system ask another computer.
  if (text.starts_with("//") || text.starts_with("\\\\")) return;
  auto& searched = search.finding.searched;
  if (std::find(searched.begin(), searched.end(), text) == searched.end()) searched.push_back(text);
  const Fit fit = try_file(folder / search.name, why, wanted_, search.finding);
  // glibc goes on behind a library of another class or machine, and ends at a file that is none.
  search.done = fit == Fit::fits || fit == Fit::damaged;
}

void ElfFinder::try_path(const std::vector<std::string>& entries, const char* what, const Module& module,
                         Search& search) {
  for (const std::string& entry : entries) {
    if (search.over()) return;
    for (const fs::path& folder : expand(entry, module)) try_folder(folder, what + module.name, search);
  }
}

// DT_RPATH of the library, of the one that asked for it, and so on; none of them if the library has a DT_RUNPATH.
void ElfFinder::try_rpaths(Search& search) {
  if (!search.module.image.elf.runpath.empty()) return;
  for (const Module* module = &search.module; module; module = module->loader)
    if (module->image.elf.runpath.empty()) try_path(module->image.elf.rpath, "RPATH of ", *module, search);
}

void ElfFinder::try_cache(Search& search) {
  const auto [first, last] = cache_.equal_range(search.name);
  for (const bool special : {false, true}) {
    for (auto entry = first; entry != last && !search.done; ++entry) {
      if (entry->second.second != special) continue;
      const Fit fit = try_file(below_root(entry->second.first), "ld.so.cache", wanted_, search.finding);
      search.done = fit == Fit::fits || fit == Fit::damaged;
    }
  }
}

void ElfFinder::try_default_folders(Search& search) {
  std::vector<std::string> folders = {"lib/" + multiarch(wanted_), "usr/lib/" + multiarch(wanted_)};
  if (wanted_.bits == 64) folders.insert(folders.end(), {"lib64", "usr/lib64"});
  folders.insert(folders.end(), {"lib", "usr/lib"});
  for (const std::string& folder : folders) try_folder(places_.root / folder, "the system's folders", search);
}

// Where people put libraries and the loader does not look: beside the library, and in folders that ldconfig has not
// been told of again.
void ElfFinder::look_nearby(Search& search) {
  std::set<fs::path> folders;
  for (const Module* module = &search.module; module; module = module->loader)
    folders.insert(module->path.parent_path());
  if (cached_) folders.insert(configured_.begin(), configured_.end());
  std::size_t looked = 0;
  for (const fs::path& folder : folders) {
    if (++looked > kMostFolders) return;
    Finding apart;
    if (try_file(folder / search.name, "", wanted_, apart) == Fit::fits) search.finding.nearby.push_back(apart.path);
    for (Misfit& misfit : apart.misfits) {
      auto& misfits = search.finding.misfits;
      const auto same = [&](const Misfit& other) { return other.path == misfit.path; };
      if (std::none_of(misfits.begin(), misfits.end(), same)) misfits.push_back(std::move(misfit));
    }
  }
}

Finding ElfFinder::find(const std::string& name, const Module& module) {
  Search search{name, module, {}, false};
  if (name.find('/') != std::string::npos) {
    for (const fs::path& path : expand(name, module)) {
      if (search.done || path_text(path).starts_with("//")) break;
      search.finding.searched.push_back(path_text(path));
      search.done = try_file(path, "its path", wanted_, search.finding) != Fit::absent;
    }
  } else {
    try_rpaths(search);
    for (const Folder& folder : places_.given) try_folder(places_.current / folder.path, folder.why, search);
    try_path(module.image.elf.runpath, "RUNPATH of ", module, search);
    if (places_.elf && !module.image.elf.no_default_dirs) {
      // The loader itself reads no configuration; its folders count where there is no cache made from it.
      if (cached_ && !search.done) {
        search.finding.searched.push_back("ld.so.cache");
        try_cache(search);
      }
      if (!cached_)
        for (const fs::path& folder : configured_) try_folder(folder, "ld.so.conf", search);
      try_default_folders(search);
    }
    if (!search.done && places_.elf) look_nearby(search);
  }
  if (search.finding.place == Place::missing && !places_.elf) search.finding.place = Place::unknown;
  return std::move(search.finding);
}

}  // namespace

std::unique_ptr<Finder> make_elf_finder(const Image& first, const Places& places) {
  return std::make_unique<ElfFinder>(first, places);
}

}  // namespace halfword::inspect
