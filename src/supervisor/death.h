// Why a worker died, as an Error: from what it recorded itself, what the system says of its process, and what its
// client had decided. Pure; used by Worker.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "platform/worker_link.h"
#include "wire/window_layout.h"

namespace halfword {

/// A copy of the worker's record with everything in it checked; nothing recorded if it was not complete.
wire::Death checked_death(const wire::Death& shared);

struct Death {
  std::optional<Error> cause;  ///< decided by the client (a deadline, a protocol error), or nothing
  wire::Death record;
  std::optional<ProcessEnd> end;
  bool windows;  ///< the worker is a Windows program
};

/// The error for a call of `function` that ran on `lane` at that moment, or for one that came later (`lane` is ~0).
Error describe_death(const Death& death, std::uint32_t lane, const std::string& library, const std::string& function);

}  // namespace halfword
