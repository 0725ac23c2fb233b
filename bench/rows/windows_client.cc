// call.add.windows: a 64-bit Windows program that calls the 32-bit library through a Windows worker. Started by the
// benchmark, under Wine, as a measured program: windows_client LIBRARY CLIENT_PROCESSOR WORKER_PROCESSOR.
#include <windows.h>

#include <cstdio>
#include <cstdlib>

#include "halfword/halfword.hpp"
#include "measured_program.h"

namespace {

// Wine passes these on to the system's own masks.
bool bind(HANDLE process, const char* processor) {
  return SetProcessAffinityMask(process, DWORD_PTR{1} << std::atoi(processor)) != 0;
}

bool bind_worker(const halfword::library& library, const char* processor) {
  const HANDLE worker = OpenProcess(PROCESS_SET_INFORMATION, FALSE, library.process());
  if (worker == nullptr) return false;
  const bool bound = bind(worker, processor);
  CloseHandle(worker);
  return bound;
}

int serve(char** arguments) {
  const halfword::library library = halfword::open(arguments[1]);
  const auto add = library.function<int(int, int)>("add");
  if (!bind(GetCurrentProcess(), arguments[2]) || !bind_worker(library, arguments[3])) {
    std::printf("the processes could not be bound to their processors\n");
    return 1;
  }
  int i = 0;
  return halfword::bench::serve_runs(stdin, stdout, [&](std::uint64_t iterations, std::uint64_t batch) {
    return halfword::bench::time_calls(iterations, batch, [&] {
      ++i;
      return add(i, 7) == i + 7;
    });
  });
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  try {
    return serve(arguments);
  } catch (const halfword::error& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
