/* Of two libraries that belong together, the one that uses the other's state. */

int kept_value(void);

int value_of_keeper(void) { return kept_value(); }
