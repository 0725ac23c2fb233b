/* Needs a library that is there, which needs one that is not. */

int value(void);

int outer_value(void) { return value(); }
