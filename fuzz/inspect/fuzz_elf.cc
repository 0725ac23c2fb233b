// Fuzzes the ELF reader. Any bytes count as an ELF file: the first four are overwritten, so that none are wasted on
// magic.
#include <algorithm>
#include <vector>

#include "inspect/test_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint8_t kMagic[] = {0x7f, 'E', 'L', 'F'};
  std::vector<std::uint8_t> bytes(data, data + size);
  std::copy_n(kMagic, std::min(size, sizeof kMagic), bytes.begin());
  halfword::inspect::check_reading(bytes.data(), bytes.size());
  return 0;
}
