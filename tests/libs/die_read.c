/* Dies of reading where nothing is. */

int die(void) {
  const volatile int *volatile nowhere = (const volatile int *)0x10;
  return *nowhere;
}
