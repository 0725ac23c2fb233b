/* Dies of a division by zero. */

int die(void) {
  volatile int zero = 0;
  return 1 / zero;
}
