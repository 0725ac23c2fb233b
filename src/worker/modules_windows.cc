// Loading and looking up, text in the system's encoding, and reading memory that may not be there. Images stay where
// the loader puts them: Windows maps no other memory over them, so the client reads what lies there through the worker.
#include <string.h>
#include <windows.h>

#include "platform/own_memory_windows.h"
#include "platform/text_windows.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

constexpr int kMostPath = 4096;
}  // namespace

void* load_module(const char* path, uint32_t flags, char* text, uint32_t* system_number) {
  wchar_t wide[kMostPath];
  SetLastError(ERROR_FILENAME_EXCED_RANGE);
  // The library's own folder first, as if the program had been started from there.
  HMODULE module = native_path(path, wide, kMostPath)
                       ? LoadLibraryExW(wide, nullptr, LOAD_WITH_ALTERED_SEARCH_PATH | flags)
                       : nullptr;
  if (module == nullptr) {
    *system_number = GetLastError();
    describe_error(*system_number, text, wire::kTextBytes);
  }
  return module;
}

void unload_module(void* module) { FreeLibrary(static_cast<HMODULE>(module)); }

void* resolve(void* module, const char* name, uint32_t ordinal) {
  const char* const wanted = name != nullptr ? name : at<const char>(ordinal);
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(module), wanted));
}

size_t copy_guarded(void* to, const void* from, size_t size) {
  const size_t both = writable(to, readable(from, size));
  memcpy(to, from, both);
  return both;
}

}  // namespace halfword::worker
