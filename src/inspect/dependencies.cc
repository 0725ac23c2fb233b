// Follows dependencies from library to library. Called as dependencies.h says; one thread per call; trusts no library.
#include "inspect/dependencies.h"

#include <algorithm>
#include <map>
#include <set>

#include "inspect/check_pe.h"
#include "inspect/finder.h"
#include "inspect/names.h"
#include "inspect/runtime_names.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

// Far more than any program has; a file can name millions, and each costs a search through all folders.
constexpr std::size_t kMostLibraries = 1000;
// In the place of an entry of the list: the library whose dependencies these are.
constexpr std::size_t kItself = SIZE_MAX;

class Walk {
 public:
  Walk(const fs::path& path, const Image& image, const Places& places);
  Dependencies run();

 private:
  std::optional<std::size_t> resolve(const std::string& name, const Module& module);
  std::size_t add(const std::string& name, const Module& module, Finding finding);
  const Module* module_at(std::size_t entry) const {
    return entry == kItself ? modules_[0].get() : module_of_entry_[entry];
  }
  void need(const std::string& name, bool delayed, const Module& module);
  void mark_delayed();
  void describe(ResolvedDependency& dependency) const;

  std::unique_ptr<Finder> finder_;
  std::vector<std::unique_ptr<Module>> modules_;  // the first is the library itself
  std::map<std::string, std::size_t> entries_;    // by key, into result_.list
  std::vector<const Module*> module_of_entry_;    // null where nothing was found
  struct Edge {
    std::size_t from;
    std::size_t to;
    bool delayed;
    bool operator<(const Edge& other) const {
      return std::tie(from, to, delayed) < std::tie(other.from, other.to, other.delayed);
    }
  };
  std::set<Edge> edges_;
  std::vector<std::set<std::size_t>> needed_by_;  // for each entry, the entries that need it
  Dependencies result_;
};

Walk::Walk(const fs::path& path, const Image& image, const Places& places) {
  auto first = std::make_unique<Module>();
  std::error_code error;
  first->path = fs::absolute(path, error).lexically_normal();
  first->name = path_text(path.filename());
  first->image = image;
  finder_ = image.format == Format::elf ? make_elf_finder(image, places) : make_pe_finder(*first, places);
  modules_.push_back(std::move(first));
  // Libraries that need each other lead back to the first.
  entries_[finder_->key(modules_[0]->name)] = kItself;
  if (image.format == Format::elf && !image.soname.empty()) entries_[finder_->key(image.soname)] = kItself;
}

std::size_t Walk::add(const std::string& name, const Module& module, Finding finding) {
  const std::size_t entry = result_.list.size();
  ResolvedDependency& dependency = result_.list.emplace_back();
  dependency.name = name;
  dependency.place = finding.place;
  dependency.path = finding.path;
  dependency.why = std::move(finding.why);
  dependency.from_system = finding.from_system;
  dependency.misfits = std::move(finding.misfits);
  dependency.nearby = std::move(finding.nearby);
  if (finding.place != Place::found) dependency.searched = std::move(finding.searched);
  needed_by_.emplace_back();
  module_of_entry_.push_back(nullptr);
  if (finding.place == Place::found) {
    auto found = std::make_unique<Module>();
    found->name = name;
    found->path = finding.path;
    found->image = std::move(finding.image);
    found->loader = &module;
    found->from_system = finding.from_system;
    found->entry = entry;
    // Another library may ask for it by the name that it gives itself.
    if (found->image.format == Format::elf && !found->image.soname.empty())
      entries_.try_emplace(finder_->key(found->image.soname), entry);
    module_of_entry_.back() = found.get();
    modules_.push_back(std::move(found));
  }
  return entry;
}

// The entry of `name`, made at the first need; nothing once there are too many.
std::optional<std::size_t> Walk::resolve(const std::string& name, const Module& module) {
  const std::string key = finder_->key(name);
  if (const auto known = entries_.find(key); known != entries_.end()) return known->second;
  if (result_.list.size() >= kMostLibraries) {
    result_.complete = false;
    return std::nullopt;
  }
  const std::size_t entry = add(name, module, finder_->find(name, module));
  entries_[key] = entry;
  return entry;
}

void Walk::need(const std::string& name, bool delayed, const Module& module) {
  const auto entry = resolve(name, module);
  if (!entry || *entry == kItself) return;
  edges_.insert({module.entry, *entry, delayed});
  needed_by_[*entry].insert(module.entry);
}

// What is reached without a delayed dependency on the way has to be there at load time.
void Walk::mark_delayed() {
  for (ResolvedDependency& dependency : result_.list) dependency.delayed = true;
  std::vector<std::size_t> open = {kItself};
  while (!open.empty()) {
    const std::size_t from = open.back();
    open.pop_back();
    for (auto edge = edges_.lower_bound({from, 0, false}); edge != edges_.end() && edge->from == from; ++edge) {
      if (edge->delayed || !result_.list[edge->to].delayed) continue;
      result_.list[edge->to].delayed = false;
      open.push_back(edge->to);
    }
  }
}

void Walk::describe(ResolvedDependency& dependency) const {
  const Image& first = modules_[0]->image;
  dependency.product = product_of(dependency.name, first.format);
  if (dependency.place == Place::found || dependency.place == Place::system) return;
  dependency.advice = advice_for(dependency.product, first.bits);
  if (!dependency.nearby.empty())
    dependency.advice = "it lies in " + path_text(dependency.nearby[0].parent_path()) +
                        ", where the loader does not look: name that folder with --search";
}

Dependencies Walk::run() {
  PeChecker checker;
  // The list grows while it is walked; forwarded exports lead to libraries that no import table names.
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    const Module& module = *modules_[i];
    for (const Dependency& dependency : module.image.dependencies)
      // What a part of Windows loads only on demand is no concern of the library's.
      if (!(module.from_system && dependency.delayed)) need(dependency.name, dependency.delayed, module);
    if (module.image.format == Format::elf) continue;
    for (const Dependency& dependency : module.image.dependencies) {
      if (module.from_system) continue;
      const auto find = [&](const std::string& name, const Module& by) -> const Module* {
        if (&by != &module) need(name, dependency.delayed, by);
        const auto entry = entries_.find(finder_->key(name));
        return entry == entries_.end() ? nullptr : module_at(entry->second);
      };
      checker.check(module, dependency, find, result_);
    }
  }
  if (modules_[0]->image.format == Format::elf) check_elf_symbols(modules_, result_);
  mark_delayed();
  for (std::size_t i = 0; i < result_.list.size(); ++i) {
    ResolvedDependency& dependency = result_.list[i];
    for (const std::size_t by : needed_by_[i])
      if (by != kItself) dependency.needed_by.push_back(result_.list[by].name);
    dependency.direct = needed_by_[i].contains(kItself);
    if (dependency.direct) dependency.needed_by.insert(dependency.needed_by.begin(), modules_[0]->name);
    describe(dependency);
  }
  return std::move(result_);
}

}  // namespace

bool same_target(const Image& image, const Image& wanted) {
  if (image.format != wanted.format || image.bits != wanted.bits || image.os != wanted.os) return false;
  // Old ARM libraries do not say which float convention they follow.
  const auto either_arm = [](const Image& a, const Image& b) {
    return a.machine == "arm" && (b.machine == "armhf" || b.machine == "armel");
  };
  return image.machine == wanted.machine || either_arm(image, wanted) || either_arm(wanted, image);
}

Fit try_file(const fs::path& path, const std::string& why, const Image& wanted, Finding& finding) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return Fit::absent;
  auto image = identify_library(path);
  if (image && !same_target(*image, wanted)) {
    finding.misfits.push_back({path, image->target});
    return Fit::wrong_target;
  }
  if (image) image = read_library(path);
  finding.path = path;
  finding.why = why;
  if (!image) {
    finding.misfits.push_back({path, image.error().message});
    finding.place = Place::damaged;
    return Fit::damaged;
  }
  finding.place = Place::found;
  finding.image = std::move(*image);
  return Fit::fits;
}

Dependencies find_dependencies(const fs::path& path, const Image& image, const Places& places) {
  return Walk(path, image, places).run();
}

const ResolvedDependency* first_obstacle(const Dependencies& dependencies) {
  for (const ResolvedDependency& dependency : dependencies.list) {
    const bool there =
        dependency.place == Place::found || dependency.place == Place::system || dependency.place == Place::unknown;
    if (!there && !dependency.delayed) return &dependency;
  }
  return nullptr;
}

Error dependency_error(const fs::path& path, const ResolvedDependency& obstacle) {
  Error error;
  error.code = obstacle.place == Place::wrong_target ? ErrorCode::wrong_bitness : ErrorCode::dependency_missing;
  error.file = path_text(path);
  error.name = obstacle.name;
  error.searched = obstacle.searched;
  std::string text = printable(error.file) + " needs " + printable(obstacle.name);
  if (!obstacle.direct && !obstacle.needed_by.empty()) text += " (through " + printable(obstacle.needed_by[0]) + ")";
  if (!obstacle.product.empty()) text += ", the " + obstacle.product + ",";
  if (obstacle.place == Place::damaged)
    text += " and the loader takes " + printable(path_text(obstacle.path)) + ", which is damaged";
  else if (obstacle.place == Place::wrong_target && !obstacle.misfits.empty())
    text += " and the loader takes " + printable(path_text(obstacle.path)) + ", which is built for " +
            obstacle.misfits.back().reason;
  else
    text += " which was not found";
  if (obstacle.place == Place::missing && !obstacle.misfits.empty())
    text += "; " + printable(path_text(obstacle.misfits[0].path)) + " does not fit (" +
            printable(obstacle.misfits[0].reason) + ")";
  if (!obstacle.advice.empty()) text += "; " + printable(obstacle.advice);
  error.message = std::move(text);
  return error;
}

const char* to_string(Place place) {
  switch (place) {
    case Place::found:
      return "found";
    case Place::missing:
      return "missing";
    case Place::system:
      return "system";
    case Place::wrong_target:
      return "wrong_target";
    case Place::damaged:
      return "damaged";
    case Place::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace halfword::inspect
