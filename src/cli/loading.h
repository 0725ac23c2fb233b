// Opens a library for one command, within a bounded time: a library runs code of its own when it is loaded, and a
// command must end. Main thread only; a watching thread lives while the library loads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/library.h"

namespace halfword::cli {

/// A library in a worker of its own.
struct LoadedLibrary {
  std::shared_ptr<Session> session;
  std::unique_ptr<Library> library;  ///< behind `session`, so that it goes first
};

/// Starts a worker and loads `file` in it.
/// \return what Library::open returns; deadline_exceeded if the library is still not loaded after a minute
Result<LoadedLibrary> load_library(const std::string& file, const std::vector<std::string>& search);

}  // namespace halfword::cli
