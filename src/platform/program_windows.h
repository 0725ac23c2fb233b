// How a program without a C run-time library begins, and what it takes over from the one that started it.
#pragma once

namespace halfword {

/// The section that the window lies in: a Windows client hands it down, and the command line says by which handle; a
/// Linux client's memory is a file, which Wine opens by the path that the command line gives. A HANDLE, owned by the
/// caller; nullptr where there is none.
void* open_window_section();
/// Says on stderr that nobody starts this program by hand.
void refuse_to_run();

/// Applies what the client has left in the environment for the worker, and removes it: HALFWORD_SEARCH, folders in
/// lines, where the library's dependencies lie; they come first in PATH, as LD_LIBRARY_PATH would on Linux.
void take_environment();

}  // namespace halfword

/// Called when a thread ends, after what every library does then. The program defines it.
extern "C" void hw_end_of_thread(void);
