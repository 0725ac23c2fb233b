// The ways in which a library ends its process on purpose, told before it ends: redirected imports (imports_windows.h).
// The system's own record would be an exit status, of which Wine passes 8 bits to a client on Linux.
#pragma once

#include <cstdint>

namespace halfword::process_end {

enum class Kind { exited, aborted, terminated };

/// Called on the thread that ends the process. `text` is what the library said, where it said something.
using Report = void (*)(Kind kind, std::uint32_t status, const char* text);

/// Adds the redirections; before imports::begin, once.
void report_to(Report report);

/// The filter for unhandled exceptions that a library has set, in place of which ours stays; nullptr if none has.
void* library_filter();

}  // namespace halfword::process_end
