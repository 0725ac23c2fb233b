/* Ends its process in order, as a library does that believes it is the program. */
#include <stdlib.h>

int die(void) { exit(7); }
