/* Stands for a library that is not installed: libraries are linked with it, but it is nowhere under the name they want.
 */

int absent_value(void) { return 1; }
