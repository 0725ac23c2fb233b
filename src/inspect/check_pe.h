// Whether the names that a DLL imports exist in the libraries that were found; not for use outside src/inspect.
// Called by dependencies.cc; one thread; trusts no library. Source: Microsoft's "PE Format"; what the system's loader
// does with forwarders.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "inspect/dependencies.h"
#include "inspect/finder.h"

namespace halfword::inspect {

class PeChecker {
 public:
  /// The library that `name` means to `by`, found now if it was not before; null if it is not there to look into.
  using Find = std::function<const Module*(const std::string& name, const Module& by)>;

  /// Adds to `result` the names that `module` imports by `dependency` and that are not there. An export that is
  /// forwarded is followed to where it ends.
  void check(const Module& module, const Dependency& dependency, const Find& find, Dependencies& result);

 private:
  // The exports of one library in the orders in which they are looked up: not hashed, since a library could make its
  // names collide.
  struct Index {
    std::vector<const Export*> by_name, by_ordinal;
  };
  enum class Answer { there, missing, unknown };

  const Index& index(const Module& module);
  const Export* find_export(const Module& module, const Import& import);
  Answer follow(const Module& module, const Export& start, const Find& find);

  std::map<const Module*, Index> indexes_;
};

}  // namespace halfword::inspect
