/* Takes and gives values of every shape that a command line can write. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct point {
  int x;
  double y;
};
struct flags {
  unsigned low : 3;
  unsigned high : 5;
  int balance : 8;
};
union number {
  int bits;
  float value;
};
struct label {
  char text[8];
  const char *more;
  short numbers[3];
};

double product(struct point p) { return p.x * p.y; }
struct point make_point(int x, double y) { return (struct point){x, y}; }
void move_point(struct point *p, int dx, double dy) {
  p->x += dx;
  p->y += dy;
}
double total(const struct point *points, int count) {
  double sum = 0;
  for (int at = 0; at < count; ++at) sum += product(points[at]);
  return sum;
}

int pack_flags(struct flags flags) { return (int)(flags.low + 10 * flags.high) + 1000 * flags.balance; }
int bits_of(union number number) { return number.bits; }
int measure_label(const struct label *label) {
  return (int)(strlen(label->text) * 100 + strlen(label->more) * 10) + label->numbers[0] + label->numbers[2];
}

void fill_longs(long *values, int count) {
  for (int at = 0; at < count; ++at) values[at] = at * -1000;
}
int fill_bytes(unsigned char *bytes, int count) {
  for (int at = 0; at < count; ++at) bytes[at] = (unsigned char)at;
  return count / 2;
}
void upper(char *text) {
  for (; *text != 0; ++text)
    if (*text >= 'a' && *text <= 'z') *text = (char)(*text - 32);
}

const wchar_t *wide_text(void) { return L"w\u00e9 \U0001f600"; }
int wide_length(const wchar_t *text) { return (int)wcslen(text); }
const char *latin_text(void) { return "M\xfcller"; }
char *no_text(void) { return NULL; }
void *make_handle(void) { return malloc(1); }
unsigned char not_truth(unsigned char value) { return value == 0; }
long long large(void) { return -9007199254740993LL; }
int times_two(int value) { return 2 * value; }
int apply(int (*function)(int), int value) { return function(value); }
