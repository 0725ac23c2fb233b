/* The library that the benchmark calls, built for i386-linux and i386-windows: functions that do next to nothing, so
 * that what is measured is the way to them. */
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT int add(int a, int b) { return a + b; }

EXPORT int args8(int a, int b, int c, int d, int e, int f, int g, int h) { return a - b + c - d + e - f + g - h; }

/* A string in and one out, of the same length: every letter the next one. Returns the length. */
EXPORT int text(const char* in, char* out, int room) {
  int length = 0;
  for (; in[length] != 0 && length + 1 < room; ++length) out[length] = (char)(in[length] + 1);
  out[length] = 0;
  return length;
}

EXPORT int call_back(int (*function)(int), int value) { return function(value) + 1; }

/* Reads the first byte and changes the last one: proof that the buffer is the caller's, at no cost. */
EXPORT int touch(unsigned char* data, unsigned size) {
  data[size - 1] = (unsigned char)(data[size - 1] + 1);
  return data[0];
}
