// ExitProcess and TerminateProcess are where every C run-time library's exit() and abort() arrive. Which of the two it
// was is known by what the thread called before.
#include "platform/process_end_windows.h"

#include <windows.h>

#include <cstring>

#include "platform/c_runtimes_windows.h"
#include "platform/imports_windows.h"

namespace halfword::process_end {
namespace {

constexpr UINT kAbortStatus = 3;                    // of abort() in Microsoft's run-time libraries
constexpr char kTerminated[] = "terminate called";  // libstdc++'s terminate handler begins so

Report reported;
LPTOP_LEVEL_EXCEPTION_FILTER filter_of_library;
DWORD aborting_thread;

LPTOP_LEVEL_EXCEPTION_FILTER WINAPI set_filter(LPTOP_LEVEL_EXCEPTION_FILTER filter) {
  const LPTOP_LEVEL_EXCEPTION_FILTER before = filter_of_library;
  filter_of_library = filter;
  return before;
}

void report(UINT status) {
  if (aborting_thread != GetCurrentThreadId()) return reported(Kind::exited, status, "");
  const char* said = nullptr;
  for (const char* at = c_runtimes::last_words(); *at != 0; ++at)
    if (strncmp(at, kTerminated, sizeof kTerminated - 1) == 0) said = at;
  reported(said != nullptr ? Kind::terminated : Kind::aborted, status, said != nullptr ? said : "");
}

void WINAPI exit_process(UINT status) {
  report(status);
  ExitProcess(status);
}

BOOL WINAPI terminate_process(HANDLE process, UINT status) {
  if (process == GetCurrentProcess() || GetProcessId(process) == GetCurrentProcessId()) report(status);
  return TerminateProcess(process, status);
}

void __cdecl abort_call() {
  aborting_thread = GetCurrentThreadId();
  c_runtimes::raise_abort();  // does not come back from a handler that leaves by longjmp
  report(kAbortStatus);
  TerminateProcess(GetCurrentProcess(), kAbortStatus);
}

BOOL WINAPI write_file(HANDLE file, const void* bytes, DWORD size, DWORD* written, OVERLAPPED* overlapped) {
  if (file == GetStdHandle(STD_ERROR_HANDLE)) c_runtimes::note_words(static_cast<const char*>(bytes), size);
  return WriteFile(file, bytes, size, written, overlapped);
}

using imports::Scope;
const imports::Redirection kEnds[] = {{"SetUnhandledExceptionFilter", imports::code_of(set_filter), Scope::system},
                                      {"ExitProcess", imports::code_of(exit_process), Scope::system},
                                      {"TerminateProcess", imports::code_of(terminate_process), Scope::system},
                                      {"WriteFile", imports::code_of(write_file), Scope::system_in_runtime},
                                      {"abort", imports::code_of(abort_call), Scope::runtime}};

}  // namespace

void report_to(Report report) {
  reported = report;
  imports::add(kEnds, sizeof kEnds / sizeof *kEnds);
}

void* library_filter() { return reinterpret_cast<void*>(filter_of_library); }

}  // namespace halfword::process_end
