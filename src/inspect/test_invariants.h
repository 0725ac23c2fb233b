// What must hold of every image that the readers give, whatever the bytes were: the model is linear in the file's size,
// and everything that is done with an image later works on it. Called by the fuzz targets and by mutation_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halfword::inspect {

/// Reads `size` bytes as a library, in whole and as the start of one; aborts if the result is larger than the bytes
/// warrant or if a later step cannot take it.
void check_reading(const std::uint8_t* data, std::size_t size);

}  // namespace halfword::inspect
