#include "abi/cases.h"

#include <fstream>
#include <sstream>
#include <utility>

namespace test {
namespace {

using Failure = std::unexpected<std::string>;

// A file whose first line says which run of the generator it belongs to.
struct Input {
  std::string path;
  std::ifstream stream;
  std::string run;

  explicit Input(std::string name) : path(std::move(name)), stream(path) { std::getline(stream, run); }
  Failure wrong(const std::string& why) const { return Failure(path + ": " + why); }
};

std::expected<void, std::string> read_prototypes(Input& input, std::uint64_t count, Cases& cases) {
  std::string line;
  while (std::getline(input.stream, line)) {
    std::istringstream words(line);
    Case made;
    std::string kind;
    words >> made.number >> kind >> made.result;
    for (std::uint32_t type = 0; words >> type;) made.arguments.push_back(type);
    made.is_callback = kind == "callback";
    const bool complete = (made.is_callback || kind == "call") && std::getline(input.stream, made.prototype) &&
                          (!made.is_callback || std::getline(input.stream, made.callback_prototype));
    if (!complete || made.number != cases.cases.size())
      return input.wrong("case " + std::to_string(cases.cases.size()) + " is damaged");
    cases.cases.push_back(std::move(made));
  }
  if (cases.cases.size() != count) return input.wrong("it has " + std::to_string(cases.cases.size()) + " cases");
  return {};
}

std::expected<void, std::string> read_layouts(Input& input, std::uint64_t count, Cases& cases) {
  for (std::uint64_t number = 0; number < count; ++number) {
    AbiType type = {};
    input.stream >> type.size >> type.alignment >> type.leaf_count;
    cases.leaves.push_back(std::make_unique<AbiLeaf[]>(input.stream ? type.leaf_count : 0));
    type.leaves = cases.leaves.back().get();
    for (std::uint32_t index = 0; index < type.leaf_count && input.stream; ++index) {
      AbiLeaf& leaf = cases.leaves.back()[index];
      unsigned kind = ABI_KINDS;
      input.stream >> kind >> leaf.offset >> leaf.count;
      leaf.kind = static_cast<std::uint8_t>(kind);
      if (kind >= ABI_KINDS || leaf.offset + abi_size_of(static_cast<AbiKind>(kind)) * leaf.count > type.size)
        return input.wrong("type " + std::to_string(number) + " is damaged");
    }
    if (!input.stream) return input.wrong("type " + std::to_string(number) + " is missing");
    cases.types.push_back(type);
  }
  return {};
}

std::expected<void, std::string> read_digests(Input& input, Cases& cases) {
  for (Case& entry : cases.cases)
    if (!(input.stream >> std::hex >> entry.digest)) return input.wrong("digests are missing");
  return {};
}

// Numbers of types are used as they stand from here on.
std::expected<void, std::string> check_types(const Cases& cases) {
  for (const Case& entry : cases.cases) {
    bool known = entry.result < cases.types.size();
    for (const std::uint32_t type : entry.arguments) known = known && type != 0 && type < cases.types.size();
    if (!known) return Failure("case " + std::to_string(entry.number) + " has a type that is not known");
  }
  return {};
}

}  // namespace

std::expected<Cases, std::string> read_cases(const std::string& folder, const std::string& client,
                                             const std::string& worker) {
  Input prototypes(folder + "/cases.txt");
  Input layouts(folder + "/layouts-" + client + ".txt");
  Input digests(folder + "/digests-" + worker + ".txt");
  Cases cases;
  std::string word;
  std::uint64_t count = 0, types = 0;
  std::istringstream run(prototypes.run);
  if (!(run >> word >> cases.seed >> word >> count >> word >> types)) return prototypes.wrong("it cannot be read");
  for (const Input* other : {&layouts, &digests})
    if (other->run != prototypes.run)
      return other->wrong("it is of \"" + other->run + "\", and the cases are of \"" + prototypes.run + "\"");
  std::expected<void, std::string> done = read_prototypes(prototypes, count, cases);
  if (done) done = read_layouts(layouts, types, cases);
  if (done) done = read_digests(digests, cases);
  if (done) done = check_types(cases);
  if (!done) return Failure(done.error());
  return cases;
}

}  // namespace test
