// Pages of memory for the heap, and a lock that works before anything else of the process does.
#pragma once

#include <cstddef>

namespace halfword::pages {

/// Private, readable and writable, zeroed memory aligned to `alignment` (a power of two of at least 64 KiB); nullptr
/// when the address space or the memory is used up. `size` is a multiple of 64 KiB.
void* take(std::size_t size, std::size_t alignment);
void give_back(void* begin, std::size_t size);

/// Makes a piece of the window usable. Linux does so at the first touch; Windows commits it. False: no memory.
bool commit(void* begin, std::size_t size);

/// Lets the system have the memory of a piece of the window; true if it reads as zeros afterwards.
bool discard(void* begin, std::size_t size);

/// Ends the process with a message of `text` and `address` on stderr: what a corrupted heap comes to before anybody
/// records it.
[[noreturn]] void die(const char* text, const void* address);

class Lock {
 public:
  void lock();
  void unlock();

 private:
  // 0 free, 1 held, 2 held and somebody waits (Linux); an SRWLOCK (Windows)
  void* state_ = nullptr;
};

class Locked {
 public:
  explicit Locked(Lock& lock) : lock_(lock) { lock_.lock(); }
  ~Locked() { lock_.unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Lock& lock_;
};

}  // namespace halfword::pages
