// Fuzzes the PE reader. Any bytes count as a PE file: the first two are overwritten, so that none are wasted on magic.
#include <vector>

#include "inspect/test_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  // COFF object files have no magic and start with their processor.
  const bool object = size >= 2 && ((data[0] == 0x4c && data[1] == 0x01) || (data[0] == 0x64 && data[1] == 0x86));
  if (size >= 2 && !object) bytes[0] = 'M', bytes[1] = 'Z';
  halfword::inspect::check_reading(bytes.data(), bytes.size());
  return 0;
}
