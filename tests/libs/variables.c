/* Variables that are part of an interface. */

int counter = 7;
unsigned char small = 200;
long long large = -5000000000LL;
double ratio = 0.25;
const int limit = 99;

int count_up(void) { return ++counter; }
int small_now(void) { return small; }
double ratio_now(void) { return ratio; }
long long large_now(void) { return large; }
