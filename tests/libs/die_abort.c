/* Dies by abort. */
#include <stdlib.h>

int die(void) { abort(); }
