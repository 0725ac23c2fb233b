// What a process can ask about its own memory without a lock, and therefore also while one of its threads dies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halfword {

/// How many bytes from `begin` on can be read, or written; at most `size`.
std::size_t readable(const void* begin, std::size_t size);
std::size_t writable(const void* begin, std::size_t size);

/// The module that holds `address`, its path in UTF-8; false if none does.
bool module_at(const void* address, char* path, int path_size, std::uint32_t* offset);

/// The type of a C++ exception of Microsoft's compiler, decorated as in ".?AVruntime_error@std@@": what RaiseException
/// was given with code kMicrosoftThrow on x86. Empty where it cannot be read. `destructor` receives that of the object.
constexpr std::uint32_t kMicrosoftThrow = 0xE06D7363;
struct Thrown {
  char type[256];
  void* destructor;
  void* object;
};
Thrown describe_thrown(const unsigned long* arguments, std::uint32_t count);

}  // namespace halfword
