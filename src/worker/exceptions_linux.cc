// A C++ exception that leaves the library reaches hw_call's frame. Its personality routine (Itanium C++ ABI: Exception
// Handling, section 2.5) says that it handles every exception; the unwinder then runs the destructors of the library's
// frames and comes back, and the call ends with an error, its worker unharmed. The library's own unwinder is in use, of
// which nothing is known here, so control leaves by hw_leave rather than by its _Unwind_SetIP.
#include <dlfcn.h>
#include <stdint.h>

#include "worker/system_linux.h"
#include "worker/worker.h"

namespace halfword::worker {

const char* current_exception_type() {
  void* runtime = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (runtime == nullptr) return nullptr;
  auto* current_type = reinterpret_cast<void* (*)()>(dlsym(runtime, "__cxa_current_exception_type"));
  void* type = current_type == nullptr ? nullptr : current_type();
  // std::type_info: the virtual table, then the name (Itanium C++ ABI, 2.9.4).
  return type == nullptr ? nullptr : static_cast<const char**>(type)[1];
}

namespace {

constexpr int kSearchPhase = 1, kHandlerFrame = 4;     // _Unwind_Action
constexpr int kHandlerFound = 6, kContinueUnwind = 8;  // _Unwind_Reason_Code
constexpr uint64_t kGnuCxx = 0x474e5543432b2b00;       // "GNUCC++\0"
constexpr uint64_t kForeignMask = ~uint64_t{0xff};

// Catches the exception as `catch (...)` does, so that its object is destroyed, and says what it was.
const char* catch_exception(uint64_t exception_class, void* exception) {
  if ((exception_class & kForeignMask) != kGnuCxx) return nullptr;
  void* runtime = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (runtime == nullptr) return nullptr;
  auto* begin_catch = reinterpret_cast<void* (*)(void*)>(dlsym(runtime, "__cxa_begin_catch"));
  auto* end_catch = reinterpret_cast<void (*)()>(dlsym(runtime, "__cxa_end_catch"));
  if (begin_catch == nullptr || end_catch == nullptr) return nullptr;
  begin_catch(exception);
  const char* type = current_exception_type();  // lies in the library's image, not in the exception
  end_catch();
  return type;
}

}  // namespace
}  // namespace halfword::worker

extern "C" int hw_personality(int version, int actions, uint64_t exception_class, void* exception, void*) {
  using namespace halfword::worker;
  if (version != 1) return kContinueUnwind;
  if ((actions & kSearchPhase) != 0) return kHandlerFound;
  if ((actions & kHandlerFrame) == 0) return kContinueUnwind;  // pthread_exit and cancellation pass
  current_lane()->leave_by_exception(catch_exception(exception_class, exception));
}
