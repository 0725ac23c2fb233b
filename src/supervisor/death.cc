#include "supervisor/death.h"

#include <cstdio>
#include <cstring>

namespace halfword {
namespace {

constexpr std::uint32_t kNoLane = ~0U;

std::string hexadecimal(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

struct Named {
  std::uint32_t number;
  const char* text;
};

// Linux's numbers for i386 and x86-64 (signal(7)); Windows' status codes (ntstatus.h, Microsoft Open Specifications
// MS-ERREF).
constexpr Named kSignals[] = {{4, "illegal instruction (SIGILL)"},
                              {5, "breakpoint (SIGTRAP)"},
                              {6, "abort (SIGABRT)"},
                              {7, "bus error (SIGBUS)"},
                              {8, "arithmetic error (SIGFPE)"},
                              {9, "killed (SIGKILL)"},
                              {11, "segmentation fault (SIGSEGV)"},
                              {15, "terminated (SIGTERM)"},
                              {31, "forbidden system call (SIGSYS)"}};
constexpr Named kExceptions[] = {{0xC0000005, "access violation"},
                                 {0xC000001D, "illegal instruction"},
                                 {0xC0000094, "integer division by zero"},
                                 {0xC0000095, "integer overflow"},
                                 {0xC00000FD, "stack overflow"},
                                 {0xC0000096, "privileged instruction"},
                                 {0xC0000374, "heap corruption"},
                                 {0xC0000409, "stack buffer overrun"},
                                 {0x80000003, "breakpoint"},
                                 {0xC000008E, "floating-point division by zero"},
                                 {0xC0000006, "page could not be read"},
                                 {0x40000015, "abort"},
                                 {0x20474343, "C++ exception of GCC that nobody caught (std::terminate)"}};

template <std::size_t N>
std::string name_of(const Named (&table)[N], std::uint32_t number, const char* kind) {
  for (const Named& one : table)
    if (one.number == number) return one.text;
  return std::string(kind) + " " + (number < 256 ? std::to_string(number) : hexadecimal(number));
}

std::string fault_name(const Death& death) {
  return death.windows ? name_of(kExceptions, death.record.number, "exception")
                       : name_of(kSignals, death.record.number, "signal");
}

// A stack overflow is a fault close to the stack pointer; the guard page's size is the only tolerance.
bool looks_like_stack_overflow(const wire::Death& record) {
  const std::uint32_t stack_pointer = record.registers[7];
  return record.cause == wire::Cause::fault && record.access != wire::Access::execute &&
         record.fault_address + 0x10000 > stack_pointer && record.fault_address < stack_pointer + 0x1000;
}

const char* access_name(wire::Access access) {
  switch (access) {
    case wire::Access::read:
      return "reading";
    case wire::Access::write:
      return "writing";
    case wire::Access::execute:
      return "executing";
    default:
      return "at";
  }
}

std::string place_of(const wire::Death& record) {
  if (record.module[0] == 0) return hexadecimal(record.instruction);
  const char* slash = std::strrchr(record.module, '/');
  const char* backslash = std::strrchr(record.module, '\\');
  const char* name = slash != nullptr ? slash + 1 : backslash != nullptr ? backslash + 1 : record.module;
  char offset[24];
  std::snprintf(offset, sizeof offset, "+0x%x", record.module_offset);
  return std::string(name) + offset;
}

std::string fault_text(const Death& death) {
  const wire::Death& record = death.record;
  std::string text = looks_like_stack_overflow(record) ? "stack overflow" : fault_name(death);
  if (record.access != wire::Access::unknown)
    text += std::string(" ") + access_name(record.access) + " " + hexadecimal(record.fault_address);
  text += " at " + place_of(record);
  static constexpr const char* kRegisters[] = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "eip", "eflags"};
  text += " (";
  for (int at = 0; at < 10; ++at)
    text += std::string(at == 0 ? "" : " ") + kRegisters[at] + "=" + hexadecimal(record.registers[at]).substr(2);
  return text + ")";
}

// What the worker said or, where it could not say anything, what the system says of its process.
Error first_cause(const Death& death) {
  Error error;
  error.code = ErrorCode::library_crashed;
  const wire::Death& record = death.record;
  error.system_number = record.number;
  switch (record.cause) {
    case wire::Cause::fault:
      error.message = "crashed: " + fault_text(death);
      error.address = place_of(record);
      error.system_text = fault_name(death);
      return error;
    case wire::Cause::aborted:
      error.message = std::string("called abort()") + (record.text[0] != 0 ? ": " + std::string(record.text) : "");
      error.system_text = "abort";
      return error;
    case wire::Cause::terminated:
      error.message = std::string("ended by std::terminate: a C++ exception that nobody caught") +
                      (record.text[0] != 0 ? ": " + std::string(record.text) : "");
      error.system_text = "std::terminate";
      return error;
    case wire::Cause::heap_corrupt:
      error.message = std::string("corrupted its heap: ") + record.text;
      error.system_text = "heap corruption";
      return error;
    case wire::Cause::threw:
      error.code = ErrorCode::library_threw;
      error.message = std::string("threw an exception that nobody caught") +
                      (record.text[0] != 0 ? ": " + std::string(record.text) : "");
      error.name = record.text;
      return error;
    case wire::Cause::exited:
      error.code = ErrorCode::library_exited;
      error.message = "ended its process with status " + std::to_string(record.number);
      return error;
    default:
      break;
  }
  if (!death.end) {
    error.code = ErrorCode::worker_lost;
    error.message = "the worker is gone";
  } else if (death.end->by_signal) {
    error.code =
        death.end->number == 9 || death.end->number == 15 ? ErrorCode::worker_lost : ErrorCode::library_crashed;
    error.system_number = death.end->number;
    error.system_text = name_of(kSignals, death.end->number, "signal");
    error.message = "its worker was ended by a signal: " + error.system_text;
  } else {
    error.code = ErrorCode::library_exited;
    error.system_number = death.end->number;
    error.message = "ended its process with status " + std::to_string(death.end->number);
  }
  return error;
}

bool by_this_call(const Death& death, std::uint32_t lane) {
  if (lane == kNoLane) return false;
  if (death.cause) return false;
  // A record names the lane; without one, or when a thread of the library's own died, every call that was running did.
  return death.record.cause == wire::Cause::none || death.record.lane == kNoLane || death.record.lane == lane;
}

}  // namespace

wire::Death checked_death(const wire::Death& shared) {
  wire::Death copy = {};
  if (__atomic_load_n(&shared.complete, __ATOMIC_ACQUIRE) == 0) return copy;
  std::memcpy(&copy, &shared, sizeof copy);
  copy.module[sizeof copy.module - 1] = 0;
  copy.text[sizeof copy.text - 1] = 0;
  if (copy.cause > wire::Cause::heap_corrupt) copy = {};
  if (copy.access > wire::Access::execute) copy.access = wire::Access::unknown;
  return copy;
}

Error describe_death(const Death& death, std::uint32_t lane, const std::string& library, const std::string& function) {
  Error error = death.cause ? *death.cause : first_cause(death);
  const std::string what = library.empty() ? "the library" : library;
  if (by_this_call(death, lane)) {
    error.message = what + " " + error.message + (function.empty() ? "" : ", in a call of " + function);
  } else {
    error.code = ErrorCode::worker_lost;
    error.message = "the worker of " + what + " is gone: " + (death.cause ? "" : "the library ") + error.message;
  }
  error.file = library;
  error.function = function;
  return error;
}

}  // namespace halfword
