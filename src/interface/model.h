// The model: what an interface says of types and functions, for all targets at once.
//
// Filled by the prototype parser (parser.h) and by whatever else reads interfaces; read by the engine (plan.h), which
// copies what it needs. A Model is built by one thread, then constant and readable by all. Everything in it may come
// from a user's text: sizes are bounded by the limits below before they get here.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "interface/target.h"

namespace halfword::model {

/// Bounds of what a model holds; real headers stay far below, hostile text is stopped here.
constexpr std::uint64_t kMaxTypeSize = 64U << 20;  ///< bytes of one type at any target
constexpr std::size_t kMaxParameters = 255;        ///< C guarantees 127
constexpr std::size_t kMaxFields = 4096;
constexpr unsigned kMaxNesting = 64;  ///< of types in types; C guarantees 63 levels of structs

/// Arithmetic types by their C meaning, since `long` and `size_t` have other sizes at other targets.
enum class Scalar : std::uint8_t {
  boolean,
  character,  ///< plain char: signed or not as the target has it
  signed_char,
  unsigned_char,
  short_int,
  unsigned_short,
  int_,
  unsigned_int,
  long_int,
  unsigned_long,
  long_long,
  unsigned_long_long,
  size,         ///< size_t, uintptr_t: unsigned, as wide as a pointer
  signed_size,  ///< ptrdiff_t, ssize_t, intptr_t
  wide,         ///< wchar_t
  char16,
  char32,
  handle,  ///< Windows' HANDLE: as wide as a pointer, sign-extended from 32 bits as the system itself does
  float_,
  double_,
  long_double,
};

struct Record;
struct Signature;

enum class Kind : std::uint8_t { void_type, scalar, enumeration, pointer, array, record, function };

/// A type, perhaps const. Equal types may be several objects: compare what they say.
struct Type {
  Kind kind = Kind::void_type;
  Scalar scalar = Scalar::int_;  ///< of a scalar; of an enumeration the integer type under it
  bool constant = false;
  std::uint16_t depth = 0;               ///< levels of types in this one; Model::add computes it
  std::string name;                      ///< how it was written, if by a typedef's name: "DWORD"
  const Type* element = nullptr;         ///< of a pointer or an array
  std::uint64_t count = 0;               ///< of an array
  const Record* record = nullptr;        ///< of a record
  const Signature* signature = nullptr;  ///< of a function
};

/// One step of an expression in reverse Polish notation.
struct Term {
  enum class Kind : std::uint8_t { constant, parameter, dereference, result, add, subtract, multiply, shift_left };
  Kind kind = Kind::constant;
  std::int64_t constant = 0;
  std::uint32_t parameter = 0;  ///< of `parameter` and `dereference` (`*n`)
};

/// How much, in terms of a call's own arguments: `n`, `*n`, `rows*columns`, `1<<bits`; empty: not said.
using Expression = std::vector<Term>;

enum class Direction : std::uint8_t { unsaid, in, out, inout };

/// What is said of a pointer in SAL's words, which C's types cannot say. For what each word means see
/// docs/prototypes.md.
struct Words {
  Direction direction = Direction::unsaid;
  bool optional = false;         ///< `_opt_`: NULL is a legal value. NULL always passes as NULL.
  bool zero_terminated = false;  ///< `_z_`
  bool in_bytes = false;         ///< capacity and length count bytes, not elements
  Expression capacity;           ///< how many elements there are
  Expression length;             ///< `_to_`: how many of them hold something after the call
  bool outptr = false;           ///< `_Outptr_`: the callee stores a pointer
  bool result_string = false;    ///< `_Outptr_result_z_`: and it is a string
  bool maybe_null = false;       ///< `_maybenull_`: the returned or stored pointer may be NULL
  bool token = false;            ///< `_Token_`: an address that only the client's callbacks look at
  std::string retained;          ///< `_Retained_(until)`: the text in the parentheses, "for ever" where there is none
  bool any() const {
    return direction != Direction::unsaid || zero_terminated || outptr || token || !capacity.empty() || maybe_null;
  }
};

/// A parameter, a field or a result.
struct Value {
  std::string name;  ///< may be empty
  const Type* type = nullptr;
  Words words;
  std::uint32_t column = 0;  ///< where it stands in the text, from 1; 0: not from text
};

struct Field : Value {
  bool is_bit_field = false;
  std::uint32_t bits = 0;  ///< width of a bit-field
};

/// Where the fields of a record lie at one target.
struct RecordLayout {
  bool known = false;
  std::uint64_t size = 0;
  std::uint32_t alignment = 1;
  std::vector<std::uint64_t> bit_offsets;  ///< of each field, from the record's start
};

/// A struct or a union.
struct Record {
  std::string name;  ///< the tag; empty for one without
  bool is_union = false;
  bool complete = false;
  std::uint16_t depth = 0;  ///< the most levels of types in a field
  std::uint32_t pack = 0;   ///< no field is aligned to more than this many bytes; 0: no limit
  bool packed = false;      ///< GCC's attribute: as pack 1, and bit-fields take no padding at all
  std::vector<Field> fields;
  std::array<RecordLayout, kTargetCount> layouts;
};

enum class Convention : std::uint8_t { cdecl_call, stdcall_call, fastcall_call, thiscall_call };

/// What a function takes and gives. Of a variadic one the parameters behind the first `fixed` are this call's own.
struct Signature {
  Convention convention = Convention::cdecl_call;
  bool variadic = false;
  std::size_t fixed = 0;
  Value result;
  std::vector<Value> parameters;
};

struct Function {
  std::string name;  ///< may be empty: a prototype in text needs none
  Signature signature;
};

/// Owns the types and records of an interface; all pointers in it point into it.
class Model {
 public:
  const Type* add(Type type);
  Record* add_record() { return &records_.emplace_back(); }
  const Signature* add(Signature signature) { return &signatures_.emplace_back(std::move(signature)); }

  const Type* scalar(Scalar scalar, bool constant = false);
  const Type* pointer_to(const Type* element, bool constant = false);

 private:
  std::deque<Type> types_;  // deques: addresses stay
  std::deque<Record> records_;
  std::deque<Signature> signatures_;
};

/// The type in C's own notation, for messages: `const struct point *`.
std::string text_of(const Type& type);
std::string_view text_of(Scalar scalar);
std::string text_of(const Expression& expression, const std::vector<Value>& parameters);
std::string_view text_of(Convention convention);

}  // namespace halfword::model
