/* What every tiny library can do beside its own business, to show that its worker is alive. */

int add(int a, int b) { return a + b; }
