/* Damages its heap in the two usual ways. */
#include <stdlib.h>
#include <string.h>

/* Writes `bytes` past the end of a block that has neighbours, then goes on using the heap. */
int overrun(int bytes) {
  char *blocks[16];
  for (int at = 0; at < 16; ++at) blocks[at] = malloc(100);
  memset(blocks[7], 0x5a, 100 + (size_t)bytes);
  for (int at = 0; at < 16; ++at) free(blocks[at]);
  char *again = malloc(100);
  const int works = again != NULL;
  free(again);
  return works;
}

int free_twice(void) {
  char *volatile block = malloc(100);
  free(block);
  free(block);
  return 0;
}

int free_what_was_never_allocated(void) {
  static char block[64];
  char *volatile inside = block + 16;
  free(inside);
  return 0;
}
