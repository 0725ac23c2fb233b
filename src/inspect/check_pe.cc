// The checker of imported names. Called by dependencies.cc; one thread; trusts no library.
#include "inspect/check_pe.h"

#include <algorithm>

#include "inspect/runtime_names.h"

namespace halfword::inspect {
namespace {

constexpr std::size_t kMostMissing = 10'000;

// `NTDLL.RtlAllocateHeap`, `vendor.1.dll.#12`: the library stands before the last dot.
bool split_forwarder(const std::string& forwarder, std::string& library, Import& import) {
  const std::size_t dot = forwarder.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == forwarder.size()) return false;
  library = forwarder.substr(0, dot);
  import.name = forwarder.substr(dot + 1);
  if (!import.name.starts_with('#')) return true;
  std::uint32_t ordinal = 0;
  for (const char c : import.name.substr(1)) {
    if (c < '0' || c > '9' || ordinal > 0xffff) return false;
    ordinal = ordinal * 10 + static_cast<std::uint32_t>(c - '0');
  }
  import.ordinal = static_cast<std::uint16_t>(ordinal);
  return true;
}

}  // namespace

const PeChecker::Index& PeChecker::index(const Module& module) {
  const auto [entry, fresh] = indexes_.try_emplace(&module);
  Index& index = entry->second;
  if (!fresh) return index;
  for (const Export& symbol : module.image.exports) {
    if (!symbol.name.empty()) index.by_name.push_back(&symbol);
    index.by_ordinal.push_back(&symbol);
  }
  std::sort(index.by_name.begin(), index.by_name.end(),
            [](const Export* a, const Export* b) { return a->name < b->name; });
  std::sort(index.by_ordinal.begin(), index.by_ordinal.end(),
            [](const Export* a, const Export* b) { return a->ordinal < b->ordinal; });
  return index;
}

const Export* PeChecker::find_export(const Module& module, const Import& import) {
  const Index& all = index(module);
  if (import.ordinal) {
    const std::optional<std::uint32_t> wanted = *import.ordinal;
    const auto at = std::lower_bound(all.by_ordinal.begin(), all.by_ordinal.end(), wanted,
                                     [](const Export* e, const auto& ordinal) { return e->ordinal < ordinal; });
    return at != all.by_ordinal.end() && (*at)->ordinal == wanted ? *at : nullptr;
  }
  const auto at = std::lower_bound(all.by_name.begin(), all.by_name.end(), import.name,
                                   [](const Export* e, const std::string& name) { return e->name < name; });
  return at != all.by_name.end() && (*at)->name == import.name ? *at : nullptr;
}

PeChecker::Answer PeChecker::follow(const Module& module, const Export& start, const Find& find) {
  // Two libraries can forward to each other for ever.
  constexpr int kLongestChain = 32;
  const Module* at = &module;
  const Export* symbol = &start;
  for (int i = 0; i < kLongestChain; ++i) {
    if (symbol->forwarder.empty()) return Answer::there;
    std::string library;
    Import import;
    if (!split_forwarder(symbol->forwarder, library, import)) return Answer::missing;
    if (is_api_set(library)) return Answer::unknown;
    at = find(library, *at);
    if (!at) return Answer::unknown;  // the list names the library itself as missing
    symbol = find_export(*at, import);
    if (!symbol) return Answer::missing;
  }
  return Answer::missing;
}

void PeChecker::check(const Module& module, const Dependency& dependency, const Find& find, Dependencies& result) {
  const Module* provider = find(dependency.name, module);
  if (!provider) return;
  for (const Import& import : dependency.imports) {
    const Export* symbol = find_export(*provider, import);
    const Answer answer = symbol ? follow(*provider, *symbol, find) : Answer::missing;
    if (answer != Answer::missing) continue;
    if (result.missing_symbols.size() >= kMostMissing) {
      result.complete = false;
      return;
    }
    MissingSymbol missing;
    missing.name = import.ordinal ? "#" + std::to_string(*import.ordinal) : import.name;
    missing.needed_by = module.name;
    missing.expected_in = dependency.name;
    missing.delayed = dependency.delayed;
    result.missing_symbols.push_back(std::move(missing));
  }
}

}  // namespace halfword::inspect
