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

/// Runs `in_child` in every child that the process forks from now on, before fork returns there. Never on Windows.
void after_fork_in_child(void (*in_child)());

/// Replaces the writable shared mapping [begin, begin + size) by one that is private to this process: after a fork,
/// what the child writes is its own. `writable` memory stays readable in any case.
void make_private(void* begin, std::size_t size);

}  // namespace halfword
