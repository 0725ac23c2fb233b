#include "client/error_numbers.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

#include "platform/last_error.h"

namespace halfword {
namespace {

struct Pair {
  int linux_number, windows_number;
};

// Numbers above 34 differ. Linux: include/uapi/asm-generic/errno.h. Windows: errno.h of the Universal C Runtime.
constexpr Pair kPairs[] = {
    {35, 36},   {36, 38},   {37, 39},   {38, 40},   {39, 41},   {42, 122},  {43, 111},  {61, 120},  {62, 137},
    {63, 124},  {60, 125},  {67, 121},  {71, 134},  {74, 104},  {75, 132},  {84, 42},   {88, 128},  {89, 109},
    {90, 115},  {91, 136},  {92, 123},  {93, 135},  {95, 130},  {97, 102},  {98, 100},  {99, 101},  {100, 116},
    {101, 118}, {102, 117}, {103, 106}, {104, 108}, {105, 119}, {106, 113}, {107, 126}, {110, 138}, {111, 107},
    {113, 110}, {114, 103}, {115, 112}, {125, 105}, {130, 133}, {131, 127}, {40, 114}};

int translate(int number, bool to_windows) {
  if (number <= 34) return number;
  for (const Pair& pair : kPairs)
    if ((to_windows ? pair.linux_number : pair.windows_number) == number)
      return to_windows ? pair.windows_number : pair.linux_number;
  return number;
}

}  // namespace

int to_worker_errno(int number, bool windows_worker) {
  return windows_worker == kWindowsClient ? number : translate(number, windows_worker);
}

int from_worker_errno(int number, bool windows_worker) {
  return windows_worker == kWindowsClient ? number : translate(number, !windows_worker);
}

std::string demangled_type(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
  return status == 0 && name != nullptr ? name.get() : mangled;
}

}  // namespace halfword
