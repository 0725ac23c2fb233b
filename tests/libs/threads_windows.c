#include <stdlib.h>
#include <windows.h>

#include "threads.h"

struct Thread {
  HANDLE handle;
  void (*run)(void *);
  void *argument;
};

static DWORD WINAPI run_thread(void *started) {
  const Thread *thread = started;
  thread->run(thread->argument);
  return 0;
}

Thread *start_thread(void (*run)(void *), void *argument) {
  Thread *thread = malloc(sizeof *thread);
  if (thread == NULL) abort();
  thread->run = run;
  thread->argument = argument;
  thread->handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
  if (thread->handle == NULL) abort();
  return thread;
}

void join_thread(Thread *thread) {
  WaitForSingleObject(thread->handle, INFINITE);
  CloseHandle(thread->handle);
  free(thread);
}

struct Gate {
  HANDLE event;
};

Gate *make_gate(void) {
  Gate *gate = malloc(sizeof *gate);
  if (gate == NULL) abort();
  gate->event = CreateEventW(NULL, TRUE, FALSE, NULL);
  return gate;
}

void open_gate(Gate *gate) { SetEvent(gate->event); }
void pass_gate(Gate *gate) { WaitForSingleObject(gate->event, INFINITE); }
