// The arguments of one call: what the user wrote for each parameter, as the engine takes it, with buffers that are as
// large as the prototype says that the library uses them. Main thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/literal.h"
#include "cli/memory.h"
#include "cli/value_writer.h"
#include "interface/model.h"

namespace halfword::cli {

/// One argument. A buffer is one that the user gave the content or the size of.
struct Argument {
  const model::Value* parameter = nullptr;
  std::string label;             ///< "argument 2 (level)"
  std::vector<std::byte> value;  ///< in the client's representation; of a buffer its pointer
  bool is_buffer = false;
  bool is_shown = false;  ///< `out` or `inout`: shown after the call
  bool may_grow = false;  ///< its size was not said
  bool is_text = false;
  std::vector<std::byte> content;  ///< what a buffer holds before each call
  std::byte* buffer = nullptr;

  const model::Type& element() const { return *parameter->type->element; }
};

/// The value of an extent such as `*n`, with the arguments as they are now; nothing where it depends on a null pointer
/// or on a result that is not there. argument_range if it is negative or too large.
Result<std::optional<std::uint64_t>> extent_of(const model::Expression& expression,
                                               const std::vector<Argument>& arguments,
                                               std::optional<std::int64_t> result);

class ArgumentList {
 public:
  /// \param words  one for each parameter of `signature`, which stays
  /// \return argument_type or argument_range naming the argument; file_not_found, export_missing, no_memory
  static Result<std::unique_ptr<ArgumentList>> create(Library& library, const model::Signature& signature,
                                                      const std::vector<std::string>& words);

  /// Puts everything as it was before the first call.
  void reset();
  /// As Function::call takes them; valid as long as this object.
  void* const* pointers() const { return pointers_.data(); }

  const std::vector<Argument>& arguments() const { return arguments_; }
  const Memory& memory() const { return memory_; }

 private:
  ArgumentList(Library& library, const model::Signature& signature)
      : library_(library), signature_(signature), memory_(library), writer_(library, memory_) {}
  Result<void> read(Argument& argument, const Literal& literal);
  Result<void> read_buffer(Argument& argument, const Literal& literal);
  std::size_t bytes_for(const Argument& argument, std::uint64_t library_bytes) const;
  Result<void> fit_extent(Argument& argument);
  Result<void> place(Argument& argument);

  Library& library_;
  const model::Signature& signature_;
  Memory memory_;
  ValueWriter writer_;
  std::vector<Argument> arguments_;
  std::vector<void*> pointers_;
};

}  // namespace halfword::cli
