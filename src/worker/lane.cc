// A lane's thread: waits for a message, does it, answers; a callback waits in the same way one frame deeper. What a
// call leaves behind when its client has left it by longjmp is cut off here (abandon_to).
#include <string.h>

#include "worker/worker.h"

namespace halfword::worker {
namespace {

const uint32_t kNeverStopped = 0;  // the worker's lanes wait for ever; the whole process ends with its client

BellEnd worker_end(wire::LaneBlock& block) {
  return {&block.worker, static_cast<wire::Wake>(header().wake), at<void>(block.worker.handle), true};
}
BellEnd client_end(wire::LaneBlock& block) {
  return {&block.client, static_cast<wire::Wake>(header().wake), at<void>(block.client.handle)};
}

}  // namespace

// The client keeps a few lanes spare; a burst of new threads may have to wait until it has prepared more.
uint32_t claim_spare_lane() {
  for (;;) {
    for (uint32_t number = 0; number < header().lane_count; ++number) {
      uint32_t state = static_cast<uint32_t>(wire::LaneState::spare);
      if (__atomic_compare_exchange_n(&header().lane_states[number], &state,
                                      static_cast<uint32_t>(wire::LaneState::calling), false, __ATOMIC_ACQ_REL,
                                      __ATOMIC_RELAXED))
        return number;
    }
    ring_client();
    wait_a_moment();
  }
}

Lane::Lane(uint32_t number)
    : number_(number),
      block_(lane_block(number)),
      channel_(&block_.reply, &block_.request, worker_end(block_), client_end(block_),
               static_cast<WaitMode>(header().wait_mode), &kNeverStopped) {}

void Lane::serve_client() { serve(); }

Lane::Served Lane::serve() {
  const uint32_t depth = depth_;
  for (;;) {
    if (!pending_) channel_.wait(Deadline::never());
    pending_ = false;
    const wire::Line& line = channel_.incoming();
    if (line.depth < depth) abandon_to(line.depth);
    switch (line.kind) {
      case wire::Kind::call:
        if ((line.flags & wire::kFlagBatch) != 0)
          run_batch();
        else
          run_call();
        break;
      case wire::Kind::operation:
        run_operation();
        break;
      case wire::Kind::callback_return:
        return Served::callback_returned;
      case wire::Kind::end:
        return Served::ended;
      default:
        end_process(1);  // no client sends this
    }
  }
}

const uint32_t* Lane::frame_of(const wire::Line& line) const {
  if ((line.flags & wire::kFlagIndirect) != 0) return at<const uint32_t>(line.words[0]);
  if ((line.flags & wire::kFlagOverflow) != 0) return block_.request_overflow;
  return line.words;
}

uint32_t Lane::invoke(const uint32_t* words, uint32_t count, uint32_t function, uint32_t flags, wire::Returned* out) {
  const uint32_t outer_depth = depth_;
  CallState state;
  state.outer = top_;
  state.depth = channel_.incoming().depth;
  state.function = function;
  top_ = &state;
  depth_ = state.depth + 1;
  const uint32_t outcome = hw_call(&state, words, count, function, flags, out);
  top_ = state.outer;
  depth_ = outer_depth;
  return outcome;
}

void Lane::run_call() {
  const wire::Line& line = channel_.incoming();
  // A frame in the window's scratch area has its length in words[1]; a line can count 65,535 words.
  const uint32_t count = (line.flags & wire::kFlagIndirect) != 0 ? line.words[1] : line.word_count;
  auto* out = reinterpret_cast<wire::Returned*>(block_.reply.words);
  set_last_error(line.last_error);
  set_errno(line.error_number);
  const uint32_t outcome = invoke(frame_of(line), count, line.value, line.flags, out);
  if (outcome == kAbandoned) return;
  flush_output();
  if (outcome == kThrew)
    send(wire::Kind::threw, 0, 0, 0);
  else
    send(wire::Kind::returned, 0, sizeof(wire::Returned) / 4, 0);
}

void Lane::run_batch() {
  const wire::Line& line = channel_.incoming();
  auto* entries = at<wire::BatchEntry>(line.value);
  const uint32_t count = line.words[0];
  for (uint32_t index = 0; index < count; ++index) {
    wire::BatchEntry& entry = entries[index];
    set_last_error(entry.last_error);
    set_errno(entry.error_number);
    wire::Returned out;
    const uint32_t outcome = invoke(entry.words, entry.word_count, entry.function, entry.flags, &out);
    if (outcome == kAbandoned) return;
    if (outcome == kThrew) {
      send(wire::Kind::threw, index, 0, 0);
      return;
    }
    entry.error_number = get_errno();
    entry.last_error = get_last_error();
    memcpy(entry.words, &out, sizeof out);
    entry.done = 1;
  }
  flush_output();
  send(wire::Kind::returned, count, 0, 0);
}

void Lane::run_operation() {
  const wire::Line& line = channel_.incoming();
  const uint32_t outer_depth = depth_;
  depth_ = line.depth + 1;  // loading a library runs its constructors, which may call back
  const uint64_t result = worker::run_operation(static_cast<wire::Operation>(line.value), line.words,
                                                reinterpret_cast<char*>(block_.reply_overflow));
  depth_ = outer_depth;
  block_.reply.words[0] = static_cast<uint32_t>(result);
  block_.reply.words[1] = static_cast<uint32_t>(result >> 32);
  send(wire::Kind::returned, 0, 2, 0);
}

void Lane::send(wire::Kind kind, uint32_t value, uint16_t words, uint8_t flags) {
  wire::Line& line = channel_.outgoing();
  line.error_number = get_errno();
  line.last_error = get_last_error();
  line.kind = kind;
  line.flags = flags;
  line.word_count = words;
  line.value = value;
  line.depth = depth_;
  channel_.send();
}

void Lane::call_back(uint32_t thunk, uint32_t flags, uint16_t words, const uint32_t* arguments, const uint32_t* ecx_edx,
                     ThunkResult* result) {
  const uint32_t registers = (flags & wire::kFlagRegisters) != 0 ? 2 : 0;
  const bool fits = words + registers <= wire::kInlineWords;
  uint32_t* to = fits ? channel_.outgoing().words : block_.reply_overflow;
  memcpy(to, ecx_edx, registers * 4);
  memcpy(to + registers, arguments, words * 4U);
  send(wire::Kind::callback, thunk, static_cast<uint16_t>(words + registers),
       static_cast<uint8_t>(registers != 0 ? wire::kFlagRegisters : 0) |
           static_cast<uint8_t>(fits ? 0 : wire::kFlagOverflow));
  if (serve() == Served::ended) end_process(1);  // a client thread cannot end inside its own callback
  const wire::Line& line = channel_.incoming();
  memcpy(&result->eax, line.words, 4);
  memcpy(&result->edx, line.words + 1, 4);
  memcpy(result->st0, line.words + 2, 12);
  set_last_error(line.last_error);
  set_errno(line.error_number);
}

void Lane::announce_end() { send(wire::Kind::ended, 0, 0, 0); }

void Lane::leave_by_exception(const char* type) {
  auto* text = reinterpret_cast<char*>(block_.reply_overflow);
  strncpy(text, type == nullptr ? "" : type, wire::kTextBytes - 1);
  text[wire::kTextBytes - 1] = 0;
  hw_leave(top_, kThrew);
}

// The client's thread jumped out of callbacks, and its next message is for an outer frame: the library's frames of all
// calls from that depth on are dropped, as longjmp would have dropped them.
void Lane::abandon_to(uint32_t depth) {
  const CallState* outermost = nullptr;
  for (const CallState* state = top_; state != nullptr && state->depth >= depth; state = state->outer)
    outermost = state;
  if (outermost == nullptr) return;
  pending_ = true;
  hw_leave(outermost, kAbandoned);
}

}  // namespace halfword::worker
