// The generated calls as the client's test sees them: prototypes, where this program's compiler puts the values, and
// what the native program made of them.
//
// Read once by abi_test.cc from files of the build tree, which are trusted to be of one run: their first lines tell.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "abi/values.h"

namespace test {

/// One signature. Types are numbers of the generator; 0 is void.
struct Case {
  std::uint32_t number = 0;
  bool is_callback = false;  ///< the library calls; else the client does
  std::uint32_t result = 0;
  std::vector<std::uint32_t> arguments;
  std::string prototype;           ///< of the library's function, whose name is "f" and the number
  std::string callback_prototype;  ///< of what it calls
  std::uint64_t digest = 0;        ///< what the library makes of the values in a native call
};

struct Cases {
  std::uint64_t seed = 0;
  std::vector<Case> cases;
  std::vector<AbiType> types;                      ///< by number, as this program represents them
  std::vector<std::unique_ptr<AbiLeaf[]>> leaves;  ///< what `types` points to
};

/// Reads cases.txt, layouts-CLIENT.txt and digests-WORKER.txt of a folder. The error says which file is wrong.
std::expected<Cases, std::string> read_cases(const std::string& folder, const std::string& client,
                                             const std::string& worker);

}  // namespace test
