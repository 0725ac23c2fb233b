// Sleeping on Windows is waiting for an event of the lane's side. What a thread owes its system meanwhile depends on
// the side: the worker's lane stands for a thread of a driver's or a dialog's, so it runs messages and APCs; the
// client's thread stands inside a call, where natively a window of its own could be sent a message by the library's
// code on the same thread, and nothing else would run.
#include <windows.h>

#include "platform/bell.h"
// After windows.h, on which it depends.
#include <winternl.h>

#include "platform/wake_pipe_windows.h"

namespace halfword {
namespace {

// user32 is there only if the program or the library brought it: loading it costs more than the rest of a worker.
struct Messages {
  decltype(&MsgWaitForMultipleObjectsEx) wait = nullptr;
  decltype(&PeekMessageW) peek = nullptr;
  decltype(&TranslateMessage) translate = nullptr;
  decltype(&DispatchMessageW) dispatch = nullptr;
};

template <class T>
void look_up(HMODULE module, const char* name, T* function) {
  *function = reinterpret_cast<T>(reinterpret_cast<void*>(GetProcAddress(module, name)));
}

bool find_messages(Messages* found) {
  const HMODULE user = GetModuleHandleW(L"user32.dll");
  if (user == nullptr) return false;
  look_up(user, "MsgWaitForMultipleObjectsEx", &found->wait);
  look_up(user, "PeekMessageW", &found->peek);
  look_up(user, "TranslateMessage", &found->translate);
  look_up(user, "DispatchMessageW", &found->dispatch);
  return found->wait != nullptr && found->peek != nullptr && found->translate != nullptr && found->dispatch != nullptr;
}

void run_messages(const Messages& messages, bool pumps) {
  MSG message;
  if (!pumps) {
    // Runs what was sent, and takes nothing that was posted.
    messages.peek(&message, nullptr, 0, 0, PM_NOREMOVE | PM_QS_SENDMESSAGE);
    return;
  }
  while (messages.peek(&message, nullptr, 0, 0, PM_REMOVE)) {
    messages.translate(&message);
    messages.dispatch(&message);
  }
}

DWORD milliseconds_until(Deadline deadline) {
  if (deadline.is_never()) return INFINITE;
  const std::int64_t left = deadline.at - monotonic_ns();
  if (left <= 0) return 0;
  const std::int64_t rounded = (left + 999'999) / 1'000'000;
  return rounded < INFINITE ? static_cast<DWORD>(rounded) : INFINITE - 1;
}

void wait_for(HANDLE event, DWORD timeout, bool pumps) {
  Messages messages;
  if (!find_messages(&messages)) {
    WaitForSingleObjectEx(event, timeout, pumps);
    return;
  }
  const DWORD wanted = pumps ? QS_ALLINPUT : QS_SENDMESSAGE;
  const DWORD flags = MWMO_INPUTAVAILABLE | (pumps ? MWMO_ALERTABLE : 0UL);
  if (messages.wait(1, &event, timeout, wanted, flags) == WAIT_OBJECT_0 + 1) run_messages(messages, pumps);
}

}  // namespace

void sleep_on(const BellEnd& own, std::uint32_t seen, Deadline deadline) {
  if (__atomic_load_n(&own.shared->bell, __ATOMIC_ACQUIRE) != seen) return;
  wait_for(own.handle, milliseconds_until(deadline), own.pumps);
}

void attend_to_messages(const BellEnd& own) { wait_for(own.handle, 0, own.pumps); }

void wake_sleeper(const BellEnd& peer) {
  if (peer.wake == wire::Wake::event)
    SetEvent(peer.handle);
  else
    static_cast<const WakePipe*>(peer.handle)->ring(peer.shared);
}

void yield() { SwitchToThread(); }

bool one_processor() {
  struct {  // THREAD_BASIC_INFORMATION, which winternl.h leaves out
    LONG exit_status;
    void* teb;
    struct {
      void *process, *thread;
    } client;
    ULONG_PTR affinity;
    LONG priority, base_priority;
  } information = {};
  // The process's mask says nothing of a thread that was bound to one processor, nor, under Wine, of taskset.
  if (NtQueryInformationThread(GetCurrentThread(), static_cast<THREADINFOCLASS>(0), &information, sizeof information,
                               nullptr) < 0)
    return false;
  return information.affinity != 0 && (information.affinity & (information.affinity - 1)) == 0;
}

}  // namespace halfword
