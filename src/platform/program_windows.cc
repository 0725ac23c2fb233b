#include "platform/program_windows.h"

#include <windows.h>

#include <cstdint>

#include "platform/text_windows.h"

int main(int argc, char** argv);

namespace halfword {
namespace {

constexpr int kMostPath = 32768;  // of Windows, and of an environment variable

const wchar_t* only_argument() {
  const wchar_t* at = GetCommandLineW();
  const wchar_t end = *at == L'"' ? L'"' : L' ';
  if (*at == L'"') ++at;
  while (*at != 0 && *at != end) ++at;
  if (*at != 0) ++at;
  while (*at == L' ') ++at;
  return at;
}

void extend_path() {
  static wchar_t folders[kMostPath], path[kMostPath];
  const DWORD length = GetEnvironmentVariableW(L"HALFWORD_SEARCH", folders, kMostPath);
  SetEnvironmentVariableW(L"HALFWORD_SEARCH", nullptr);
  if (length == 0 || length >= kMostPath) return;
  wchar_t* to = path;
  wchar_t* const limit = path + kMostPath;
  for (wchar_t* folder = folders; *folder != 0;) {
    wchar_t* end = folder;
    while (*end != 0 && *end != L'\n') ++end;
    wchar_t* const next = *end == 0 ? end : end + 1;
    *end = 0;
    static char text[kMostPath];
    if (narrow(folder, text, kMostPath) && native_path(text, to, static_cast<int>(limit - to) - 1)) {
      to += lstrlenW(to);
      *to++ = L';';
    }
    folder = next;
  }
  const DWORD rest = GetEnvironmentVariableW(L"PATH", to, static_cast<DWORD>(limit - to));
  if (rest < static_cast<DWORD>(limit - to)) SetEnvironmentVariableW(L"PATH", path);
}

}  // namespace

void* open_window_section() {
  const wchar_t* argument = only_argument();
  std::uintptr_t handle = 0;
  for (; *argument >= L'0' && *argument <= L'9'; ++argument)
    handle = handle * 10 + static_cast<std::uintptr_t>(*argument - L'0');
  if (handle != 0) return reinterpret_cast<void*>(handle);
  const HANDLE file = CreateFileW(argument, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                  OPEN_EXISTING, 0, nullptr);
  if (file == INVALID_HANDLE_VALUE) return nullptr;
  const HANDLE section = CreateFileMappingW(file, nullptr, PAGE_READWRITE, 0, 0, nullptr);
  CloseHandle(file);
  return section;
}

void refuse_to_run() {
  static constexpr char kText[] =
      "halfword-worker: this program is started by halfword, not by hand (or by another version of it)\r\n";
  DWORD written;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), kText, sizeof kText - 1, &written, nullptr);
}

void take_environment() {
  SetEnvironmentVariableW(L"HALFWORD_LOCALE", nullptr);  // chosen for the C library of Linux
  extend_path();
}

}  // namespace halfword

namespace {

void NTAPI on_thread(void*, DWORD reason, void*) {
  if (reason == DLL_THREAD_DETACH) hw_end_of_thread();
}

}  // namespace

extern "C" {

/// What the linker collects of constructors of static objects: a count, which may be -1, the functions, and 0.
extern void (*const __CTOR_LIST__[])(void);

/// Where the program begins (CMakeLists.txt): there is no C run-time library that would call main.
[[noreturn]] void hw_start(void) {
  for (int at = 1; __CTOR_LIST__[at] != nullptr; ++at) __CTOR_LIST__[at]();
  ExitProcess(static_cast<UINT>(main(0, nullptr)));
}

// A program's own functions for ended threads are called after those of every library (PE Format, ".tls Section"). The
// linker knows the directory by its name.
const PIMAGE_TLS_CALLBACK hw_thread_callbacks[] = {on_thread, nullptr};
static ULONG hw_tls_index;
static DWORD hw_tls_data;  // not used; a directory without data is nothing that a linker makes
extern const IMAGE_TLS_DIRECTORY32 _tls_used;
const IMAGE_TLS_DIRECTORY32 _tls_used = {reinterpret_cast<DWORD>(&hw_tls_data),
                                         reinterpret_cast<DWORD>(&hw_tls_data + 1),
                                         reinterpret_cast<DWORD>(&hw_tls_index),
                                         reinterpret_cast<DWORD>(hw_thread_callbacks),
                                         0,
                                         {0}};

}  // extern "C"
