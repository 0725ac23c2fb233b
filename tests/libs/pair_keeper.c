/* Of two libraries that belong together, the one that keeps the state. */

static int kept;

int keep_value(int value) { return kept = value; }
int kept_value(void) { return kept; }
