/* Throws as code of Microsoft's compiler does: an exception of its own number, with pointers to what describes the
 * type. The layout is that of ehdata.h in Microsoft's C run-time library, for x86. */
#include <windows.h>

typedef struct {
  const void *virtual_table;
  void *spare;
  char name[32];
} TypeDescriptor;
typedef struct {
  unsigned properties;
  const TypeDescriptor *type;
  int displacement[3];
  int size;
  void *copy;
} CatchableType;
typedef struct {
  int count;
  const CatchableType *types[1];
} CatchableTypes;
typedef struct {
  unsigned attributes;
  void *unwind, *forward;
  const CatchableTypes *types;
} ThrowInfo;

static const TypeDescriptor kDescriptor = {0, 0, ".?AURefusal@vendor@@"};
static const CatchableType kType = {0, &kDescriptor, {0, -1, 0}, 4, 0};
static const CatchableTypes kTypes = {1, {&kType}};
static const ThrowInfo kThrow = {0, 0, 0, &kTypes};

static int destroyed;

/* What a compiler makes of __finally: told of the unwinding by a second call of its handler (winnt.h). */
static EXCEPTION_DISPOSITION note_unwinding(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher) {
  (void)frame;
  (void)context;
  (void)dispatcher;
  if ((record->ExceptionFlags & 6) != 0) ++destroyed; /* EH_UNWINDING | EH_EXIT_UNWIND */
  return ExceptionContinueSearch;
}

int throw_own(void) {
  static int object = 3;
  const ULONG_PTR arguments[3] = {0x19930520, (ULONG_PTR)&object, (ULONG_PTR)&kThrow};
  struct {
    void *next, *handler;
  } record = {(void *)__readfsdword(0), (void *)note_unwinding};
  __writefsdword(0, (DWORD)&record);
  RaiseException(0xE06D7363, EXCEPTION_NONCONTINUABLE, 3, arguments);
  __writefsdword(0, (DWORD)record.next);
  return 0;
}

int count_destroyed(void) { return destroyed; }
