#include "platform/text_windows.h"

#include <windows.h>

namespace halfword {

bool widen(const char* text, wchar_t* wide, int size) {
  return MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size) != 0;
}

bool narrow(const wchar_t* wide, char* text, int size) {
  *text = 0;
  return WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, nullptr, nullptr) != 0;
}

bool native_path(const char* path, wchar_t* wide, int size) {
  using Convert = wchar_t*(__cdecl*)(const char*);
  const auto convert = reinterpret_cast<Convert>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_dos_file_name")));
  if (*path == '/' && convert != nullptr) {
    wchar_t* const dos = convert(path);
    const bool fits = dos != nullptr && lstrlenW(dos) < size;
    if (fits) lstrcpyW(wide, dos);
    HeapFree(GetProcessHeap(), 0, dos);
    return fits;
  }
  if (!widen(path, wide, size)) return false;
  for (; *wide != 0; ++wide)
    if (*wide == L'/') *wide = L'\\';  // the loader takes only these for an absolute path
  return true;
}

void describe_error(std::uint32_t number, char* text, int size) {
  wchar_t wide[256];
  constexpr DWORD kFlags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  DWORD length = FormatMessageW(kFlags, nullptr, number, 0, wide, 256, nullptr);
  while (length != 0 && wide[length - 1] <= L' ') --length;
  wide[length] = 0;
  narrow(wide, text, size);
}

}  // namespace halfword
