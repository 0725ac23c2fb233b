#include "platform/wine_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace halfword::wine {
namespace {

namespace fs = std::filesystem;

constexpr char kMarker[] = "halfword-ready";

// Debian's `wine` in PATH is a script that chooses one of these; elsewhere it is the loader.
constexpr const char* kLoaders[] = {"/usr/lib/wine/wine", "/usr/lib32/wine/wine"};

// $0 wineserver, $1 loader, then the program and its argument. Descriptor 3 is the window's file, which the worker
// opens by its path. It stays a second after the last program, so that the services started here do not end
// before that program begins. Without the overrides Wine would ask in a dialog whether to download Mono and Gecko, and
// add to the menus of the user's desktop.
constexpr char kScript[] = R"(exec 3<&-
if ! "$0" -k0 >/dev/null 2>&1; then
  "$0" -p1 </dev/null >/dev/null 2>&1
  WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=' "$1" wineboot --init </dev/null >/dev/null 2>&1
fi
exec "$@")";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool can_run(const std::string& file) { return access(file.c_str(), X_OK) == 0; }

std::optional<std::string> find_in_path(const char* name) {
  std::string rest = variable("PATH");
  while (!rest.empty()) {
    const std::size_t end = rest.find(':');
    const std::string file = rest.substr(0, end) + "/" + name;
    if (end != 0 && can_run(file)) return file;
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  return std::nullopt;
}

std::optional<std::string> find_loader() {
  if (const std::string named = variable("WINELOADER"); !named.empty() && can_run(named)) return named;
  for (const char* known : kLoaders)
    if (can_run(known)) return known;
  return find_in_path("wine");
}

std::optional<std::string> find_server_program(const std::string& loader) {
  if (const std::string named = variable("WINESERVER"); !named.empty() && can_run(named)) return named;
  constexpr char kName[] = "wineserver";
  const std::string beside = (fs::path(loader).parent_path() / kName).string();
  return can_run(beside) ? beside : find_in_path(kName);
}

Result<std::string> folder_of_data() {
  if (const std::string data = variable("XDG_DATA_HOME"); data.starts_with('/')) return data;
  if (const std::string home = variable("HOME"); home.starts_with('/')) return home + "/.local/share";
  return fail(ErrorCode::environment,
              "there is no folder for halfword's Wine prefix: HOME is not set; WINEPREFIX names another");
}

bool is_there(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

Result<Installation> find() {
  Installation found;
  const std::optional<std::string> loader = find_loader();
  const std::optional<std::string> server_program = loader ? find_server_program(*loader) : std::nullopt;
  if (!server_program)
    return fail(ErrorCode::environment,
                "a Windows library needs Wine for 32-bit programs, which is not installed; on Debian: dpkg "
                "--add-architecture i386 && apt-get update && apt-get install wine wine32:i386");
  found.loader = *loader;
  found.server_program = *server_program;
  found.prefix = variable("WINEPREFIX");
  if (!found.prefix.empty()) return found;
  Result<std::string> data = folder_of_data();
  if (!data) return propagate(data);
  found.prefix = *data + "/halfword/wine";
  found.own_prefix = true;
  return found;
}

Result<void> PrefixLock::take(const Installation& installation) {
  // Wine writes the registry into a prefix some time after it has made the prefix.
  marker_ = installation.prefix + "/" + (installation.own_prefix ? kMarker : "system.reg");
  if (is_there(marker_)) return {};
  std::error_code error;
  fs::create_directories(installation.prefix, error);
  const std::string path = installation.prefix + ".lock";
  lock_ = Descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_.valid())
    return fail_system("the Wine prefix " + installation.prefix + " cannot be made", static_cast<unsigned>(errno));
  while (flock(lock_.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  const bool made_meanwhile =
      is_there(marker_) || is_there(installation.prefix + "/system.reg") || is_there(installation.prefix + "/drive_c");
  if (!made_meanwhile)
    std::fprintf(stderr, "halfword: making a Wine prefix in %s; this happens once and takes a while\n",
                 installation.prefix.c_str());
  if (!installation.own_prefix) marker_.clear();  // the user's prefix gets no file of ours
  return {};
}

void PrefixLock::release() {
  if (!lock_.valid()) return;
  if (!marker_.empty()) Descriptor(open(marker_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  lock_.reset();
}

std::vector<std::string> command(const Installation& installation, const std::string& program,
                                 const std::string& argument) {
  return {"/bin/sh", "-c", kScript, installation.server_program, installation.loader, program, argument};
}

}  // namespace halfword::wine
