// The keeper: a process between the client and its worker that makes the worker invisible to the program.
//
// The worker must not be the program's child: its end would raise SIGCHLD there, and waitpid(-1) would find it. A
// clone may have no exit signal at all, but exec gives every process SIGCHLD again; so the child of the program is a
// clone that never execs, the keeper, and the worker is the keeper's child. It shares the program's memory (CLONE_VM:
// a fork of a large program would be slow) but none of its descriptors, and therefore runs on system calls alone.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/error.h"

namespace halfword {

/// What the attendant and the keeper share; lies in the program's memory and outlives the keeper.
struct KeeperShared {
  // written by the attendant before the start
  const char* program;
  char* const* arguments;
  char* const* environment;
  int window_file;
  int channel;  ///< the keeper's end; end of file there means that the program is gone
  bool own_group;
  std::uint32_t* attention;  ///< in the window: incremented and woken when `done` is set
  // written by the keeper
  int worker;  ///< process number, or a negative errno of the start
  int status;  ///< as waitpid gives it
  std::uint32_t done;
};

/// Starts the keeper, which starts the worker; returns the keeper's process number. `stack` is memory for it, of
/// kKeeperStack bytes, which with `shared` must stay until the keeper has been reaped.
constexpr std::size_t kKeeperStack = 64 * 1024;
Result<pid_t> start_keeper(KeeperShared* shared, void* stack);

/// Waits for an ended keeper (it has no exit signal, so the program never does).
void reap_keeper(pid_t keeper);

}  // namespace halfword
