/* Dies of a recursion that never ends. */

static int deeper(int depth) {
  volatile char room[2048];
  room[depth % 2048] = 1;
  return deeper(depth + 1) + room[0];
}

int die(void) { return deeper(0); }
