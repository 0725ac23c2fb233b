// Threads, errno and sleeping of the worker on Windows.
#include "worker/system_windows.h"

#include <windows.h>

#include <new>

#include "platform/c_runtimes_windows.h"
#include "platform/heap_imports_windows.h"
#include "platform/program_windows.h"
#include "platform/wake_pipe_windows.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

// As on Linux: what a thread has natively (1 MiB is the linker's default), less for later lanes.
constexpr SIZE_T kStackSizes[] = {8 << 20, 1 << 20, 256 << 10};
constexpr uint32_t kLanesWithFullStack = 32;
constexpr ULONG kStackLeftForGuard = 32 * 1024;  // the record of a stack overflow is written on what is left of it

DWORD lane_slot;
HANDLE lane_threads[wire::kMaxLanes];
int32_t errno_before[wire::kMaxLanes];

// Under Wine only: a lane's event, which on_token sets.
HANDLE lane_events[wire::kMaxLanes];
HANDLE attention_event;
WakePipe to_client;

bool has_pipe() { return header().wake == static_cast<uint32_t>(wire::Wake::pipe); }

void set_current_lane(Lane* lane) { TlsSetValue(lane_slot, lane); }

void prepare_bells(uint32_t number) {
  wire::LaneBlock& block = lane_block(number);
  block.worker_thread = GetCurrentThreadId();
  if (!has_pipe()) return;
  if (lane_events[number] == nullptr) lane_events[number] = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  block.worker.handle = address_of(lane_events[number]);
  block.client.handle = address_of(&to_client);
}

void on_token(uint32_t token) {
  const uint32_t number = (token - header().lanes_offset) / wire::kLaneBlockSize;
  if (token < header().lanes_offset)
    SetEvent(attention_event);
  else if (number < wire::kMaxLanes && lane_events[number] != nullptr)
    SetEvent(lane_events[number]);
}

Lane* make_lane(uint32_t number) {
  prepare_bells(number);
  Lane* const lane = new (lane_storage(number)) Lane(number);
  set_current_lane(lane);
  return lane;
}

DWORD WINAPI run_lane(void* argument) {
  ULONG left = kStackLeftForGuard;
  SetThreadStackGuarantee(&left);
  make_lane(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(argument)))->serve_client();
  set_current_lane(nullptr);
  return 0;
}

}  // namespace

void open_wake_ups() {
  lane_slot = TlsAlloc();  // the first of the process, so one of those in the thread's block
  attention_event = at<void>(header().worker_attention_handle);
  if (!has_pipe()) return;
  attention_event = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  if (!to_client.open(header().channel[1], &header()) || !read_tokens(header().channel[0], on_token)) end_process(5);
}

// Not TlsGetValue, which resets the last error, and that is the library's.
Lane* current_lane() {
  Lane* lane;
  asm volatile("movl %%fs:0xe10(,%1,4), %0" : "=r"(lane) : "r"(lane_slot));  // TlsSlots of ntdll's TEB
  return lane;
}

Lane& lane_of_this_thread() {
  if (Lane* const lane = current_lane()) return *lane;
  const DWORD last_error = GetLastError();
  Lane* const lane = make_lane(claim_spare_lane());
  ring_client();
  SetLastError(last_error);
  return *lane;
}

static void end_of_thread() {
  Lane* const lane = current_lane();
  if (lane == nullptr) return;
  set_current_lane(nullptr);
  if (lane_threads[lane->number()] == nullptr) return lane->announce_end();
  // A lane's own thread, which a library has ended in the middle of a call.
  record_death(wire::Cause::exited, 0, "the thread of the call was ended (ExitThread)");
  end_process(1);
}

bool start_lane(uint32_t number) {
  for (const SIZE_T stack : kStackSizes) {
    if (stack == kStackSizes[0] && number >= kLanesWithFullStack) continue;
    lane_threads[number] =
        CreateThread(nullptr, stack, run_lane, at<void>(number), STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
    if (lane_threads[number] != nullptr) return true;
  }
  return false;
}

void join_lane(uint32_t number) {
  WaitForSingleObject(lane_threads[number], INFINITE);
  CloseHandle(lane_threads[number]);
  lane_threads[number] = nullptr;
}

void wait_for_attention(uint32_t seen) {
  if (__atomic_load_n(&header().worker_attention, __ATOMIC_ACQUIRE) == seen)
    WaitForSingleObject(attention_event, INFINITE);
}

void ring_client() {
  __atomic_add_fetch(&header().client_attention, 1, __ATOMIC_SEQ_CST);
  if (has_pipe())
    to_client.ring(&header());
  else
    SetEvent(at<void>(header().client_attention_handle));
}

void wait_a_moment() { Sleep(1); }

int32_t get_errno() { return c_runtimes::get_errno(errno_before[current_lane()->number()]); }
void set_errno(int32_t value) {
  errno_before[current_lane()->number()] = value;
  c_runtimes::set_errno(value);
}
uint32_t get_last_error() { return GetLastError(); }
void set_last_error(uint32_t value) { SetLastError(value); }
void flush_output() { c_runtimes::flush_output(); }

void* allocate(size_t size) { return heap_imports::allocate(size); }
void release(void* block) { heap_imports::release(block); }

void* make_code(size_t size, void (*fill)(uint8_t* code, void* context), void* context) {
  void* const code = VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (code == nullptr) return nullptr;
  fill(static_cast<uint8_t*>(code), context);
  DWORD before;
  VirtualProtect(code, size, PAGE_EXECUTE_READ, &before);
  FlushInstructionCache(GetCurrentProcess(), code, size);
  return code;
}

void end_process(int status) {
  TerminateProcess(GetCurrentProcess(), static_cast<UINT>(status));
  for (;;) Sleep(INFINITE);
}

void end_in_order() {
  c_runtimes::run_exit_handlers();
  ExitProcess(0);
}

}  // namespace halfword::worker

extern "C" void hw_end_of_thread() { halfword::worker::end_of_thread(); }
