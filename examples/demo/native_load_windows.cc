#include <windows.h>

#include "native_load.h"

std::string demo::load_natively(const std::string& file) {
  HMODULE library = LoadLibraryA(file.c_str());
  if (library == nullptr) return "LoadLibrary: error " + std::to_string(GetLastError());
  FreeLibrary(library);
  return "LoadLibrary: loaded";
}
