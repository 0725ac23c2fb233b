// What the worker's Linux files share.
#pragma once

#include <stdint.h>

namespace halfword::worker {

/// Where the keeper has put the window's file when the worker starts.
constexpr int kWindowFile = 3;

/// The window's file, also after the library has closed every descriptor; -1 when it cannot be had again.
int open_window_file();

/// Finds the loaded module that holds `address`; false if none. Works in a signal handler.
bool module_at(uint32_t address, char* path, uint32_t path_size, uint32_t* offset);

/// A signal stack for the calling thread, so that a stack overflow can be reported.
void give_signal_stack();
void drop_signal_stack();

/// The type of the C++ exception that is being handled or thrown, mangled, or nullptr.
const char* current_exception_type();

/// A piece of memory that is shared with the client.
struct SharedPiece {
  uint32_t begin, end;
  uint64_t file_offset;
  int protection;  ///< PROT_…
};
void for_shared_memory(void (*run)(const SharedPiece& piece));

void prepare_for_forks();

}  // namespace halfword::worker
