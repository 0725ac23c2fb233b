// The 80-bit format of the x87 registers, to and from the client's own float and double. Pure arithmetic on bits, so
// that it works in a client whose compiler has no such type. Any thread.
#pragma once

#include <cstdint>

namespace halfword::model {

constexpr unsigned kX87Bytes = 10;

/// Rounds to nearest, ties to even, as storing the register does.
double x87_to_double(const std::uint8_t* bytes);
float x87_to_float(const std::uint8_t* bytes);

/// Exact. Writes kX87Bytes bytes.
void double_to_x87(double value, std::uint8_t* bytes);

}  // namespace halfword::model
