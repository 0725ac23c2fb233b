// The names of the systems' error numbers. Constant data; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace halfword::cli {

/// "ENOENT" for an errno of this program's own system; empty for a number without a name.
std::string errno_name(int number);

/// "ERROR_FILE_NOT_FOUND" for a number of GetLastError's; empty for one that is not in the short list here.
std::string windows_error_name(std::uint32_t number);

}  // namespace halfword::cli
