/* The values that generated calls pass, the same in the library, in the native program and in the client's test.
 *
 * A case is one signature; its number and the run's seed give every value in it, so no values are stored anywhere.
 * Compiled as C11 by the library's compiler and as C++ by the client's; one thread. */
#ifndef HALFWORD_TESTS_ABI_VALUES_H
#define HALFWORD_TESTS_ABI_VALUES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <wchar.h>

typedef enum AbiKind {
  ABI_BOOL,
  ABI_CHAR,
  ABI_SCHAR,
  ABI_UCHAR,
  ABI_SHORT,
  ABI_USHORT,
  ABI_INT,
  ABI_UINT,
  ABI_LONG,
  ABI_ULONG,
  ABI_LLONG,
  ABI_ULLONG,
  ABI_SIZE,
  ABI_SSIZE,
  ABI_WCHAR,
  ABI_FLOAT,
  ABI_DOUBLE,
  ABI_LDOUBLE,
  ABI_POINTER, /* NULL, or into `ground` */
  ABI_HANDLE,  /* a number as Windows' handles are: sign-extended where pointers are wider */
  ABI_CODE,    /* NULL, or `code` */
  ABI_KINDS
} AbiKind;

/* `count` values side by side, `offset` bytes into an object. */
typedef struct AbiLeaf {
  uint8_t kind;
  uint32_t offset;
  uint32_t count;
} AbiLeaf;

/* Where the values in an object of some type lie; what lies between them is padding. */
typedef struct AbiType {
  const AbiLeaf* leaves;
  uint32_t leaf_count;
  uint32_t size;
  uint32_t alignment;
} AbiType;

/* What pointers in the values point to, as the running program names it. */
typedef struct AbiPlaces {
  unsigned char* ground; /* ABI_GROUND_SIZE bytes of the library's */
  void* code;            /* a function of the library's */
} AbiPlaces;
enum { ABI_GROUND_SIZE = 4096 };

typedef enum AbiPurpose { ABI_ARGUMENTS = 1, ABI_RESULT = 2 } AbiPurpose;

/* The generator "splitmix64": every number of 64 bits once. */
typedef struct AbiStream {
  uint64_t state;
} AbiStream;

static inline uint64_t abi_next(AbiStream* stream) {
  uint64_t mixed = stream->state += 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

static inline AbiStream abi_stream_of(uint64_t seed, uint32_t number, AbiPurpose purpose) {
  AbiStream stream = {seed * 0x100000001b3U + number * 4U + (uint64_t)purpose};
  stream.state = abi_next(&stream);
  return stream;
}

static inline size_t abi_size_of(AbiKind kind) {
  static const uint8_t sizes[ABI_KINDS] = {
      sizeof(bool),   sizeof(char),   sizeof(char),    sizeof(char),  sizeof(short),   sizeof(short),
      sizeof(int),    sizeof(int),    sizeof(long),    sizeof(long),  sizeof(int64_t), sizeof(int64_t),
      sizeof(size_t), sizeof(size_t), sizeof(wchar_t), sizeof(float), sizeof(double),  sizeof(long double),
      sizeof(void*),  sizeof(void*),  sizeof(void*)};
  return sizes[kind];
}

/* Of those, the ones that hold the value. */
static inline size_t abi_value_size(AbiKind kind) { return kind == ABI_LDOUBLE ? 10 : abi_size_of(kind); }

/* Any number, and often one of those where a wrong width or sign shows. */
static inline uint64_t abi_integer(AbiStream* stream, unsigned bits) {
  const uint64_t number = abi_next(stream);
  const uint64_t top = (uint64_t)1 << (bits - 1);
  switch (number >> 60) {
    case 0:
      return 0;
    case 1:
      return ~(uint64_t)0;
    case 2:
      return top;
    case 3:
      return top - 1;
    default:
      return number;
  }
}

/* The x87 format: 64 bits of mantissa with its first bit written out, 15 of exponent, 1 of sign. No signalling NaN and
 * nothing that the processor does not know as a number, since compilers move floats through the x87. */
static inline void abi_put_long_double(AbiStream* stream, unsigned char* to) {
  uint64_t mantissa = abi_next(stream);
  const uint64_t number = abi_next(stream);
  uint16_t top = (uint16_t)number;
  const uint64_t first = (uint64_t)1 << 63;
  const unsigned choice = (unsigned)(number >> 60);
  if (choice < 2) top &= 0x8000U;
  if (choice == 2) top |= 0x7fffU;
  if (choice == 0) mantissa = 0;
  if (choice == 3) mantissa = 0;
  if ((top & 0x7fffU) == 0)
    mantissa &= ~first;
  else
    mantissa |= first;
  if ((top & 0x7fffU) == 0x7fffU && mantissa != first) mantissa |= first >> 1;
  memcpy(to, &mantissa, 8);
  memcpy(to + 8, &top, 2);
}

/* The same for the formats that leave the mantissa's first bit out. */
static inline uint64_t abi_float_bits(AbiStream* stream, unsigned mantissa_bits, unsigned exponent_bits) {
  const uint64_t number = abi_next(stream);
  const uint64_t mantissa_mask = ((uint64_t)1 << mantissa_bits) - 1;
  const uint64_t exponent_mask = (((uint64_t)1 << exponent_bits) - 1) << mantissa_bits;
  uint64_t bits = number & ((((exponent_mask | mantissa_mask) + 1) << 1) - 1);
  switch (abi_next(stream) & 15U) {
    case 0:
      bits &= ~(exponent_mask | mantissa_mask); /* zero of either sign */
      break;
    case 1:
      bits &= ~exponent_mask; /* denormal */
      break;
    case 2:
      bits = (bits | exponent_mask) & ~mantissa_mask; /* infinity */
      break;
    case 3:
      bits |= exponent_mask; /* NaN */
      break;
    default:
      break;
  }
  if ((bits & exponent_mask) == exponent_mask && (bits & mantissa_mask) != 0) bits |= (mantissa_mask + 1) >> 1;
  return bits;
}

static inline void abi_put_pointer(AbiKind kind, AbiStream* stream, const AbiPlaces* places, void* to) {
  const uint64_t number = abi_next(stream);
  void* pointer = NULL;
  if (kind == ABI_HANDLE)
    pointer = (void*)(intptr_t)(int32_t)number;
  else if (number >> 61 != 0)
    pointer = kind == ABI_CODE ? places->code : places->ground + number % ABI_GROUND_SIZE;
  memcpy(to, &pointer, sizeof pointer);
}

/* Stores the stream's next value of a kind. Integers fit the 32-bit side, whatever they are stored in. */
static inline void abi_put(AbiKind kind, AbiStream* stream, const AbiPlaces* places, void* to) {
  uint64_t value = 0;
  switch (kind) {
    case ABI_LDOUBLE:
      abi_put_long_double(stream, (unsigned char*)to);
      return;
    case ABI_POINTER:
    case ABI_HANDLE:
    case ABI_CODE:
      abi_put_pointer(kind, stream, places, to);
      return;
    case ABI_BOOL:
      value = abi_next(stream) & 1U;
      break;
    case ABI_FLOAT:
      value = abi_float_bits(stream, 23, 8);
      break;
    case ABI_DOUBLE:
      value = abi_float_bits(stream, 52, 11);
      break;
    case ABI_LONG:
    case ABI_SSIZE:
      value = (uint64_t)(int64_t)(int32_t)abi_integer(stream, 32);
      break;
    case ABI_ULONG:
    case ABI_SIZE:
      value = (uint32_t)abi_integer(stream, 32);
      break;
    case ABI_WCHAR: /* as wide as Windows has it */
      value = (uint16_t)abi_integer(stream, 16);
      break;
    default:
      value = abi_integer(stream, (unsigned)(8 * abi_size_of(kind)));
      break;
  }
  memcpy(to, &value, abi_size_of(kind)); /* every target is little-endian */
}

/* Stores a whole object, its padding filled with a pattern that no value is likely to be. */
static inline void abi_fill(const AbiType* type, AbiStream* stream, const AbiPlaces* places, void* object) {
  memset(object, 0xa5, type->size);
  for (uint32_t index = 0; index < type->leaf_count; ++index) {
    const AbiLeaf leaf = type->leaves[index];
    unsigned char* at = (unsigned char*)object + leaf.offset;
    for (uint32_t element = 0; element < leaf.count; ++element, at += abi_size_of((AbiKind)leaf.kind))
      abi_put((AbiKind)leaf.kind, stream, places, at);
  }
}

/* Whether an object holds what abi_fill would have stored; padding does not count. */
static inline bool abi_holds(const AbiType* type, AbiStream* stream, const AbiPlaces* places, const void* object) {
  bool equal = true;
  for (uint32_t index = 0; index < type->leaf_count; ++index) {
    const AbiLeaf leaf = type->leaves[index];
    const unsigned char* at = (const unsigned char*)object + leaf.offset;
    for (uint32_t element = 0; element < leaf.count; ++element, at += abi_size_of((AbiKind)leaf.kind)) {
      unsigned char expected[16] = {0};
      abi_put((AbiKind)leaf.kind, stream, places, expected);
      if (memcmp(at, expected, abi_value_size((AbiKind)leaf.kind)) != 0) equal = false;
    }
  }
  return equal;
}

/* Takes every byte of every value into a digest (FNV-1a); pointers count by where they point, not by their bits. */
static inline uint64_t abi_digest(const AbiType* type, const AbiPlaces* places, const void* object, uint64_t digest) {
  for (uint32_t index = 0; index < type->leaf_count; ++index) {
    const AbiLeaf leaf = type->leaves[index];
    const AbiKind kind = (AbiKind)leaf.kind;
    const unsigned char* at = (const unsigned char*)object + leaf.offset;
    for (uint32_t element = 0; element < leaf.count; ++element, at += abi_size_of(kind)) {
      unsigned char bytes[16] = {0};
      memcpy(bytes, at, abi_value_size(kind));
      if (kind == ABI_POINTER || kind == ABI_CODE) {
        uintptr_t value = 0;
        memcpy(&value, at, sizeof value);
        if (value != 0) value -= (uintptr_t)(kind == ABI_CODE ? places->code : places->ground) - 1;
        memcpy(bytes, &value, sizeof value);
      }
      for (size_t byte = 0; byte < abi_value_size(kind); ++byte) digest = (digest ^ bytes[byte]) * 0x100000001b3U;
    }
  }
  return digest;
}

#endif
