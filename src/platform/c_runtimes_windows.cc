// Entries are added and removed under the loader's lock and read by any thread: `module` is written last, and an entry
// is used only once its run-time library has been initialised (see settle).
#include "platform/c_runtimes_windows.h"

#include <windows.h>
// After windows.h, on which it depends.
#include <winternl.h>

#include <cstring>

#include "platform/pages.h"

extern "C" NTSTATUS NTAPI LdrLockLoaderLock(ULONG flags, ULONG* state, ULONG_PTR* cookie);
extern "C" NTSTATUS NTAPI LdrUnlockLoaderLock(ULONG flags, ULONG_PTR cookie);

namespace halfword::c_runtimes {
namespace {

constexpr const char* kNames[] = {"msvcrt", "msvcr", "ucrtbase", "crtdll", "api-ms-win-crt-"};
constexpr std::size_t kMostRuntimes = 8;
constexpr int kSigAbrt = 22;       // signal.h of Microsoft's run-time libraries
constexpr std::size_t kFile = 32;  // sizeof(FILE) of msvcrt and msvcr…, whose _iob is an array of them

struct Runtime {
  void* module;
  bool usable;
  int* (*errno_place)();
  int (*flush)(void*);
  void** output;             // stdout: its first word is where the next byte goes
  std::uint32_t base_index;  // of the word that says where its buffer begins
};

Runtime runtimes[kMostRuntimes];
volatile LONG unsettled;  // some entry is not usable yet

char words[256];
std::uint32_t words_end;
pages::Lock words_lock;

template <class Function>
Function* look_up(void* module, const char* name) {
  return reinterpret_cast<Function*>(reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(module), name)));
}

// FILE begins with { next, count, base } in msvcrt and msvcr… (stdio.h of mingw-w64) and with { next, base, count } in
// ucrtbase (corecrt_internal_stdio.h).
void find_output(Runtime* runtime) {
  if (auto* file = look_up<void*(unsigned)>(runtime->module, "__acrt_iob_func")) {
    runtime->output = static_cast<void**>(file(1));
    runtime->base_index = 1;
  } else if (auto* files = look_up<char*()>(runtime->module, "__iob_func")) {
    runtime->output = reinterpret_cast<void**>(files() + kFile);
    runtime->base_index = 2;
  } else if (auto* file_array = look_up<char>(runtime->module, "_iob")) {
    runtime->output = reinterpret_cast<void**>(file_array + kFile);
    runtime->base_index = 2;
  }
  runtime->flush = look_up<int(void*)>(runtime->module, "fflush");
}

// No dialog: what goes wrong goes to stderr.
void silence(void* module) {
  if (auto* set_mode = look_up<int(int)>(module, "_set_error_mode")) set_mode(1);
  if (auto* set_abort = look_up<unsigned(unsigned, unsigned)>(module, "_set_abort_behavior")) set_abort(0, 2);
}

void make_usable(Runtime* runtime) {
  runtime->errno_place = look_up<int*()>(runtime->module, "_errno");
  find_output(runtime);
  silence(runtime->module);
  runtime->usable = true;
}

// A new entry's entry point has run when nobody holds the loader's lock, or when this thread does: then it runs the
// entry point of a library that needs the run-time library, which came first.
void settle() {
  constexpr ULONG kTryOnly = 2, kAcquired = 1;
  ULONG state = 0;
  ULONG_PTR cookie = 0;
  if (LdrLockLoaderLock(kTryOnly, &state, &cookie) < 0 || state != kAcquired) return;
  for (Runtime& one : runtimes)
    if (one.module != nullptr && !one.usable) make_usable(&one);
  unsettled = 0;
  LdrUnlockLoaderLock(0, cookie);
}

template <class Body>
void for_each(Body body) {
  if (unsettled != 0) settle();
  for (Runtime& one : runtimes)
    if (one.module != nullptr && one.usable) body(one);
}

}  // namespace

bool is_runtime(const char* name) {
  for (const char* prefix : kNames)
    if (strncmp(name, prefix, strlen(prefix)) == 0) return true;
  return false;
}

void note(void* module) {
  for (Runtime& one : runtimes) {
    if (one.module != nullptr) continue;
    one = {};
    one.module = module;
    InterlockedExchange(&unsettled, 1);
    return;
  }
}

void forget(void* module) {
  for (Runtime& one : runtimes)
    if (one.module == module) one.module = nullptr;
}

std::int32_t get_errno(std::int32_t before) {
  std::int32_t value = before;
  for_each([&](Runtime& one) {
    if (one.errno_place == nullptr || value != before) return;
    value = *one.errno_place();
  });
  return value;
}

void set_errno(std::int32_t value) {
  for_each([&](Runtime& one) {
    if (one.errno_place != nullptr) *one.errno_place() = value;
  });
}

void flush_output() {
  for_each([&](Runtime& one) {
    if (one.flush == nullptr || one.output == nullptr) return;
    if (one.output[0] == one.output[one.base_index]) return;
    const DWORD last_error = GetLastError();
    int* const place = one.errno_place == nullptr ? nullptr : one.errno_place();
    const int saved = place == nullptr ? 0 : *place;
    one.flush(one.output);
    if (place != nullptr) *place = saved;
    SetLastError(last_error);
  });
}

void run_exit_handlers() {
  for_each([](Runtime& one) {
    if (auto* run = look_up<void()>(one.module, "_cexit")) run();
  });
}

void raise_abort() {
  using Handler = void (*)(int);
  for_each([](Runtime& one) {
    auto* set_handler = look_up<Handler(int, Handler)>(one.module, "signal");
    auto* raise = look_up<int(int)>(one.module, "raise");
    if (set_handler == nullptr || raise == nullptr) return;
    const Handler handler = set_handler(kSigAbrt, nullptr);
    // 0 is the default, which would end the process here and now; 1 and -1 are no functions either (signal.h).
    if (reinterpret_cast<std::uintptr_t>(handler) + 1 <= 2) return;
    set_handler(kSigAbrt, handler);
    raise(kSigAbrt);
  });
}

const char* last_words() { return words; }

void note_words(const char* text, std::uint32_t size) {
  pages::Locked locked(words_lock);
  for (std::uint32_t at = 0; at < size; ++at) {
    if (words_end + 1 == sizeof words) {
      // Half is kept, so that the beginning of a message that comes in pieces is not lost.
      memcpy(words, words + sizeof words / 2, sizeof words / 2);
      words_end = sizeof words / 2 - 1;
    }
    words[words_end] = text[at];
    words[++words_end] = 0;
  }
}

}  // namespace halfword::c_runtimes
