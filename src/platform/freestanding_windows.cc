// The few functions of the C library that the compiler and the worker's code call. The worker has no C library of its
// own on Windows: a run-time library of the worker's would be one more that a library could meet, with a heap, an errno
// and a stdout that are not the library's.
//
// Compiled without the compiler's own ideas of these functions (CMakeLists.txt), which would call themselves.
#include <cstddef>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  void* const result = to;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return result;
}

void* memset(void* to, int value, std::size_t size) {
  void* const result = to;
  asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return result;
}

int memcmp(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (; size != 0; --size, ++a, ++b)
    if (*a != *b) return *a - *b;
  return 0;
}

std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != 0) ++length;
  return length;
}

int strncmp(const char* left, const char* right, std::size_t size) {
  for (; size != 0; --size, ++left, ++right) {
    if (*left != *right) return static_cast<unsigned char>(*left) - static_cast<unsigned char>(*right);
    if (*left == 0) return 0;
  }
  return 0;
}

char* strncpy(char* to, const char* from, std::size_t size) {
  std::size_t at = 0;
  for (; at < size && from[at] != 0; ++at) to[at] = from[at];
  for (; at < size; ++at) to[at] = 0;
  return to;
}

/// GCC calls it at the start of `main`, for constructors of static objects; they have run by then (hw_start).
void __main(void) {}

}  // extern "C"
