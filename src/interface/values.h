// Single values in memory: loading and storing integers of any size, and whether they fit. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "interface/program.h"

namespace halfword::model {

/// A size of memory that this process has, and that therefore fits its size_t.
inline std::size_t as_size(std::uint64_t size) { return static_cast<std::size_t>(size); }

/// An integer as wide as it gets: `bits` is sign-extended where `is_negative`.
struct Integer {
  std::uint64_t bits = 0;
  bool is_negative = false;
};

// Little-endian on both sides, as all targets are: the low bytes come first.
inline Integer load_integer(const void* from, Leaf leaf) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, from, leaf.size);
  const unsigned unused = 64U - leaf.size * 8U;
  if (!leaf.is_signed) return {bits, false};
  const auto value = static_cast<std::int64_t>(bits << unused) >> unused;
  return {static_cast<std::uint64_t>(value), value < 0};
}

inline void store_integer(void* to, Leaf leaf, Integer value) { std::memcpy(to, &value.bits, leaf.size); }

/// Whether a type of this size and sign has the value.
inline bool fits(Integer value, Leaf leaf) {
  const unsigned bits = leaf.size * 8U;
  if (value.is_negative) return leaf.is_signed && static_cast<std::int64_t>(value.bits) >> (bits - 1) == -1;
  return value.bits >> 1 >> ((leaf.is_signed ? bits - 1 : bits) - 1) == 0;
}

/// A HANDLE of 64 bits fits 32 if it is their zero or sign extension: Windows makes the first, programs the second.
inline bool handle_fits(std::uint64_t value) {
  return value >> 32 == 0 || static_cast<std::int64_t>(value) == static_cast<std::int32_t>(value);
}

std::string text_of(Integer value);
/// "0 to 255"
std::string range_of(Leaf leaf);
std::string hex(std::uint64_t value);

}  // namespace halfword::model
