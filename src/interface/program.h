// What a plan compiles to: flat tables that the engine runs without looking at types again.
//
// Made by PlanCompiler (plan_compiler.h), then constant and shared by all threads. Private to src/interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "interface/model.h"

namespace halfword::model {

/// An integer or a float as one side has it.
struct Leaf {
  std::uint8_t size = 0;
  bool is_signed = false;
};

/// How a part of a struct, or an element of an array, is converted.
enum class StepKind : std::uint8_t {
  bytes,       ///< the same on both sides
  integer,     ///< of other sizes; range-checked
  handle,      ///< sign-extended, see Scalar::handle
  x87,         ///< ten bytes, padded differently
  x87_double,  ///< one side has the ten bytes, the other a double
  pointer,
  bits,    ///< a bit-field; offsets and size are in bits
  nested,  ///< another shape
};

struct Step {
  StepKind kind = StepKind::bytes;
  Leaf client;
  Leaf worker;
  std::uint32_t index = 0;  ///< of a pointer's rule or a nested shape
  std::uint32_t label = 0;  ///< what messages call it
  std::uint64_t client_offset = 0;
  std::uint64_t worker_offset = 0;
  std::uint64_t size = 0;   ///< of `bytes` and `bits`
  std::uint64_t count = 1;  ///< repetitions, at these distances:
  std::uint64_t client_stride = 0;
  std::uint64_t worker_stride = 0;
};

/// How one object in memory is converted.
struct Shape {
  std::vector<Step> steps;
  std::uint64_t client_size = 0;
  std::uint64_t worker_size = 0;
  std::uint32_t worker_alignment = 1;
  bool identical = false;  ///< a copy of the bytes is right, and so is no copy
};

constexpr std::uint32_t kNoShape = ~0U;
constexpr std::uint32_t kNoRule = ~0U;

/// How a pointer passes, by type and words.
struct PointerRule {
  enum class Down : std::uint8_t {
    handle,    ///< an address of the worker's, or of memory that both see
    code,      ///< an address that the worker can call
    token,     ///< any pointer; only callbacks look at it
    string,    ///< zero-terminated, only read
    buffer,    ///< elements that are counted, in and out
    in_place,  ///< memory that both see, in a layout that both have
  };
  enum class Up : std::uint8_t {
    handle,  ///< what the client sees at it, or the bare number
    code,    ///< the bare number
    token,
    string,  ///< copied if the client does not see it
    data,    ///< must be visible
    refuse,  ///< the client cannot read what it points to
  };
  Down down = Down::handle;
  Up up = Up::handle;
  Direction direction = Direction::unsaid;
  bool same_layout = true;  ///< of what it points to, in client and worker
  bool in_bytes = false;    ///< capacity and length count bytes
  bool zero_terminated = false;
  bool starts_null = false;      ///< `_Outptr_`: the slot holds NULL before the call
  bool open_ended = false;       ///< a callback's `T**` without an extent
  std::uint8_t client_unit = 0;  ///< of a string's characters
  std::uint8_t worker_unit = 0;
  std::uint32_t shape = kNoShape;  ///< of an element
  std::uint64_t element_size = 1;  ///< of `data`
  Expression capacity;             ///< empty: one element
  Expression length;
  std::string capacity_text;  ///< as it was written
  std::string length_text;
  std::uint32_t label = 0;  ///< of a nested pointer; 0: it is the argument itself
  std::string advice;       ///< which word settles it
};

enum class OpCode : std::uint8_t {
  // One value of the client to one or two words.
  word32,
  word64,
  boolean,
  unsigned8,
  unsigned16,
  signed8,
  signed16,
  narrow_signed,    ///< 8 to 4 bytes
  narrow_unsigned,  ///< 8 to 4 bytes
  integer,          ///< any other pair of sizes
  handle,
  x87,
  x87_double,
  // What may need memory.
  pointer,       ///< index: rule
  record_bytes,  ///< size: bytes
  record,        ///< index: shape
};

struct Op {
  OpCode code = OpCode::word32;
  Leaf client;
  Leaf worker;
  std::uint16_t parameter = 0;
  std::uint32_t word = 0;
  std::uint32_t size = 0;
  std::uint32_t index = 0;
};

enum class ResultCode : std::uint8_t {
  none,
  low32,
  low64,
  low8,
  low16,
  boolean,
  integer,
  handle,
  float32,
  float64,
  x87,
  pointer,        ///< index: rule
  record,         ///< index: shape; in edx:eax
  record_x87,     ///< in st(0); size: of the one field
  record_either,  ///< in st(0) if that is there, else in edx:eax
  record_memory,  ///< behind the hidden pointer
};

struct ResultOp {
  ResultCode code = ResultCode::none;
  Leaf client;
  Leaf worker;
  std::uint32_t index = 0;
  std::uint32_t size = 0;  ///< of the client's result
  std::uint32_t worker_size = 0;
};

/// What messages and extents need of a parameter.
struct ParameterInfo {
  std::string name;
  std::string label;  ///< "argument 2 (length)"
  std::string type;
  bool is_integer = false;
  Leaf client;
  Leaf pointee_client;  ///< of a pointer to an integer; size 0: it is none
  Leaf pointee_worker;
  std::uint32_t rule = kNoRule;  ///< of a pointer
};

struct Program {
  Target client = Target::x86_64_linux;
  Target worker = Target::i386_linux;
  std::string name;
  std::string signature;
  std::string result_type;
  std::vector<Op> ops;
  ResultOp result;
  std::vector<ParameterInfo> parameters;
  std::vector<PointerRule> rules;
  std::vector<Shape> shapes;
  std::vector<std::string> labels;  ///< 0 is empty
  std::uint32_t hidden_word = 0;
  bool has_hidden = false;
  bool has_registers = false;
  bool is_plain = true;
};

}  // namespace halfword::model
