#include <windows.h>
// Behind windows.h, which they need.
#include <io.h>
#include <shellapi.h>

#include <cstdio>

#include "cli/system.h"

namespace halfword::cli {
namespace {

std::string utf8(const wchar_t* text) {
  const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  if (size <= 1) return {};
  std::string result(static_cast<std::size_t>(size), 0);
  WideCharToMultiByte(CP_UTF8, 0, text, -1, result.data(), size, nullptr, nullptr);
  result.pop_back();
  return result;
}

template <class Function>
Function function_of(const wchar_t* module, const char* name) {
  const HMODULE handle = GetModuleHandleW(module);
  return handle == nullptr ? nullptr
                           : reinterpret_cast<Function>(reinterpret_cast<void*>(GetProcAddress(handle, name)));
}

}  // namespace

bool shows_colours(Stream stream) {
  const HANDLE handle = GetStdHandle(stream == Stream::out ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
  DWORD mode = 0;
  if (GetConsoleMode(handle, &mode) == 0) return false;
  constexpr DWORD kVirtualTerminal = 4;  // ENABLE_VIRTUAL_TERMINAL_PROCESSING, Windows 10
  return SetConsoleMode(handle, mode | kVirtualTerminal) != 0;
}

std::FILE* reserve_stdout() {
  std::fflush(stdout);
  const int kept = _dup(_fileno(stdout));
  std::FILE* file = kept < 0 ? nullptr : _fdopen(kept, "wb");
  if (file == nullptr) return stdout;
  SetHandleInformation(reinterpret_cast<HANDLE>(_get_osfhandle(kept)), HANDLE_FLAG_INHERIT, 0);
  _dup2(_fileno(stderr), _fileno(stdout));  // moves the standard handle of the process too, which workers inherit
  return file;
}

// The C library gives arguments in the code page, which cannot hold every name.
std::vector<std::string> program_arguments(int, char**) {
  SetConsoleOutputCP(CP_UTF8);
  std::vector<std::string> arguments;
  int count = 0;
  wchar_t** words = CommandLineToArgvW(GetCommandLineW(), &count);
  for (int at = 1; words != nullptr && at < count; ++at) arguments.push_back(utf8(words[at]));
  LocalFree(words);
  return arguments;
}

std::string system_name() {
  // GetVersionEx answers what the program's manifest allows; this one answers the truth.
  RTL_OSVERSIONINFOW info = {};
  info.dwOSVersionInfoSize = sizeof info;
  const auto get_version = function_of<LONG(WINAPI*)(RTL_OSVERSIONINFOW*)>(L"ntdll.dll", "RtlGetVersion");
  std::string name = "Windows";
  if (get_version != nullptr && get_version(&info) == 0)
    name += " " + std::to_string(info.dwMajorVersion) + "." + std::to_string(info.dwMinorVersion) + "." +
            std::to_string(info.dwBuildNumber);
  const auto wine = function_of<const char* (*)()>(L"ntdll.dll", "wine_get_version");
  if (wine != nullptr) name += std::string(" (Wine ") + wine() + ")";
  return name;
}

std::vector<Fact> sandbox_facts() {
  const auto has = [](const wchar_t* module, const char* name) {
    return function_of<void (*)()>(module, name) != nullptr;
  };
  return {{"job objects", has(L"kernel32.dll", "AssignProcessToJobObject"), ""},
          {"restricted tokens",
           LoadLibraryW(L"advapi32.dll") != nullptr && has(L"advapi32.dll", "CreateRestrictedToken"), ""},
          {"mitigation policies", has(L"kernel32.dll", "SetProcessMitigationPolicy"), ""}};
}

WineFacts wine_facts() { return {}; }

std::vector<Need> missing_needs(const std::string&, const WineFacts&) { return {}; }

std::string reinstall_advice() {
  return "install halfword again, or name the folder of the workers in HALFWORD_WORKERS";
}

}  // namespace halfword::cli
