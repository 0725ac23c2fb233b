// What the Linux loader knows of the system's libraries: /etc/ld.so.cache and /etc/ld.so.conf.
// Called by find_elf.cc; pure readers. The files belong to the administrator, and are read as if they did not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace halfword::inspect {

/// One library that ldconfig found.
struct CacheEntry {
  std::string name;  ///< `libz.so.1`
  std::string path;
  bool special = false;  ///< only for processors with certain features
};

/// The entries of a cache in the format of glibc 2.2 and later (also where it stands behind the older format's table),
/// in the file's order; empty if the bytes are no such cache. Time and memory are linear in their number.
std::vector<CacheEntry> read_ld_cache(std::span<const std::byte> bytes);

/// The folders that ld.so.conf names, with its includes (`include ld.so.conf.d/*.conf`) followed, below `root`. At most
/// 100 files and 8 levels of includes are read.
std::vector<std::filesystem::path> read_ld_configuration(const std::filesystem::path& root);

}  // namespace halfword::inspect
