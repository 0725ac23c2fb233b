/* halfword: call functions of a shared library that this process cannot load, because it is built for another bitness,
 * processor or system. The library runs in a worker process; memory that it allocates is readable here at the address
 * that it returns.
 *
 * C11, stable: names and layouts in this file do not change within a major version; new ones are added at the end.
 * The C++ interface (halfword.hpp) stands on it.
 *
 * Errors. Functions that can fail return an hw_code, HW_OK (0) or a code of <halfword/error_codes.inc>. Where `error`
 * is not NULL it then receives an hw_error that says what, where and why; the caller frees it with hw_error_free. On
 * success *error is set to NULL.
 *
 * Threads. Every function may be called from any thread. A thread's calls into one worker always run on the same thread
 * there. An object must not be closed or destroyed while another thread uses it.
 *
 * Strings are UTF-8 and end with a zero. Sizes are in bytes unless it says otherwise.
 */
#ifndef HALFWORD_HALFWORD_H
#define HALFWORD_HALFWORD_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(HALFWORD_STATIC)
#ifdef HALFWORD_BUILDING
#define HW_API __declspec(dllexport)
#else
#define HW_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define HW_API __attribute__((visibility("default")))
#else
#define HW_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* 0, or one of the numbers below; what each means is in <halfword/error_codes.inc> and `halfword help errors`. */
typedef uint32_t hw_code;
enum {
  HW_OK = 0,
#define HALFWORD_ERROR(name, number, exit_status, meaning, advice) HW_ERROR_##name = number,
#include "halfword/error_codes.inc"
#undef HALFWORD_ERROR
  HW_ERROR_CODES_END
};

typedef struct hw_library hw_library;
typedef struct hw_function hw_function;
typedef struct hw_callback hw_callback;
typedef struct hw_batch hw_batch;
typedef struct hw_error hw_error;

/* The version of the library that is running, as major * 10000 + minor * 100 + patch. */
HW_API uint32_t hw_version(void);

/* ---- errors ---- */

HW_API hw_code hw_error_code(const hw_error* error);
/* One or more sentences that name the thing, the reason and the next step. Lives as long as `error`; likewise below. */
HW_API const char* hw_error_message(const hw_error* error);
/* Parts of the message for programs; "" where there is none. */
HW_API const char* hw_error_file(const hw_error* error);
HW_API const char* hw_error_function(const hw_error* error);
HW_API const char* hw_error_name(const hw_error* error); /* the missing export or dependency, the argument, the type */
HW_API const char* hw_error_address(const hw_error* error); /* of a fault: "module+0xoffset" */
/* The system's number: errno, GetLastError, a signal or an exception code; 0 where there is none. */
HW_API uint64_t hw_error_system_number(const hw_error* error);
HW_API const char* hw_error_system_text(const hw_error* error);
/* Where a missing thing was looked for, or the names nearest to a missing one; NULL after the last. */
HW_API const char* hw_error_searched(const hw_error* error, size_t index);
HW_API void hw_error_free(hw_error* error); /* NULL is allowed */

/* The name of a code, "wrong_bitness", what it means, and what to do about it. Static; "unknown" for other numbers. */
HW_API const char* hw_code_name(hw_code code);
HW_API const char* hw_code_meaning(hw_code code);
HW_API const char* hw_code_advice(hw_code code);
/* What the `halfword` command exits with for it. */
HW_API int hw_code_exit_status(hw_code code);

/* ---- libraries ---- */

enum {
  HW_WINDOW_AUTO = 0,   /* HALFWORD_WINDOW decides; without it the same addresses on both sides */
  HW_WINDOW_SHARED = 1, /* the same addresses, or no library */
  HW_WINDOW_APART = 2,  /* another address here: pointers that are returned are translated */
  HW_WINDOW_OFF = 3     /* the library's memory is not shared: what is returned is copied */
};
enum {
  HW_WAIT_AUTO = 0, /* HALFWORD_WAIT decides; without it: spin for some microseconds, then sleep */
  HW_WAIT_SPIN = 1, /* never sleep: for a processor of one's own only */
  HW_WAIT_BLOCK = 2 /* sleep at once */
};

/* How to open a library. Fill with zeros, set `size`, then what is wanted. */
typedef struct hw_open_options {
  size_t size;               /* sizeof(hw_open_options) */
  uint32_t window;           /* HW_WINDOW_… */
  uint32_t wait;             /* HW_WAIT_… */
  int64_t deadline_ns;       /* for every call that has none of its own; 0: none */
  hw_library* beside;        /* the library joins the worker of this one; NULL: a worker of its own */
  const char* const* search; /* folders with its dependencies, ended by NULL; NULL: none */
  uint64_t window_address;   /* where the window must lie; 0: wherever both sides have room */
} hw_open_options;

/* Starts a worker of the library's target and loads the library there.
 *
 * file     path, or a bare name that is looked for in `search`, HALFWORD_LIBRARY_PATH and the target's system folders
 * options  NULL: the defaults
 * library  receives the library; close it with hw_library_close
 *
 * Codes: file_not_found, not_a_library, wrong_bitness (no worker for its target), dependency_missing (which one is in
 * hw_error_name), environment (the worker could not be started), no_memory, library_crashed and its like (the library's
 * own start-up code failed). */
HW_API hw_code hw_library_open(const char* file, const hw_open_options* options, hw_library** library,
                               hw_error** error);

/* Unloads the library; the worker of the last library in it ends, with the library's exit handlers. Functions and
 * callbacks of the library must have been destroyed. Memory that the library returned is gone. NULL is allowed. */
HW_API void hw_library_close(hw_library* library);

/* Starts a new worker in place of the present one, dead or alive, and loads the same libraries again. Functions and
 * callbacks stay usable; handles and pointers that the old worker gave out are stale. */
HW_API hw_code hw_library_restart(hw_library* library, hw_error** error);

/* The worker's process number in its system, its target ("i386-linux"), and whether the client sees the library's
 * memory (1) or gets copies (0). The string lives as long as the library. */
HW_API uint32_t hw_library_process(hw_library* library);
HW_API const char* hw_library_target(hw_library* library);
HW_API int hw_library_shares_memory(hw_library* library);

/* ---- functions ---- */

/* Prepares a function for calls.
 *
 * prototype  a C declaration with optional SAL words (docs/prototypes.md), in the types of the vendor's header. Types
 *            after `...` are those of the variable arguments of this hw_function's calls
 * symbol     the export: NULL for the prototype's own name, "#12" for an ordinal, else the name, decorated or not
 * function   receives the function; destroy it with hw_function_destroy
 *
 * Codes: argument_type (the prototype; the message points at the place), export_missing (hw_error_searched lists the
 * nearest names), unsupported, worker_lost. */
HW_API hw_code hw_function_create(hw_library* library, const char* prototype, const char* symbol,
                                  hw_function** function, hw_error** error);
/* The same for a function that the library gave the address of. It is stale after a restart. */
HW_API hw_code hw_function_create_at(hw_library* library, const char* prototype, uint64_t address,
                                     hw_function** function, hw_error** error);
HW_API void hw_function_destroy(hw_function* function); /* NULL is allowed */

/* Sizes in bytes of the result (0 for void) and of argument `index`, as this program represents them; and how many
 * arguments a call takes. */
HW_API size_t hw_function_result_size(const hw_function* function);
HW_API size_t hw_function_argument_count(const hw_function* function);

/* Calls the function.
 *
 * result       receives the result in this program's representation: hw_function_result_size bytes; NULL drops it
 * arguments    one pointer for each argument to its value in this program's representation
 * deadline_ns  from now; 0: the library's deadline; negative: none. When it passes, the worker is ended
 *
 * errno (and on Windows the last error) are the library's afterwards, as after a plain call. Codes: argument_range and
 * argument_type (nothing was called), library_crashed, library_exited, library_threw (after which the worker goes on),
 * convention_mismatch (the call was made; the worker goes on), deadline_exceeded, worker_lost, stale_handle,
 * unsupported, no_memory, protocol_error. */
HW_API hw_code hw_function_call(hw_function* function, void* result, void* const* arguments, int64_t deadline_ns,
                                hw_error** error);

/* What the engine makes of the prototype: one line for each parameter. Lives as long as the function. */
HW_API const char* hw_function_describe(hw_function* function);

/* The last error that the library set on this thread (GetLastError there); on Windows the same as GetLastError. */
HW_API uint32_t hw_last_error(void);

/* ---- callbacks ---- */

/* A function of this program's for the library: reads its arguments and stores its result as hw_function_call does.
 * Runs on the thread whose call made the library call back; for a thread of the library's own, on a thread that
 * halfword keeps for it. It may call the library. It must not throw; it may leave by longjmp to a frame of the same
 * thread, but only where the library allows that. */
typedef void (*hw_callback_function)(void* user, void* result, void* const* arguments);

/* Makes `function` callable by the library, with the types of `prototype` (its name is not used).
 * A library that calls it after hw_callback_destroy gets 0, and the call that was under way ends with stale_handle. */
HW_API hw_code hw_callback_create(hw_library* library, const char* prototype, hw_callback_function function, void* user,
                                  hw_callback** callback, hw_error** error);
/* What to pass to the library as the function pointer: valid in the present worker, so ask again after a restart. */
HW_API void* hw_callback_pointer(hw_callback* callback);
HW_API void hw_callback_destroy(hw_callback* callback); /* NULL is allowed */

/* ---- memory ---- */

/* Memory of the library's own heap, as its malloc gives it: the library may free it and keep it, and it passes without
 * a copy. NULL in `pointer` and an error without room. In a window that is `off` the memory cannot be seen:
 * unsupported. */
HW_API hw_code hw_allocate(hw_library* library, size_t size, void** pointer, hw_error** error);
/* Frees memory of the library's heap, from hw_allocate or from the library. NULL is allowed. */
HW_API hw_code hw_free(hw_library* library, void* pointer, hw_error** error);

/* The address in the worker of an export: a function or a variable. */
HW_API hw_code hw_symbol(hw_library* library, const char* symbol, uint64_t* address, hw_error** error);
/* Copies from and to the worker's memory, also where it is not shared. `argument_range` if nothing is there. */
HW_API hw_code hw_read(hw_library* library, uint64_t address, void* to, size_t size, hw_error** error);
HW_API hw_code hw_write(hw_library* library, uint64_t address, const void* from, size_t size, hw_error** error);
/* Where this program sees [address, address + size), or NULL. */
HW_API void* hw_pointer(hw_library* library, uint64_t address, size_t size);
/* The worker's address of what `pointer` points to; 0 if the worker does not see it. */
HW_API uint64_t hw_address(hw_library* library, const void* pointer);

/* ---- batches ---- */

/* Calls that are collected and then made in order with one wake-up. Only functions whose arguments and result are plain
 * numbers and handles; others are refused with `unsupported`. */
HW_API hw_code hw_batch_create(hw_library* library, hw_batch** batch, hw_error** error);
/* Adds a call; `result` must stay until the batch has run. */
HW_API hw_code hw_batch_add(hw_batch* batch, hw_function* function, void* result, void* const* arguments,
                            hw_error** error);
/* Makes the calls on this thread. `done` (may be NULL) receives how many have returned: fewer than were added only with
 * an error. The batch is empty afterwards. */
HW_API hw_code hw_batch_run(hw_batch* batch, int64_t deadline_ns, size_t* done, hw_error** error);
HW_API void hw_batch_destroy(hw_batch* batch); /* NULL is allowed */

#ifdef __cplusplus
}
#endif

#endif
