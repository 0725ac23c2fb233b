// Wine on this machine: where it is, which prefix it works in, and the start of a program in it.
//
// Used by the attendant of a worker under Wine, on its thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "platform/descriptor_linux.h"

namespace halfword::wine {

struct Installation {
  std::string loader;  ///< what runs a 32-bit Windows program: the program that Debian's script `wine` runs
  std::string server_program;
  std::string prefix;
  bool own_prefix = false;  ///< halfword's, not one that the user names in WINEPREFIX
};

/// `environment` that says what to install where there is no Wine.
Result<Installation> find();

/// Held from the start of the first program in a prefix until it runs: two must not make one prefix at once.
class PrefixLock {
 public:
  /// Says on stderr that a prefix is made, if it is. Waits while another process makes it.
  Result<void> take(const Installation& installation);
  /// The prefix is complete.
  void release();

 private:
  Descriptor lock_;
  std::string marker_;
};

/// The command that runs `program` in the prefix, whose process becomes that program. Wine's own services, which would
/// otherwise be started by it, keep none of its descriptors, or whoever reads the program's output would not see its
/// end.
std::vector<std::string> command(const Installation& installation, const std::string& program,
                                 const std::string& argument);

}  // namespace halfword::wine
