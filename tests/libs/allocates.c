/* Allocates as much as it is told to. */
#include <stdlib.h>
#include <string.h>

/* A block filled with `value`, for the caller to look at and to give back. */
unsigned char *make_block(unsigned size, int value) {
  unsigned char *block = malloc(size);
  if (block != NULL) memset(block, value, size);
  return block;
}
void drop_block(void *block) { free(block); }
int first_byte(const void *block) { return *(const unsigned char *)block; }

enum { kMost = 4096 };
static unsigned char *pieces[kMost];
static int count;

/* Allocates `mebibytes` pieces of 1 MiB and writes to every page of them; how many there were. */
int hoard(int mebibytes) {
  for (int at = 0; at < mebibytes && count < kMost; ++at) {
    unsigned char *piece = malloc(1 << 20);
    if (piece == NULL) return at;
    for (int page = 0; page < 256; ++page) piece[page * 4096] = (unsigned char)(count + page);
    pieces[count++] = piece;
  }
  return mebibytes;
}
/* How many pages of the hoard do not hold what was written to them. */
int count_wrong_pages(void) {
  int wrong = 0;
  for (int at = 0; at < count; ++at)
    for (int page = 0; page < 256; ++page) wrong += pieces[at][page * 4096] != (unsigned char)(at + page);
  return wrong;
}
unsigned char *piece(int number) { return pieces[number]; }
int drop_hoard(void) {
  for (int at = 0; at < count; ++at) free(pieces[at]);
  const int dropped = count;
  count = 0;
  return dropped;
}
