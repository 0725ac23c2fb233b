#include <dlfcn.h>

#include "native_load.h"

std::string demo::load_natively(const std::string& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW);
  if (library == nullptr) return std::string("dlopen: ") + dlerror();
  dlclose(library);
  return "dlopen: loaded";
}
