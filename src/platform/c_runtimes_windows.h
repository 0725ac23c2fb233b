// The C run-time libraries that are loaded into a worker: several may be, each with an errno and a stdout of its own.
// One that is linked into a library cannot be reached; nothing here concerns it.
//
// Called by the worker's lanes, on any thread, and by imports_windows.cc under the loader's lock.
#pragma once

#include <cstdint>

namespace halfword::c_runtimes {

/// Whether a module of this name, in lower case, is one.
bool is_runtime(const char* name);

/// Under the loader's lock: one is being loaded (its entry point has not run yet), or unloaded.
void note(void* module);
void forget(void* module);

/// The calling thread's errno: the first of all that is no longer `before`, or `before`.
std::int32_t get_errno(std::int32_t before);
void set_errno(std::int32_t value);

/// Writes out what lies in the buffers of stdout. Keeps errno and the last error.
void flush_output();

/// What exit() does before it ends the process: handlers run, files are written out.
void run_exit_handlers();

/// Runs the handlers of SIGABRT that libraries have set. Returns where none of them ends the process.
void raise_abort();

/// What the run-time libraries have written to stderr lately, zero-terminated, and a place to note it.
const char* last_words();
void note_words(const char* text, std::uint32_t size);

}  // namespace halfword::c_runtimes
