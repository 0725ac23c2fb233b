// Addresses that the library calls when it calls back. A thunk is ten bytes of code that load its index and jump to
// hw_thunk_entry; what it stands for lies in a table, so no code is ever written while it can run.
#include <string.h>

#include "platform/pages.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

constexpr uint32_t kMostThunks = 64 * 1024;
constexpr uint32_t kBatch = 256;  // thunks made at once
constexpr size_t kThunkSize = 16;
constexpr uint32_t kNone = ~0U;
/// Index of a dropped thunk in the message to the client: no client gives out this number.
constexpr uint32_t kDropped = ~0U;

struct Thunk {
  uint32_t number;
  uint16_t words, remove;
  uint8_t flags;
  bool live;
  uint32_t next;  // of the unused ones, oldest first
};

Thunk table[kMostThunks];
uint8_t* code[kMostThunks / kBatch];
uint32_t made, oldest_unused = kNone, newest_unused = kNone;
pages::Lock table_lock;

void add_unused(uint32_t index) {
  table[index].next = kNone;
  (newest_unused == kNone ? oldest_unused : table[newest_unused].next) = index;
  newest_unused = index;
}

void fill(uint8_t* to, void* context) {
  const uint32_t first = *static_cast<uint32_t*>(context);
  for (uint32_t at = 0; at < kBatch; ++at, to += kThunkSize) {
    const uint32_t index = first + at;
    const uint32_t jump = address_of(reinterpret_cast<void*>(&hw_thunk_entry)) - address_of(to + 10);
    to[0] = 0xb8;  // mov $index, %eax
    memcpy(to + 1, &index, 4);
    to[5] = 0xe9;  // jmp hw_thunk_entry
    memcpy(to + 6, &jump, 4);
    memset(to + 10, 0xcc, kThunkSize - 10);
  }
}

bool make_more() {
  if (made == kMostThunks) return false;
  auto* batch = static_cast<uint8_t*>(make_code(kBatch * kThunkSize, fill, &made));
  if (batch == nullptr) return false;
  code[made / kBatch] = batch;
  for (uint32_t index = made; index < made + kBatch; ++index) add_unused(index);
  made += kBatch;
  return true;
}

uint8_t* code_of(uint32_t index) { return code[index / kBatch] + index % kBatch * kThunkSize; }

}  // namespace

void* make_thunk(uint32_t number, uint16_t words, uint16_t remove, uint8_t flags) {
  pages::Locked locked(table_lock);
  if (oldest_unused == kNone && !make_more()) return nullptr;
  const uint32_t index = oldest_unused;
  oldest_unused = table[index].next;
  if (oldest_unused == kNone) newest_unused = kNone;
  table[index] = {number, words, remove, flags, true, kNone};
  return code_of(index);
}

void drop_thunk(uint32_t address) {
  pages::Locked locked(table_lock);
  uint32_t index;
  memcpy(&index, at<uint8_t>(address) + 1, 4);
  if (index >= made || !table[index].live || code_of(index) != at<uint8_t>(address)) return;
  table[index].live = false;
  table[index].number = kDropped;
  add_unused(index);
}

}  // namespace halfword::worker

// Called by hw_thunk_entry on whatever thread the library calls back.
extern "C" void hw_thunk(uint32_t index, const uint32_t* arguments, const uint32_t* ecx_edx,
                         halfword::worker::ThunkResult* result) {
  using namespace halfword::worker;
  const Thunk thunk = table[index];
  memset(result, 0, sizeof *result);
  lane_of_this_thread().call_back(thunk.number, thunk.flags, thunk.words, arguments, ecx_edx, result);
  result->remove = thunk.remove;
  result->is_float = (thunk.flags & halfword::wire::kFlagFloatResult) != 0;
}
