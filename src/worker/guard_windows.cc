// What the worker says of its own death: what no handler of the library's took, and the ways in which a library ends
// its process. Structured exceptions: Microsoft, "Structured Exception Handling"; for x86, M. Pietrek, MSJ, January
// 1997.
//
// An exception is looked at in two places. The record of hw_call ends what leaves a call, so that it cannot reach
// frames of a call further out, between which frames of the client lie. The filter for unhandled exceptions sees the
// rest.
#include <string.h>
#include <windows.h>

#include "platform/heap.h"
#include "platform/heap_imports_windows.h"
#include "platform/imports_windows.h"
#include "platform/own_memory_windows.h"
#include "platform/process_end_windows.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

constexpr DWORD kUnwinding = 2 | 4;  // EXCEPTION_UNWINDING, EXCEPTION_EXIT_UNWIND

Thrown thrown_by(const EXCEPTION_RECORD& exception) {
  return describe_thrown(exception.ExceptionInformation, exception.NumberParameters);
}

void record_registers(wire::Death& death, const CONTEXT& context) {
  const DWORD registers[10] = {context.Eax, context.Ebx, context.Ecx, context.Edx, context.Esi,
                               context.Edi, context.Ebp, context.Esp, context.Eip, context.EFlags};
  memcpy(death.registers, registers, sizeof registers);
  death.instruction = context.Eip;
}

void record_access(wire::Death& death, const EXCEPTION_RECORD& exception) {
  const DWORD code = exception.ExceptionCode;
  if ((code != EXCEPTION_ACCESS_VIOLATION && code != EXCEPTION_IN_PAGE_ERROR) || exception.NumberParameters < 2) return;
  death.fault_address = exception.ExceptionInformation[1];
  death.access = exception.ExceptionInformation[0] == 8 || death.fault_address == death.instruction
                     ? wire::Access::execute
                 : exception.ExceptionInformation[0] == 1 ? wire::Access::write
                                                          : wire::Access::read;
}

[[noreturn]] void die_of(const EXCEPTION_POINTERS& fault) {
  const EXCEPTION_RECORD& exception = *fault.ExceptionRecord;
  const bool thrown = exception.ExceptionCode == kMicrosoftThrow;
  if (wire::Death* death = claim_record(thrown ? wire::Cause::threw : wire::Cause::fault, exception.ExceptionCode)) {
    record_registers(*death, *fault.ContextRecord);
    record_access(*death, exception);
    module_at(at<void>(death->instruction), death->module, sizeof death->module, &death->module_offset);
    complete_record(*death, thrown ? thrown_by(exception).type : "");
  }
  end_process(static_cast<int>(exception.ExceptionCode));
}

LONG WINAPI on_unhandled(EXCEPTION_POINTERS* fault) {
  // A library's own filter comes first, as it would in any process.
  const auto filter = reinterpret_cast<LPTOP_LEVEL_EXCEPTION_FILTER>(process_end::library_filter());
  if (filter != nullptr && filter(fault) == EXCEPTION_CONTINUE_EXECUTION) return EXCEPTION_CONTINUE_EXECUTION;
  die_of(*fault);
}

// ---- other ends ----

void on_end(process_end::Kind kind, uint32_t status, const char* text) {
  if (__atomic_load_n(&header().order, __ATOMIC_ACQUIRE) == static_cast<uint32_t>(wire::Order::end)) return;
  record_death(kind == process_end::Kind::terminated ? wire::Cause::terminated
               : kind == process_end::Kind::aborted  ? wire::Cause::aborted
                                                     : wire::Cause::exited,
               status, text);
}

void on_heap_corruption(const char* text, const void*) {
  record_death(wire::Cause::heap_corrupt, 0, text);
  end_process(3);  // the status of abort() in Microsoft's run-time libraries
}

}  // namespace

void guard_faults() {
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
  SetUnhandledExceptionFilter(on_unhandled);
  heap::on_corruption(on_heap_corruption);
  process_end::report_to(on_end);
  heap_imports::redirect();
  if (!imports::begin()) end_process(5);
}

}  // namespace halfword::worker

extern "C" void hw_unwind(void* record, EXCEPTION_RECORD* exception);

// The handler of hw_call's record, which lies 20 bytes below its frame; the frame's first argument is its CallState.
extern "C" EXCEPTION_DISPOSITION hw_frame_handler(EXCEPTION_RECORD* exception, void* record, CONTEXT* context, void*) {
  using namespace halfword;
  using namespace halfword::worker;
  if ((exception->ExceptionFlags & kUnwinding) != 0) return ExceptionContinueSearch;
  EXCEPTION_POINTERS fault = {exception, context};
  if (exception->ExceptionCode != kMicrosoftThrow)
    return on_unhandled(&fault) < 0 ? ExceptionContinueExecution : ExceptionContinueSearch;
  // A C++ exception ends the call and no more, as on Linux.
  const Thrown thrown = thrown_by(*exception);
  hw_unwind(record, exception);
  if (thrown.destructor != nullptr && thrown.object != nullptr)
    reinterpret_cast<void(__thiscall*)(void*)>(thrown.destructor)(thrown.object);
  current_lane()->leave_by_exception(thrown.type);
}
