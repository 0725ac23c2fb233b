/* Dies of calling an address where nothing is. */

int die(void) {
  int (*volatile nowhere)(void) = (int (*)(void))0x18;
  return nowhere();
}
