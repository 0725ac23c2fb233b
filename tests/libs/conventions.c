/* One function in each convention, to be declared wrongly. */

__attribute__((cdecl)) int cdecl_sum(int a, int b, int c) { return a + b + c; }
__attribute__((stdcall)) int stdcall_sum(int a, int b, int c) { return a + b + c; }
__attribute__((fastcall)) int fastcall_sum(int a, int b, int c, int d) { return a + b + c + d; }
