/* Does not come back. */

static volatile int goes_on = 1;

int loop(void) {
  while (goes_on) {
  }
  return 0;
}
