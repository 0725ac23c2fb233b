// Where libraries are looked for, as data: what this system offers, and what the user added.
// Called by dependencies.h; tests make places of their own. Values; any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "inspect/image.h"

namespace halfword::inspect {

/// One folder that is searched, and why, in the words of the report ("the system folder").
struct Folder {
  std::filesystem::path path;
  std::string why;
};

/// What the user decides.
struct PlaceOptions {
  std::vector<std::filesystem::path> search;  ///< --search, in order; before HALFWORD_LIBRARY_PATH
  std::filesystem::path wine_prefix;          ///< for PE files on Linux; empty: WINEPREFIX, else ~/.wine
};

struct Places {
  std::vector<Folder> given;  ///< PlaceOptions::search and the folders of HALFWORD_LIBRARY_PATH
  std::filesystem::path current;

  // ELF files.
  bool elf = false;  ///< false: this system has no libraries of its own for them, so nothing is known to be missing
  std::filesystem::path root = "/";  ///< below it lie etc/ld.so.cache, etc/ld.so.conf, lib, usr/lib, …

  // PE files.
  bool windows = false;                ///< as `elf`
  std::vector<Folder> windows_32;      ///< the system's own libraries, for 32-bit files
  std::vector<Folder> windows_64;      ///< and for 64-bit files
  std::vector<Folder> windows_last;    ///< searched behind them: the Windows folder, PATH
  std::filesystem::path side_by_side;  ///< Windows\WinSxS
  /// Windows ends its search at the first file of the right name even if it is of the wrong bitness; Wine goes on.
  bool stops_at_wrong_target = false;
  bool case_sensitive = true;  ///< of the file system; names in PE files never are
};

/// The places of the system that this process runs on. Reads the environment once.
Places system_places(const PlaceOptions& options = {});

/// The target of this process, from its own program file: `x86_64-linux`; empty if that cannot be read.
std::string own_target();

/// The prefix of Wine that system_places() looks into; empty if there is none. Linux only.
std::filesystem::path default_wine_prefix();

}  // namespace halfword::inspect
