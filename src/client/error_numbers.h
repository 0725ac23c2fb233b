// errno and the last error between the client's system and the worker's.
#pragma once

#include <cstdint>
#include <string>

namespace halfword {

/// The client's errno as the worker's C library numbers it, and back. A number that the other system has no name for
/// passes as it is.
int to_worker_errno(int number, bool windows_worker);
int from_worker_errno(int number, bool windows_worker);

/// The readable name of a type as std::type_info::name() gives it in an i386 library; as it is where it is none.
std::string demangled_type(const char* mangled);

}  // namespace halfword
