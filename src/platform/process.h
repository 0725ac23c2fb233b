// Small questions about the calling process and thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace halfword {

/// The calling thread's own stack, [low, high); {0, 0} where the system does not say.
struct StackBounds {
  std::uintptr_t low = 0, high = 0;
  bool contains(std::uintptr_t address) const { return address >= low && address < high; }
};
StackBounds stack_of_this_thread();

/// Whether anything of this process is mapped at `address`.
bool is_mapped(const void* address);

/// The file that holds the code of `address`: the program, or the shared library that this is linked into.
std::string file_of_code(const void* address);

/// Has `before` run before every fork of this process from now on, and then `in_parent` and `in_child`, each before
/// fork returns there. Never called on Windows.
void around_forks(void (*before)(), void (*in_parent)(), void (*in_child)());

/// Before a fork: opens the shared memory at `path` for the child, whose parent may be gone when it first runs; -1 if
/// that cannot be done. The number is the program's until close_after_fork, in both processes.
int open_for_fork(const std::string& path);
void close_after_fork(int file);

/// In a forked child: replaces the mapping [begin, begin + size) of a parent's shared memory by a private copy of what
/// it holds at this moment. `file` is from open_for_fork, `offset` the mapping's place in it.
/// Where the copy cannot be made, the mapping becomes one that can be read only.
void make_private(void* begin, std::size_t size, int file, std::uint64_t offset);

}  // namespace halfword
