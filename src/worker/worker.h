// The worker's parts and what they need of the operating system. The worker obeys one client, which laid out the
// window (wire/window_layout.h) and knows all types; this program knows none. It trusts its client, which may end it
// at any time; it does not trust the library, but shares an address space with it.
//
// No C++ library, no exceptions, no allocation of its own on the heap that it serves.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "transport/channel.h"
#include "wire/window_layout.h"

namespace halfword::worker {

/// Turns an address that the client wrote into a pointer.
template <class T>
T* at(uint32_t address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}
inline uint32_t address_of(const void* pointer) { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer)); }

/// The window as this process sees it; valid from the first allocation or main on, for ever.
wire::Header& header();
wire::LaneBlock& lane_block(uint32_t number);

// ---- calls and callbacks (lane.cc, call_i386.S) ----

enum Outcome : uint32_t { kReturned = 0, kThrew = 1, kAbandoned = 2 };

/// One call under way, on the stack of its thread; the first field is written by hw_call.
struct CallState {
  uint32_t frame = 0;
  CallState* outer = nullptr;
  uint32_t depth = 0;
  uint32_t function = 0;
};

struct ThunkResult {
  uint32_t eax, edx;
  uint8_t st0[12];
  uint32_t remove;
  uint32_t is_float;
};
static_assert(sizeof(ThunkResult) == 28);

/// One lane and the worker's thread that serves it; used by that thread only.
class Lane {
 public:
  explicit Lane(uint32_t number);

  /// Serves a client's thread until it says `end`.
  void serve_client();
  /// Sends a callback of a thread of the library's or of a nested call, and serves calls until it has its result.
  void call_back(uint32_t thunk, uint32_t flags, uint16_t words, const uint32_t* arguments, const uint32_t* ecx_edx,
                 ThunkResult* result);
  /// Tells the client's thread that this lane's thread, the library's own, is gone.
  void announce_end();

  uint32_t number() const { return number_; }
  /// The innermost call under way, or nullptr.
  CallState* innermost() const { return top_; }
  /// Ends the innermost call because an exception reached it; `type` is its name, or nullptr. Does not return.
  [[noreturn]] void leave_by_exception(const char* type);

 private:
  enum class Served { callback_returned, ended };
  Served serve();
  void run_call();
  void run_batch();
  void run_operation();
  uint32_t invoke(const uint32_t* words, uint32_t count, uint32_t function, uint32_t flags, wire::Returned* out);
  const uint32_t* frame_of(const wire::Line& line) const;
  void send(wire::Kind kind, uint32_t value, uint16_t words, uint8_t flags);
  void abandon_to(uint32_t depth);

  uint32_t number_;
  wire::LaneBlock& block_;
  Channel channel_;
  CallState* top_ = nullptr;
  uint32_t depth_ = 0;
  bool pending_ = false;  // the incoming line was read by a frame that it abandoned
};

/// Takes a lane that the client has prepared for a thread of the library's own; waits until there is one.
uint32_t claim_spare_lane();

/// The room for lane `number`'s object, which outlives every frame of its thread.
void* lane_storage(uint32_t number);

// ---- operations (operations.cc) ----

/// Runs one operation; `words` are its arguments. The result is a pair of words. `text` (kTextBytes) takes a message.
uint64_t run_operation(wire::Operation operation, const uint32_t* words, char* text);

// ---- thunks (thunks.cc) ----

/// An address that the library can call; nullptr: no memory. `number` is the client's name for it.
void* make_thunk(uint32_t number, uint16_t words, uint16_t remove, uint8_t flags);
/// The address stays callable and answers with 0 and an error for the client; it is given out again only much later.
void drop_thunk(uint32_t address);

// ---- the record of a death (death.cc); all of it works in a signal handler ----

/// Writes the record of this process's death; false if another thread already has.
bool record_death(wire::Cause cause, uint32_t number, const char* text);
/// The same in two steps, to fill in the rest between them; nullptr if another thread already has.
wire::Death* claim_record(wire::Cause cause, uint32_t number);
void complete_record(wire::Death& death, const char* text);
/// At most `size` bytes with the zero; nullptr is an empty text.
void copy_text(char* to, size_t size, const char* from);

// ---- the operating system (…_linux.cc, …_windows.cc) ----

Lane* current_lane();
/// The lane of the calling thread; for a thread of the library's own one is claimed, and given back when it ends.
/// Does not return when the client has none to give: the worker ends.
Lane& lane_of_this_thread();

/// Sleeps until `header().worker_attention` differs from `seen`, or for no reason.
void wait_for_attention(uint32_t seen);
/// Tells the client that a state in the header is new.
void ring_client();

/// Lets a millisecond pass.
void wait_a_moment();

/// Starts a thread that serves lane `number`; false: no thread or no stack.
bool start_lane(uint32_t number);
/// Waits until the thread of an ended lane is gone, with the destructors that the library registered for it.
void join_lane(uint32_t number);

int32_t get_errno();
void set_errno(int32_t value);
uint32_t get_last_error();
void set_last_error(uint32_t value);
/// Writes out what the library has printed, so that it keeps its order with what the program prints.
void flush_output();

/// Loads a library and makes its memory visible; nullptr and a message in `text` when the loader refuses.
void* load_module(const char* path, uint32_t flags, char* text, uint32_t* system_number);
void unload_module(void* module);
void* resolve(void* module, const char* name, uint32_t ordinal);
/// Blocks of the heap that the library's malloc (Linux) or process heap (Windows) is served from.
void* allocate(size_t size);
void release(void* block);
/// Copies between any two places of this process; the number of bytes before the first unreadable one.
size_t copy_guarded(void* to, const void* from, size_t size);
/// Executable memory for thunks: filled by `fill` while it is writable, executable afterwards. nullptr: none.
void* make_code(size_t size, void (*fill)(uint8_t* code, void* context), void* context);

/// Puts the fault guard in place: from here on every death leaves a record.
void guard_faults();
[[noreturn]] void end_process(int status);
/// Ends the process as exit(0) does: the library's exit handlers and destructors run, what it printed is written out.
[[noreturn]] void end_in_order();

}  // namespace halfword::worker

extern "C" {
uint32_t hw_call(halfword::worker::CallState* state, const uint32_t* words, uint32_t count, uint32_t function,
                 uint32_t flags, halfword::wire::Returned* out);
[[noreturn]] void hw_leave(const halfword::worker::CallState* state, uint32_t outcome);
void hw_thunk_entry();
void hw_thunk(uint32_t number, const uint32_t* arguments, const uint32_t* ecx_edx,
              halfword::worker::ThunkResult* result);
}
