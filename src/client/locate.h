// Which file is meant, what it is, which worker can load it, and why a load failed.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "platform/worker_link.h"

namespace halfword {

struct LibraryFile {
  std::string path;         ///< absolute
  std::string target_name;  ///< "i386-linux"
};

/// Finds and reads the library: a path as it is, a bare name in `search`, HALFWORD_LIBRARY_PATH, and the system's
/// folders of 32-bit libraries. file_not_found, not_a_library.
Result<LibraryFile> locate_library(const std::string& file, const std::vector<std::string>& search);

/// The worker for a target: in HALFWORD_WORKERS, or in libexec/halfword beside the folder that halfword is in.
/// wrong_bitness if there is none.
Result<WorkerProgram> find_worker(const std::string& target_name, const std::vector<std::string>& search);

/// What the worker's loader said, as an error: dependency_missing where it named a missing library.
Error explain_load_failure(const std::string& file, const std::string& target_name, const std::string& text,
                           std::uint32_t system_number);

}  // namespace halfword
