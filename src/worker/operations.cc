// What the client may ask for besides calls. Each operation is a few lines: everything that needs to know types is the
// client's work.
#include <string.h>

#include "worker/worker.h"

namespace halfword::worker {
namespace {

constexpr uint32_t kNoEnd = ~0U;

// Looks for a zero of 1, 2 or 4 bytes. Copied in pieces, since the string may end right before memory that is not
// there.
uint32_t measure(uint32_t address, uint32_t unit, uint32_t limit) {
  uint8_t piece[256];
  uint32_t units = 0;
  while (units < limit) {
    const uint32_t from = address + units * unit;
    const uint32_t to_page_end = 4096 - from % 4096;
    const uint32_t wanted = to_page_end < sizeof piece ? to_page_end : static_cast<uint32_t>(sizeof piece);
    const size_t got = copy_guarded(piece, at<void>(from), wanted < unit ? unit : wanted);
    if (got < unit) return kNoEnd;
    for (size_t byte = 0; byte + unit <= got && units < limit; byte += unit, ++units) {
      static constexpr uint8_t kZero[4] = {};
      if (memcmp(piece + byte, kZero, unit) == 0) return units;
    }
  }
  return kNoEnd;
}

}  // namespace

uint64_t run_operation(wire::Operation operation, const uint32_t* words, char* text) {
  switch (operation) {
    case wire::Operation::load: {
      uint32_t system_number = 0;
      void* module = load_module(at<const char>(words[0]), words[1], text, &system_number);
      return address_of(module) | uint64_t{system_number} << 32;
    }
    case wire::Operation::unload:
      unload_module(at<void>(words[0]));
      return 0;
    case wire::Operation::resolve:
      return address_of(resolve(at<void>(words[0]), at<const char>(words[1]), words[2]));
    case wire::Operation::copy:
      return copy_guarded(at<void>(words[0]), at<void>(words[1]), words[2]);
    case wire::Operation::measure:
      return measure(words[0], words[1], words[2]);
    case wire::Operation::allocate:
      return address_of(allocate(words[0]));
    case wire::Operation::release:
      if (words[0] != 0) release(at<void>(words[0]));
      return 0;
    case wire::Operation::make_thunk:
      return address_of(make_thunk(words[0], static_cast<uint16_t>(words[1]), static_cast<uint16_t>(words[2]),
                                   static_cast<uint8_t>(words[3])));
    case wire::Operation::drop_thunk:
      drop_thunk(words[0]);
      return 0;
  }
  return 0;
}

}  // namespace halfword::worker
