#include <windows.h>

#include "thread_end.h"

static void (*wanted)(void *);
static __thread int waits;

void at_thread_end(void (*run)(void *)) {
  wanted = run;
  waits = 1;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
  (void)module;
  (void)reserved;
  if (reason == DLL_THREAD_DETACH && waits) wanted(&waits);
  return TRUE;
}
