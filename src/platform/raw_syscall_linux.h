// System calls without the C library: for code that runs on a borrowed address space (keeper_linux.cc), where even
// errno belongs to somebody else. System V ABI for x86-64, version 1.0, appendix A.2.1.
#pragma once

namespace halfword {

[[gnu::always_inline]] inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0,
                                               long e = 0) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;  // a negative errno on failure
}

template <class T>
[[gnu::always_inline]] inline long word(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

}  // namespace halfword
