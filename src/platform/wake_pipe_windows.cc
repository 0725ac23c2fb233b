#include "platform/wake_pipe_windows.h"

#include <windows.h>

#include "platform/text_windows.h"

namespace halfword {
namespace {

HANDLE tokens_in;
void (*on_token)(std::uint32_t token);

HANDLE open_pipe(const char* path, DWORD access) {
  wchar_t wide[MAX_PATH];
  if (!native_path(path, wide, MAX_PATH)) return INVALID_HANDLE_VALUE;
  return CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr);
}

DWORD WINAPI read_all(void*) {
  std::uint32_t tokens[64];
  DWORD size;
  while (ReadFile(tokens_in, tokens, sizeof tokens, &size, nullptr) && size != 0)
    for (DWORD at = 0; at < size / sizeof *tokens; ++at) on_token(tokens[at]);
  TerminateProcess(GetCurrentProcess(), 1);
  return 0;
}

}  // namespace

bool WakePipe::open(const char* path, const void* window_begin) {
  pipe = open_pipe(path, GENERIC_WRITE);
  window = static_cast<const char*>(window_begin);
  return pipe != INVALID_HANDLE_VALUE;
}

void WakePipe::ring(const void* place_in_window) const {
  const auto token = static_cast<std::uint32_t>(static_cast<const char*>(place_in_window) - window);
  DWORD written;
  WriteFile(pipe, &token, sizeof token, &written, nullptr);
}

bool read_tokens(const char* path, void (*rung)(std::uint32_t token)) {
  tokens_in = open_pipe(path, GENERIC_READ);
  on_token = rung;
  if (tokens_in == INVALID_HANDLE_VALUE) return false;
  const HANDLE thread = CreateThread(nullptr, 64 * 1024, read_all, nullptr, STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (thread == nullptr) return false;
  CloseHandle(thread);
  return true;
}

}  // namespace halfword
