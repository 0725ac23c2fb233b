// Searches for DLLs as Windows and Wine do. Called by dependencies.cc; one thread; trusts no library.
// Source: Microsoft, "Dynamic-link library search order", for LOAD_WITH_ALTERED_SEARCH_PATH; Wine's
// dlls/ntdll/loader.c.
#include <algorithm>
#include <map>

#include "inspect/finder.h"
#include "inspect/names.h"
#include "inspect/runtime_names.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

std::string lowered(std::string_view name) {
  std::string result(name);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

class PeFinder : public Finder {
 public:
  PeFinder(const Module& first, const Places& places);
  Finding find(const std::string& name, const Module& module) override;
  std::string key(const std::string& name) const override;

 private:
  void try_folder(const Folder& folder, const std::string& name, bool from_system, Finding& finding);
  void try_side_by_side(const std::string& name, Finding& finding);
  fs::path file_in(const fs::path& folder, const std::string& name);
  bool done(const Finding& finding) const { return finding.place != Place::missing; }

  Image wanted_;  // of the first library: target only
  const Places& places_;
  Folder own_;
  // For file systems that tell `Foo.DLL` from `foo.dll`: each folder's names by their lower-case form.
  std::map<fs::path, std::map<std::string, std::string>> listings_;
};

PeFinder::PeFinder(const Module& first, const Places& places)
    : places_(places), own_{first.path.parent_path(), "the folder of " + first.name} {
  wanted_.format = first.image.format;
  wanted_.machine = first.image.machine;
  wanted_.os = first.image.os;
  wanted_.target = first.image.target;
  wanted_.bits = first.image.bits;
}

std::string PeFinder::key(const std::string& name) const {
  std::string key = lowered(name);
  if (key.find('.') == std::string::npos) key += ".dll";
  return key;
}

fs::path PeFinder::file_in(const fs::path& folder, const std::string& name) {
  constexpr std::size_t kMostNames = 100'000;
  std::error_code error;
  const fs::path exact = folder / name;
  if (!places_.case_sensitive || fs::exists(exact, error)) return exact;
  const auto [listing, fresh] = listings_.try_emplace(folder);
  if (fresh) {
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      if (listing->second.size() >= kMostNames) break;
      std::string file = path_text(entry->path().filename());
      std::string key = lowered(file);
      listing->second.emplace(std::move(key), std::move(file));
    }
  }
  const auto found = listing->second.find(lowered(name));
  return found == listing->second.end() ? exact : folder / found->second;
}

void PeFinder::try_folder(const Folder& folder, const std::string& name, bool from_system, Finding& finding) {
  if (done(finding)) return;
  finding.searched.push_back(path_text(folder.path));
  const fs::path file = file_in(folder.path, name);
  const Fit fit = try_file(file, folder.why, wanted_, finding);
  if (fit == Fit::fits) {
    // Wine's placeholder says that the library lies among Wine's own, which are searched next.
    if (finding.image.pe.wine_placeholder) {
      finding.place = Place::missing;
      finding.path.clear();
      finding.image = Image();
    }
    finding.from_system = from_system;
  } else if (fit == Fit::wrong_target && places_.stops_at_wrong_target) {
    finding.place = Place::wrong_target;
    finding.path = file;
    finding.why = folder.why;
  }
}

// The newest version is what Windows gives to a library that asks for an older one of the same assembly.
void PeFinder::try_side_by_side(const std::string& name, Finding& finding) {
  const std::string assembly = side_by_side_assembly(name);
  if (done(finding) || assembly.empty() || places_.side_by_side.empty()) return;
  const std::string start = (wanted_.bits == 64 ? "amd64_" : "x86_") + assembly + "_";
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(places_.side_by_side, error), end; !error && entry != end; entry.increment(error))
    if (lowered(path_text(entry->path().filename())).starts_with(start)) folders.push_back(entry->path());
  std::sort(folders.rbegin(), folders.rend());
  for (const fs::path& folder : folders) try_folder({folder, "a side-by-side assembly"}, name, true, finding);
}

Finding PeFinder::find(const std::string& name, const Module&) {
  Finding finding;
  if (is_api_set(name)) {
    finding.place = Place::system;
    finding.why = "an API set, which Windows maps to a library of its own";
    finding.from_system = true;
    return finding;
  }
  // A path in an import table is nothing that a linker writes; following it could even ask another computer.
  if (name.find_first_of("/\\:") != std::string::npos) return finding;
  const std::string file = key(name);
  const std::string& as_written = name.find('.') == std::string::npos ? file : name;
  const auto& system = wanted_.bits == 64 ? places_.windows_64 : places_.windows_32;
  const auto is_own = [&](const Folder& folder) { return folder.path == own_.path; };
  try_folder(own_, as_written, std::any_of(system.begin(), system.end(), is_own), finding);
  for (const Folder& folder : places_.given)
    try_folder({places_.current / folder.path, folder.why}, as_written, false, finding);
  for (const Folder& folder : system) try_folder(folder, as_written, true, finding);
  try_side_by_side(as_written, finding);
  for (const Folder& folder : places_.windows_last) try_folder(folder, as_written, false, finding);
  if (finding.place == Place::missing && !places_.windows) finding.place = Place::unknown;
  return finding;
}

}  // namespace

std::unique_ptr<Finder> make_pe_finder(const Module& first, const Places& places) {
  return std::make_unique<PeFinder>(first, places);
}

}  // namespace halfword::inspect
