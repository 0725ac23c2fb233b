// What lies where in the window, as both processes see it; docs/protocol.md says what it means and who writes when.
//
// Every struct here is read by a 32-bit and a 64-bit program, so: fixed widths, explicit padding, and an assertion for
// every size and offset. Pure data: no operating system, no C++ library. Nothing in here may be trusted by the reader:
// the client copies a line once (see line_reader.h) and checks only the copy.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace halfword::wire {

constexpr uint32_t kMagic = 0x44575748;  // "HWWD", little-endian
constexpr uint32_t kProtocolVersion = 1;

/// Lines are one cache line each and 128 bytes apart: adjacent ones cost 15 % (the prefetcher fetches pairs).
constexpr uint32_t kLineSize = 64;
constexpr uint32_t kLineDistance = 128;
constexpr uint32_t kInlineWords = 10;
/// Room behind the lines, in each direction, for frames of more than kInlineWords words.
constexpr uint32_t kOverflowWords = 7168;
constexpr uint32_t kLaneBlockSize = 64 * 1024;
/// More threads than this cannot call at once; a 32-bit process has no room for more stacks anyway.
constexpr uint32_t kMaxLanes = 1024;
constexpr uint32_t kMaxRegions = 512;
constexpr uint32_t kPathBytes = 1024;
constexpr uint32_t kTextBytes = 512;

/// What a line says. The first group goes from the client to the worker, the second from the worker to the client.
enum class Kind : uint8_t {
  none = 0,
  call = 1,             ///< value: address of the function
  operation = 2,        ///< value: Operation
  callback_return = 3,  ///< words: eax, edx, st0 (3 words), bytes to remove from the stack are the thunk's own business
  end = 4,              ///< the thread of this lane ends

  returned = 16,  ///< words: Returned
  callback = 17,  ///< value: number of the thunk; words: the argument area as the library built it
  threw = 18,     ///< a C++ exception reached the frame of the call; overflow: its type's name, zero-terminated
  ended = 19,     ///< the library's thread of this lane is gone
};

/// What `Line::flags` says of a frame.
enum LineFlags : uint8_t {
  kFlagRegisters = 1,    ///< the first two words are ecx and edx (fastcall, thiscall)
  kFlagFloatResult = 2,  ///< the result is on top of the x87 stack
  kFlagOverflow = 4,     ///< the words lie in the lane's overflow area
  kFlagIndirect = 8,     ///< the words lie at the worker's address words[0] (frames larger than the overflow area)
  kFlagBatch = 16,       ///< value: the worker's address of BatchEntry[words[0]]
};

/// The worker's few operations. Arguments and results are words; 64-bit values take two, low word first.
enum class Operation : uint32_t {
  load = 1,        ///< (path address, flags) -> module handle, or 0 and text in the overflow area
  unload = 2,      ///< (module)
  resolve = 3,     ///< (module, name address or ordinal) -> address, or 0
  copy = 4,        ///< (to, from, size) -> bytes copied before the first fault
  measure = 5,     ///< (address, unit in bytes, limit in units) -> units before the zero, or ~0 where there is none
  allocate = 6,    ///< (size) -> address or 0, of the library's own heap
  release = 7,     ///< (address)
  make_thunk = 8,  ///< (number, words, bytes the callee removes, flags) -> address or 0
  drop_thunk = 9,  ///< (address)
};

/// One message. The writer fills everything and publishes `sequence` last, with a release; the reader acquires it.
struct Line {
  uint32_t sequence;  ///< counts the messages of this direction of this lane
  Kind kind;
  uint8_t flags;
  uint16_t word_count;
  uint32_t value;
  uint32_t depth;        ///< calls of this lane that were under way before this message
  int32_t error_number;  ///< errno in the worker's numbering
  uint32_t last_error;   ///< GetLastError; 0 on Linux
  uint32_t words[kInlineWords];
};
static_assert(sizeof(Line) == kLineSize && offsetof(Line, words) == 24);

/// The words of a `returned` line.
struct Returned {
  uint32_t eax;
  uint32_t edx;
  uint8_t st0[12];  ///< the ten bytes of the x87 top of stack where kFlagFloatResult was set, then 1 if it was empty
  int32_t removed;  ///< bytes of arguments that the callee took off the stack: tells its convention
};
static_assert(sizeof(Returned) == 24 && sizeof(Returned) <= kInlineWords * 4);

/// Wake-up of one side of a lane. `asleep` is set by the sleeper before its last look at the line; the other side
/// increments `bell` and wakes only if it is set. A line of its own, since it is read at every message.
struct Bell {
  uint32_t asleep;
  uint32_t bell;
  uint32_t handle;  ///< the event of this side as a handle of the *worker* (Windows), or the number of its pipe (Wine)
  uint32_t padding[13];
};
static_assert(sizeof(Bell) == kLineSize);

enum class LaneState : uint32_t {
  unused = 0,
  claimed = 1,    ///< a client thread prepares its lines
  opening = 2,    ///< ready for a worker thread, which the worker's main thread starts
  serving = 3,    ///< that worker thread listens
  ended = 4,      ///< the client's thread has sent `end`; the worker joins its thread and sets `unused`
  refused = 5,    ///< the worker has no thread or no stack for this lane; the client sets `unused`
  spare = 6,      ///< prepared by the client for a thread of the library's own that will call back
  calling = 7,    ///< claimed by such a thread
  answering = 8,  ///< a client thread serves its callbacks; sets `unused` after `ended`
};

struct LaneBlock {
  Line request;  ///< client to worker
  uint8_t gap0[kLineDistance - kLineSize];
  Line reply;  ///< worker to client
  uint8_t gap1[kLineDistance - kLineSize];
  Bell worker;  ///< the worker sleeps here
  uint8_t gap2[kLineDistance - kLineSize];
  Bell client;  ///< the client sleeps here
  uint8_t gap3[kLineDistance - kLineSize];
  uint32_t worker_thread;  ///< the system's number of the worker's thread
  uint32_t padding[127];
  uint32_t request_overflow[kOverflowWords];
  uint32_t reply_overflow[kOverflowWords];
  uint8_t tail[kLaneBlockSize - 4 * kLineDistance - 512 - 8 * kOverflowWords];
};
static_assert(offsetof(LaneBlock, reply) == 128 && offsetof(LaneBlock, worker) == 256 &&
              offsetof(LaneBlock, client) == 384 && offsetof(LaneBlock, worker_thread) == 512 &&
              offsetof(LaneBlock, request_overflow) == 1024 && sizeof(LaneBlock) == kLaneBlockSize);

/// One call of a batch; the result replaces the words.
struct BatchEntry {
  uint32_t function;
  uint16_t word_count;  ///< at most kInlineWords
  uint8_t flags;        ///< kFlagRegisters, kFlagFloatResult
  uint8_t done;         ///< set by the worker when the call has returned
  int32_t error_number;
  uint32_t last_error;
  uint32_t words[kInlineWords];  ///< in: the frame; out: Returned
  uint32_t padding[2];
};
static_assert(sizeof(BatchEntry) == 64);

/// A piece of the worker's memory that the client may map at the same address: a segment of a loaded library that was
/// moved onto the window's file.
struct Region {
  uint32_t address;
  uint32_t size;
  uint32_t file_offset_pages;  ///< in pages of 4096 bytes
  uint32_t writable;
};
static_assert(sizeof(Region) == 16);

enum class WorkerState : uint32_t { starting = 0, ready = 1, place_refused = 2, failed = 3 };

/// What the client asks of the worker as a whole.
enum class Order : uint32_t { run = 0, end = 1 };

enum class Cause : uint32_t {
  none = 0,
  fault = 1,       ///< a signal or an exception that nobody handled
  aborted = 2,     ///< abort()
  exited = 3,      ///< exit(), ExitProcess
  threw = 4,       ///< a C++ exception that nobody caught
  terminated = 5,  ///< std::terminate
  heap_corrupt = 6,
};

enum class Access : uint32_t { unknown = 0, read = 1, write = 2, execute = 3 };

/// Why the worker died, in its own words: written once, by the first thread that gets here (`claimed`).
struct Death {
  uint32_t claimed;
  uint32_t complete;  ///< set last; an incomplete record is ignored
  Cause cause;
  uint32_t number;  ///< signal, exception code or exit status
  uint32_t detail;  ///< si_code
  Access access;
  uint32_t fault_address;
  uint32_t instruction;
  uint32_t lane;           ///< number of the lane whose thread it was, or ~0: a thread of the library's own
  uint32_t module_offset;  ///< of `instruction` in `module`
  uint32_t registers[10];  ///< eax ebx ecx edx esi edi ebp esp eip eflags
  char module[256];
  char text[256];  ///< the exception's type, or the message of the C library
};
static_assert(sizeof(Death) == 592);

/// How the two sides wake each other.
enum class Wake : uint32_t { futex = 1, event = 2, pipe = 3 };

/// The first bytes of the window. The client fills the first part before it starts the worker.
struct Header {
  // written by the client
  uint32_t magic;
  uint32_t version;
  uint32_t window_base;   ///< the worker's address that the client asks for, or 0: anywhere
  uint32_t window_size;   ///< bytes mapped at the same address on both sides
  uint32_t lanes_offset;  ///< of LaneBlock[lane_count], from the window's base; likewise below
  uint32_t lane_count;
  uint32_t heap_offset;  ///< the worker serves its heap from here to window_size; 0: it keeps its heap private
  uint32_t image_pages;  ///< where the file's room for moved segments begins, in pages
  uint32_t image_page_count;
  uint32_t wake;       ///< Wake
  uint32_t wait_mode;  ///< WaitMode
  uint32_t client_process;
  uint32_t worker_attention_handle;  ///< event or pipe of the worker's main thread
  uint32_t client_attention_handle;
  uint32_t order;        ///< Order
  uint32_t keeper_file;  ///< Linux: the window's file among the descriptors of the worker's parent
  char channel[2][64];   ///< Wine: the pipes that the worker reads and writes, as it opens them; empty elsewhere
  // written by the worker
  uint32_t worker_state;  ///< WorkerState
  uint32_t worker_base;   ///< where the worker mapped the window
  uint32_t worker_process;
  uint32_t region_count;
  uint32_t failure_number;
  uint32_t padding1[11];
  // rung by both
  uint32_t worker_attention;  ///< incremented by the client: a lane opened or ended
  uint32_t padding2[31];
  uint32_t client_attention;  ///< incremented by the worker: a library's thread wants a lane, a region or state is new
  uint32_t padding3[31];
  Death death;
  uint8_t padding4[432];
  char failure_text[kTextBytes];
  Region regions[kMaxRegions];
  /// LaneState of every lane; together, so that looking for work does not touch a page a lane.
  uint32_t lane_states[kMaxLanes];
};
static_assert(offsetof(Header, worker_state) == 192 && offsetof(Header, worker_attention) == 256 &&
              offsetof(Header, death) == 512 && offsetof(Header, failure_text) == 1536 && sizeof(Header) == 14336);
constexpr uint32_t kHeaderSize = 16 * 1024;
static_assert(sizeof(Header) <= kHeaderSize);

}  // namespace halfword::wire
