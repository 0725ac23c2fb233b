/* Needs a library that is not there. */

int absent_value(void);

int value(void) { return absent_value(); }
