// Values of a prototype's types as people and programs read them: what a call returned, and what its buffers hold.
// Main thread only. What lies in the library's memory is not trusted: it is read only where the client sees it, and
// text only as far as it goes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/arguments.h"
#include "cli/memory.h"
#include "cli/output.h"
#include "interface/model.h"

namespace halfword::cli {

/// One value in both forms. Numbers are JSON numbers, addresses strings such as "0x1000", text a string, bytes
/// {"size", "hex"}, structs objects, arrays lists.
struct Shown {
  Json json;
  std::string text;
};

class Viewer {
 public:
  Viewer(Library& library, const Memory& memory) : library_(library), memory_(memory) {}

  /// The value of `type` at `at`, which the client owns, in the client's layout.
  /// \param words  what is said of it, if it is a pointer
  Shown value(const model::Type& type, const model::Words& words, const std::byte* at) {
    return value(type, words, at, 0);
  }

  /// What a buffer holds after the call. `result` is the function's, where it is an integer.
  Shown buffer(const Argument& argument, const std::vector<Argument>& arguments, std::optional<std::int64_t> result);

 private:
  Shown value(const model::Type& type, const model::Words& words, const std::byte* at, int depth);
  Shown pointer(const model::Type& type, const model::Words& words, const std::byte* at, int depth);
  Shown record(const model::Record& record, const std::byte* at, int depth);
  Shown elements(const model::Type& element, const model::Words& words, const std::byte* at, std::size_t count,
                 int depth);
  /// How many units lie before the zero at `pointer`, at most; nothing where the client may not read.
  std::optional<std::size_t> text_length(const void* pointer, std::size_t unit, bool is_string);
  bool is_readable(const void* pointer, std::size_t size);

  Library& library_;
  const Memory& memory_;
};

/// Text as C writes it, with its quotes: what cannot be shown is escaped.
std::string quoted_text(std::string_view text);

}  // namespace halfword::cli
