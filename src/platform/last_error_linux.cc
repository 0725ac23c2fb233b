#include "platform/last_error.h"

namespace halfword {
namespace {
thread_local std::uint32_t last_error;
}  // namespace

std::uint32_t get_last_error() { return last_error; }
void set_last_error(std::uint32_t number) { last_error = number; }
const bool kWindowsClient = false;

}  // namespace halfword
