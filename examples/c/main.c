/* A 32-bit zlib called from a 64-bit C program. Exits with 0 when the library answered what it should. */
#include <halfword/halfword.h>
#include <stdio.h>
#include <string.h>

static int fail(const char* what, hw_error* error) {
  fprintf(stderr, "%s: %s\n", what, error != NULL ? hw_error_message(error) : "no memory");
  hw_error_free(error);
  return 1;
}

int main(void) {
  hw_error* error = NULL;
  hw_library* zlib = NULL;
  if (hw_library_open("libz.so.1", NULL, &zlib, &error) != HW_OK) return fail("open", error);

  /* The types are those of the library's header; the word says how much of the buffer the library reads. */
  hw_function* crc32 = NULL;
  if (hw_function_create(zlib,
                         "unsigned long crc32(unsigned long crc, _In_reads_bytes_(size) const unsigned char *bytes,"
                         " unsigned size)",
                         NULL, &crc32, &error) != HW_OK)
    return fail("crc32", error);

  const char* text = "123456789";
  unsigned long start = 0, sum = 0;
  unsigned size = (unsigned)strlen(text);
  void* arguments[] = {&start, &text, &size};
  if (hw_function_call(crc32, &sum, arguments, 0, &error) != HW_OK) return fail("call", error);

  printf("crc32 of %s by a 32-bit library (worker %u, %s): %08lx\n", text, hw_library_process(zlib),
         hw_library_target(zlib), sum);
  hw_function_destroy(crc32);
  hw_library_close(zlib);
  return sum == 0xcbf43926 ? 0 : 1;
}
