/* Reads and sets errno as a C library's function would. */
#include <errno.h>

int get_errno(void) { return errno; }
int set_errno(int number) {
  errno = number;
  return number;
}
/* errno goes through a callback and comes back. */
int call_with_errno(int (*callback)(int), int number) {
  errno = number;
  callback(number);
  return errno;
}
