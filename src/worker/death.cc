// The record of this worker's death, which its client reads when the process has ended: the first cause wins.
#include <string.h>

#include "worker/worker.h"

namespace halfword::worker {

void copy_text(char* to, size_t size, const char* from) {
  strncpy(to, from == nullptr ? "" : from, size - 1);
  to[size - 1] = 0;
}

wire::Death* claim_record(wire::Cause cause, uint32_t number) {
  wire::Death& death = header().death;
  uint32_t free = 0;
  if (!__atomic_compare_exchange_n(&death.claimed, &free, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return nullptr;
  death.cause = cause;
  death.number = number;
  return &death;
}

void complete_record(wire::Death& death, const char* text) {
  const Lane* lane = current_lane();
  death.lane = lane == nullptr ? ~0U : lane->number();
  copy_text(death.text, sizeof death.text, text);
  __atomic_store_n(&death.complete, 1, __ATOMIC_RELEASE);
  ring_client();
}

bool record_death(wire::Cause cause, uint32_t number, const char* text) {
  wire::Death* death = claim_record(cause, number);
  if (death != nullptr) complete_record(*death, text);
  return death != nullptr;
}

}  // namespace halfword::worker
