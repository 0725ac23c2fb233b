/* Dies of writing where nothing is. */

int die(void) {
  volatile int *volatile nowhere = (volatile int *)0x14;
  *nowhere = 1;
  return 0;
}
