/* Ends its process without a word: no exit handler runs. */
#include <unistd.h>

int die(void) { _exit(9); }
