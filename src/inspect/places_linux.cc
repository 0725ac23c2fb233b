// The places of a Linux system, with Wine's for PE files. Called as places.h says; any thread that may read the
// environment; trusts the environment of its own process.
#include <cstdlib>
#include <sstream>

#include "inspect/places.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> paths_of(const char* variable) {
  std::vector<fs::path> paths;
  const char* value = std::getenv(variable);
  if (!value) return paths;
  std::istringstream list(value);
  for (std::string item; std::getline(list, item, ':');)
    if (!item.empty()) paths.emplace_back(item);
  return paths;
}

void add_folder(std::vector<Folder>& folders, const fs::path& path, const char* why) {
  std::error_code error;
  if (fs::is_directory(path, error)) folders.push_back({path, why});
}

// Wine finds its own libraries in folders that its build decided; these are those of Debian, Fedora, Arch and WineHQ.
void add_wine_libraries(Places& places) {
  constexpr const char* kWhy = "Wine's own libraries";
  std::vector<fs::path> parents = paths_of("WINEDLLPATH");
  for (const char* parent :
       {"/usr/lib/i386-linux-gnu/wine", "/usr/lib/x86_64-linux-gnu/wine", "/usr/lib/wine", "/usr/lib64/wine",
        "/usr/lib32/wine", "/opt/wine-stable/lib/wine", "/opt/wine-stable/lib64/wine", "/opt/wine-staging/lib/wine",
        "/opt/wine-staging/lib64/wine", "/opt/wine-devel/lib/wine", "/opt/wine-devel/lib64/wine"})
    parents.emplace_back(parent);
  for (const fs::path& parent : parents) {
    add_folder(places.windows_32, parent / "i386-windows", kWhy);
    add_folder(places.windows_64, parent / "x86_64-windows", kWhy);
  }
}

void add_wine_prefix(Places& places, const fs::path& prefix) {
  constexpr const char* kWhy = "the system folder of the Wine prefix";
  if (prefix.empty()) return;
  const fs::path windows = prefix / "drive_c" / "windows";
  std::error_code error;
  // A 32-bit prefix has no syswow64.
  if (fs::is_directory(windows / "syswow64", error)) {
    add_folder(places.windows_32, windows / "syswow64", kWhy);
    add_folder(places.windows_64, windows / "system32", kWhy);
  } else {
    add_folder(places.windows_32, windows / "system32", kWhy);
  }
  add_folder(places.windows_last, windows, "the Windows folder of the Wine prefix");
  places.side_by_side = windows / "winsxs";
}

}  // namespace

fs::path default_wine_prefix() {
  if (const char* prefix = std::getenv("WINEPREFIX"); prefix && *prefix) return prefix;
  const char* home = std::getenv("HOME");
  std::error_code error;
  if (!home || !fs::is_directory(fs::path(home) / ".wine", error)) return {};
  return fs::path(home) / ".wine";
}

Places system_places(const PlaceOptions& options) {
  Places places;
  for (const fs::path& folder : options.search) places.given.push_back({folder, "--search"});
  for (const fs::path& folder : paths_of("HALFWORD_LIBRARY_PATH"))
    places.given.push_back({folder, "HALFWORD_LIBRARY_PATH"});
  std::error_code error;
  places.current = fs::current_path(error);
  places.elf = true;
  add_wine_prefix(places, options.wine_prefix.empty() ? default_wine_prefix() : options.wine_prefix);
  add_wine_libraries(places);
  add_folder(places.windows_last, places.current, "the current folder");
  places.windows = !places.windows_32.empty() || !places.windows_64.empty();
  return places;
}

std::string own_target() {
  const auto image = identify_library("/proc/self/exe");
  return image ? image->target : "";
}

}  // namespace halfword::inspect
