// The last error of a thread: GetLastError on Windows; elsewhere a number of halfword's own for each thread, so that a
// program can see what a Windows library has set.
#pragma once

#include <cstdint>

namespace halfword {

std::uint32_t get_last_error();
void set_last_error(std::uint32_t number);

/// Whether this program runs on Windows, whose errno numbers differ above 34.
extern const bool kWindowsClient;

}  // namespace halfword
