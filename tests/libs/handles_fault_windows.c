/* Handles faults of its own making, as libraries do that probe memory or a processor's instructions. */
#include <windows.h>

static int caught;

/* What a compiler makes of __try and __except: a record on the stack, linked into the thread's chain (winnt.h). */
static EXCEPTION_DISPOSITION skip_read(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher) {
  (void)frame;
  (void)dispatcher;
  if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION) return ExceptionContinueSearch;
  caught = 1;
  context->Eip += 5;
  return ExceptionContinueExecution;
}

static LONG CALLBACK skip_illegal(EXCEPTION_POINTERS *fault) {
  if (fault->ExceptionRecord->ExceptionCode != EXCEPTION_ILLEGAL_INSTRUCTION) return EXCEPTION_CONTINUE_SEARCH;
  caught = 1;
  fault->ContextRecord->Eip += 2;
  return EXCEPTION_CONTINUE_EXECUTION;
}

int survive_read(void) {
  struct {
    void *next, *handler;
  } record = {(void *)__readfsdword(0), (void *)skip_read};
  caught = 0;
  __writefsdword(0, (DWORD)&record);
  __asm__ volatile(".byte 0xa1, 0x30, 0, 0, 0" ::: "eax", "memory"); /* mov 0x30, %eax in its five bytes */
  __writefsdword(0, (DWORD)record.next);
  return caught;
}

int survive_illegal(void) {
  caught = 0;
  void *handler = AddVectoredExceptionHandler(1, skip_illegal);
  __asm__ volatile("ud2" ::: "memory");
  RemoveVectoredExceptionHandler(handler);
  return caught;
}

int survive_probe(void) { return IsBadReadPtr((void *)0x30, 4) != 0; }
