// Text and file names between UTF-8, which halfword uses, and the UTF-16 of Windows. Used by client and worker, on any
// thread; no allocation, so that the worker can.
#pragma once

#include <cstdint>

namespace halfword {

/// At most `size` elements with the zero. False where it does not fit; what lies at the target is then not defined.
bool widen(const char* text, wchar_t* wide, int size);
bool narrow(const wchar_t* wide, char* text, int size);

/// A file name as this system spells it: under Wine a client on Linux writes "/…", and slashes become backslashes.
bool native_path(const char* path, wchar_t* wide, int size);

/// The system's words for a number of GetLastError, without the line's end; empty where there are none.
void describe_error(std::uint32_t number, char* text, int size);

}  // namespace halfword
