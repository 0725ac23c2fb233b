#include <windows.h>

#include "platform/pages.h"

namespace halfword::pages {
namespace {

constexpr std::size_t kGranularity = 64 * 1024;  // of every reservation

bool is_committed(const char* begin, std::size_t size) {
  const char* const end = begin + size;
  while (begin < end) {
    MEMORY_BASIC_INFORMATION piece;
    if (VirtualQuery(begin, &piece, sizeof piece) == 0 || piece.State != MEM_COMMIT) return false;
    begin = static_cast<const char*>(piece.BaseAddress) + piece.RegionSize;
  }
  return true;
}

void write_error(const char* text) {
  DWORD written;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, static_cast<DWORD>(lstrlenA(text)), &written, nullptr);
}

}  // namespace

void* take(std::size_t size, std::size_t alignment) {
  constexpr DWORD kKind = MEM_RESERVE | MEM_COMMIT;
  if (alignment <= kGranularity) return VirtualAlloc(nullptr, size, kKind, PAGE_READWRITE);
  // A reservation cannot be trimmed. Another thread may take the place between the two steps, so try again.
  for (int tries = 0; tries < 16; ++tries) {
    void* const probe = VirtualAlloc(nullptr, size + alignment, MEM_RESERVE, PAGE_NOACCESS);
    if (probe == nullptr) return nullptr;
    VirtualFree(probe, 0, MEM_RELEASE);
    const auto aligned = (reinterpret_cast<std::size_t>(probe) + alignment - 1) & ~(alignment - 1);
    if (void* const got = VirtualAlloc(reinterpret_cast<void*>(aligned), size, kKind, PAGE_READWRITE)) return got;
  }
  return nullptr;
}

void give_back(void* begin, std::size_t) { VirtualFree(begin, 0, MEM_RELEASE); }

bool commit(void* begin, std::size_t size) {
  // What is a file to Wine (a Linux client's memory) is there from the start, and cannot be committed.
  return VirtualAlloc(begin, size, MEM_COMMIT, PAGE_READWRITE) != nullptr ||
         is_committed(static_cast<const char*>(begin), size);
}

bool discard(void* begin, std::size_t size) {
  // Committed pages of a section stay committed; the system may drop what they hold instead of paging it out.
  VirtualAlloc(begin, size, MEM_RESET, PAGE_READWRITE);
  return false;
}

void die(const char* text, const void* address) {
  char number[] = "00000000\r\n";
  auto rest = reinterpret_cast<std::size_t>(address);
  for (int at = 7; at >= 0; --at, rest >>= 4) number[at] = "0123456789abcdef"[rest & 15];
  write_error("halfword worker: ");
  write_error(text);
  write_error(": 0x");
  write_error(number);
  TerminateProcess(GetCurrentProcess(), 3);  // the status of the C runtime's abort()
  for (;;) {
  }
}

void Lock::lock() { AcquireSRWLockExclusive(reinterpret_cast<SRWLOCK*>(&state_)); }
void Lock::unlock() { ReleaseSRWLockExclusive(reinterpret_cast<SRWLOCK*>(&state_)); }

}  // namespace halfword::pages
