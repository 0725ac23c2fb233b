#include "client/locate.h"

#include <cstdlib>
#include <filesystem>

#include "inspect/image.h"
#include "platform/last_error.h"
#include "platform/process.h"

namespace halfword {
namespace {

namespace fs = std::filesystem;

// Where Debian, Fedora and Arch keep 32-bit libraries.
constexpr const char* kSystemFolders[] = {
    "/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/usr/lib32", "/lib32", "/usr/lib", "/usr/local/lib"};

std::vector<std::string> split(const char* list) {
  std::vector<std::string> parts;
  std::string rest = list == nullptr ? "" : list;
  while (!rest.empty()) {
    const std::size_t end = rest.find(kWindowsClient ? ';' : ':');
    if (end != 0) parts.push_back(rest.substr(0, end));
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  return parts;
}

std::vector<std::string> folders_of_libraries(const std::vector<std::string>& search) {
  std::vector<std::string> folders = search;
  for (std::string& one : split(std::getenv("HALFWORD_LIBRARY_PATH"))) folders.push_back(std::move(one));
  folders.insert(folders.end(), std::begin(kSystemFolders), std::end(kSystemFolders));
  return folders;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<fs::path> find_file(const std::string& file, const std::vector<std::string>& search) {
  const fs::path given(file);
  std::error_code ignored;
  if (given.has_parent_path() || is_there(given)) return fs::absolute(given, ignored);
  Error error;
  error.code = ErrorCode::file_not_found;
  error.file = file;
  error.searched = folders_of_libraries(search);
  for (const std::string& folder : error.searched)
    if (is_there(fs::path(folder) / given)) return fs::absolute(fs::path(folder) / given, ignored);
  error.message = file + " was not found in";
  for (const std::string& folder : error.searched) error.message += " " + folder;
  return fail(std::move(error));
}

fs::path folder_of_workers() {
  if (const char* given = std::getenv("HALFWORD_WORKERS"); given != nullptr && *given != 0) return given;
  const fs::path own = file_of_code(reinterpret_cast<const void*>(&folder_of_workers));
  return own.parent_path().parent_path() / "libexec" / "halfword";
}

}  // namespace

Result<LibraryFile> locate_library(const std::string& file, const std::vector<std::string>& search) {
  Result<fs::path> path = find_file(file, search);
  if (!path) return propagate(path);
  Result<inspect::Image> image = inspect::read_library(*path);
  if (!image) return propagate(image);
  if (image->kind != inspect::Kind::shared_library)
    return fail(ErrorCode::not_a_library,
                path->string() + " is not a shared library but " +
                    (image->kind == inspect::Kind::executable ? "a program" : "an object file"));
  return LibraryFile{path->string(), image->target};
}

Result<WorkerProgram> find_worker(const std::string& target_name, const std::vector<std::string>& search) {
  const bool windows = target_name.ends_with("-windows");
  const fs::path program = folder_of_workers() / target_name / (windows ? "halfword-worker.exe" : "halfword-worker");
  if (is_there(program)) {
    WorkerProgram worker;
    worker.path = program.string();
    worker.windows = windows;
    worker.under_wine = windows && !kWindowsClient;
    worker.search = search;
    for (std::string& one : split(std::getenv("HALFWORD_LIBRARY_PATH"))) worker.search.push_back(std::move(one));
    return worker;
  }
  return fail(ErrorCode::wrong_bitness, "the library is built for " + target_name +
                                            ", and there is no worker for that at " + program.string() +
                                            "; HALFWORD_WORKERS names another folder");
}

// glibc's loader says "NAME: cannot open shared object file: No such file or directory" of a dependency, and
// "FILE: undefined symbol: NAME" of a symbol (elf/dl-load.c, elf/dl-lookup.c).
Error explain_load_failure(const std::string& file, const std::string& target_name, const std::string& text,
                           std::uint32_t system_number) {
  Error error;
  error.code = ErrorCode::not_a_library;
  error.file = file;
  error.system_number = system_number;
  error.system_text = text;
  error.message = "the loader of " + target_name + " refused " + file + ": " + text;
  const std::size_t colon = text.find(": cannot open shared object file");
  if (colon != std::string::npos && text.compare(0, colon, file) != 0) {
    error.code = ErrorCode::dependency_missing;
    error.name = text.substr(0, colon);
    error.message =
        file + " needs " + error.name + ", which was not found; install it or name its folder with --search";
  } else if (const std::size_t symbol = text.find("undefined symbol: "); symbol != std::string::npos) {
    error.code = ErrorCode::dependency_missing;
    error.name = text.substr(symbol + 18);
    if (const std::size_t comma = error.name.find(','); comma != std::string::npos) error.name.resize(comma);
    error.message = file + " needs the symbol " + error.name + ", which none of its dependencies has";
  }
  return error;
}

}  // namespace halfword
