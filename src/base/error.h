// Errors as values: what every module returns when something outside this program's own logic goes wrong.
//
// Three kinds of fault are kept apart. Our own bug aborts with a message (HALFWORD_CHECK in check.h). Bytes of the
// peer that no correct peer sends are ErrorCode::protocol_error. Everything else is an Error with its context.
// Used by the client and the tools; the worker, which has no C++ library, knows only the numbers in src/wire.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace halfword {

enum class ErrorCode : std::uint32_t {
  none = 0,
#define HALFWORD_ERROR(name, number, exit_status, meaning, advice) name = number,
#include "halfword/error_codes.inc"
#undef HALFWORD_ERROR
};

/// What a person needs to know of a code; static strings that live for ever.
struct ErrorCodeInfo {
  ErrorCode code;
  const char* name;     ///< as in JSON and in surfaces: "wrong_bitness"
  int exit_status;      ///< of the `halfword` command
  const char* meaning;  ///< one clause, no full stop
  const char* advice;   ///< what to do next, one clause
};

/// Every code in the order of its number.
const std::vector<ErrorCodeInfo>& error_codes();

/// The entry of `code`; for an unknown number an entry named "unknown".
const ErrorCodeInfo& describe(ErrorCode code);

/// One failure. `message` is complete by itself: it names the thing and the reason. The fields below repeat its parts
/// for programs; an empty field or a zero means that there is none.
struct Error {
  ErrorCode code = ErrorCode::none;
  std::string message;
  std::string file;                 ///< the library or file concerned
  std::string function;             ///< the function that was being called or looked up
  std::string name;                 ///< the missing export or dependency, the offending argument, the exception's type
  std::string address;              ///< of a fault, as `module+0xoffset`
  std::uint64_t system_number = 0;  ///< errno, GetLastError, a signal's number or an exception's code
  std::string system_text;          ///< the system's own words for it
  std::vector<std::string> searched;  ///< folders where a missing thing was looked for, or the nearest names
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for `return fail(ErrorCode::file_not_found, "…")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return std::unexpected(std::move(error));
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

/// Passes the error of `result` on: `if (!x) return propagate(x);`.
template <class T>
std::unexpected<Error> propagate(Result<T>& result) {
  return std::unexpected(std::move(result.error()));
}

/// An `environment` error of the system call `what`, with errno's (Windows: GetLastError's) number and text.
/// `number` is taken by value so that nothing between the failure and this call can change it.
std::unexpected<Error> fail_system(const std::string& what, std::uint64_t number);

}  // namespace halfword
