// The places of a Windows system. Called as places.h says; any thread; trusts the system's own answers.
#include <windows.h>

#include <algorithm>

#include "inspect/places.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

// Calls one of the system's functions that fill a buffer and say how much they need.
template <class Function>
std::wstring text_of(Function function) {
  std::wstring text(MAX_PATH, L'\0');
  for (int attempt = 0; attempt < 3; ++attempt) {
    const DWORD length = function(text.data(), static_cast<DWORD>(text.size()));
    if (length == 0) return {};
    const bool fits = length < text.size();
    text.resize(length);
    if (fits) return text;
  }
  return {};
}

std::vector<fs::path> paths_of(const wchar_t* variable) {
  const std::wstring value =
      text_of([&](wchar_t* buffer, DWORD size) { return GetEnvironmentVariableW(variable, buffer, size); });
  std::vector<fs::path> paths;
  for (std::size_t from = 0; from < value.size();) {
    const std::size_t end = std::min(value.find(L';', from), value.size());
    if (end > from) paths.emplace_back(value.substr(from, end - from));
    from = end + 1;
  }
  return paths;
}

void add_folder(std::vector<Folder>& folders, const fs::path& path, const char* why) {
  if (!path.empty()) folders.push_back({path, why});
}

bool runs_under_wine() { return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr; }

void add_system_folders(Places& places) {
  constexpr const char* kWhy = "the system folder";
  const fs::path system = text_of([](wchar_t* buffer, DWORD size) { return GetSystemDirectoryW(buffer, size); });
  const fs::path windows =
      text_of([](wchar_t* buffer, DWORD size) { return GetSystemWindowsDirectoryW(buffer, size); });
  if constexpr (sizeof(void*) == 8) {
    add_folder(places.windows_64, system, kWhy);
    add_folder(places.windows_32,
               text_of([](wchar_t* buffer, DWORD size) { return GetSystemWow64DirectoryW(buffer, size); }), kWhy);
  } else {
    add_folder(places.windows_32, system, kWhy);
    // The system shows a 32-bit process its own folder under System32, and the 64-bit one under this name only.
    BOOL on_64_bit = FALSE;
    if (IsWow64Process(GetCurrentProcess(), &on_64_bit) && on_64_bit)
      add_folder(places.windows_64, windows / "Sysnative", kWhy);
  }
  add_folder(places.windows_last, windows, "the Windows folder");
  places.side_by_side = windows / "WinSxS";
}

}  // namespace

fs::path default_wine_prefix() { return {}; }

Places system_places(const PlaceOptions& options) {
  Places places;
  for (const fs::path& folder : options.search) places.given.push_back({folder, "--search"});
  for (const fs::path& folder : paths_of(L"HALFWORD_LIBRARY_PATH"))
    places.given.push_back({folder, "HALFWORD_LIBRARY_PATH"});
  std::error_code error;
  places.current = fs::current_path(error);
  places.windows = true;
  places.case_sensitive = false;
  places.stops_at_wrong_target = !runs_under_wine();
  add_system_folders(places);
  add_folder(places.windows_last, places.current, "the current folder");
  for (const fs::path& folder : paths_of(L"PATH")) add_folder(places.windows_last, folder, "PATH");
  return places;
}

std::string own_target() {
  const fs::path program =
      text_of([](wchar_t* buffer, DWORD size) { return GetModuleFileNameW(nullptr, buffer, size); });
  const auto image = identify_library(program);
  return image ? image->target : "";
}

}  // namespace halfword::inspect
