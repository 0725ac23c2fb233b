// Fuzzes the reader of ldconfig's cache.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "inspect/ld_cache.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entries = halfword::inspect::read_ld_cache({reinterpret_cast<const std::byte*>(data), size});
  HALFWORD_CHECK(entries.size() <= size / 24);
  return 0;
}
