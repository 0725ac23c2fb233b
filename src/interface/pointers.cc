// Pointers on their way between client and worker. Nothing that the library says is dereferenced before the Space has
// said that the client sees it.
#include <algorithm>
#include <cstring>

#include "interface/marshaller.h"
#include "interface/text.h"
#include "interface/values.h"

namespace halfword::model {
namespace {

// The longest string that a call carries; one without an end is found out before this.
constexpr std::uint64_t kMaxText = std::uint64_t{1} << 30;

std::uint64_t number_of(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

// A bare number in the place of a pointer: nobody dereferences it, it goes back to the worker.
void* number_as_pointer(std::uint64_t number) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number)); }

}  // namespace

std::string Marshaller::subject(const PointerRule& rule) const {
  return rule.label == 0 ? "" : "has a pointer, " + program_.labels[rule.label] + ", that ";
}

Result<Scratch> Marshaller::scratch(std::uint64_t bytes, std::uint32_t alignment) {
  // Sixteen at least: a library may expect of any buffer what malloc gives.
  const Scratch made = bytes > PTRDIFF_MAX ? Scratch() : space_.allocate(as_size(bytes), std::max(alignment, 16U));
  if (made.pointer != nullptr) return made;
  return refuse(ErrorCode::no_memory,
                "needs " + std::to_string(bytes) + " bytes in the window, which has no room for them");
}

// ---- client to worker ----

Result<std::uint64_t> Marshaller::lower_pointer(const PointerRule& rule, const void* pointer) {
  if (pointer == nullptr) return 0;
  if (rule.down == PointerRule::Down::string) return lower_string(rule, pointer);
  if (rule.down == PointerRule::Down::token) {
    const Location location = space_.locate(pointer, 1);
    if (location.place != Location::Place::client) return location.address;
    auto token = space_.token(pointer);
    if (!token) return refuse(std::move(token.error()));
    return token;
  }
  return lower_located(rule, pointer);
}

Result<std::uint64_t> Marshaller::lower_located(const PointerRule& rule, const void* pointer) {
  const Location location = space_.locate(pointer, as_size(rule.element_size));
  if (location.place == Location::Place::worker) return location.address;
  if (location.place == Location::Place::visible && (rule.same_layout || rule.down != PointerRule::Down::in_place))
    return location.address;
  const std::string where = hex(number_of(pointer));
  if (location.place == Location::Place::visible)
    return refuse(ErrorCode::argument_type, subject(rule) + "points to " + where +
                                                ", but what lies there is laid out differently for the library; " +
                                                rule.advice);
  if (rule.down == PointerRule::Down::code)
    return refuse(ErrorCode::argument_type,
                  subject(rule) + "is the address of code of the program's own, " + where +
                      ", which the library cannot call; make it callable with library.callback and pass that");
  if (space_.is_stale(pointer))
    return refuse(ErrorCode::stale_handle, subject(rule) + "is " + where +
                                               ", which a worker that is gone gave out; make it again in the new one");
  return refuse(ErrorCode::argument_type, subject(rule) + "points to memory of the program's own at " + where +
                                              ", which the library cannot see" +
                                              (rule.advice.empty() ? "" : "; " + rule.advice));
}

Result<std::uint64_t> Marshaller::lower_string(const PointerRule& rule, const void* pointer) {
  const bool same = rule.client_unit == rule.worker_unit;
  const Location location = space_.locate(pointer, rule.client_unit);
  if (location.place == Location::Place::worker) return location.address;
  if (location.place == Location::Place::visible && same) return location.address;
  const std::size_t units = rule.client_unit == 1 ? std::strlen(static_cast<const char*>(pointer))
                                                  : units_before_zero(pointer, rule.client_unit, kMaxText);
  std::vector<std::byte> converted;
  const void* from = pointer;
  std::size_t bytes = units * rule.client_unit;
  if (!same) {
    auto text = convert_text(pointer, rule.client_unit, units, rule.worker_unit);
    if (!text) return refuse(ErrorCode::argument_range, "is text with a character above 0x10ffff");
    converted = std::move(*text);
    from = converted.data();
    bytes = converted.size();
  }
  const std::size_t whole = bytes + rule.worker_unit;
  const auto copy = scratch(whole, rule.worker_unit);
  if (!copy) return std::unexpected(copy.error());
  auto* to = static_cast<std::byte*>(copy->pointer);
  if (bytes != 0) std::memcpy(to, from, bytes);
  std::memset(to + bytes, 0, rule.worker_unit);
  if (call_ != nullptr) {
    const auto index = static_cast<std::uint32_t>(&rule - program_.rules.data());
    call_->add({static_cast<std::byte*>(const_cast<void*>(pointer)), to, nullptr, copy->address, units, whole, index,
                parameter_});
  }
  return copy->address;
}

// ---- worker to client ----

Result<void*> Marshaller::raise_pointer(const PointerRule& rule, std::uint64_t address) {
  if (address == 0) return nullptr;
  if (void* own = alias(address)) return own;
  if (rule.up == PointerRule::Up::code) return number_as_pointer(address);
  if (rule.up == PointerRule::Up::string) return raise_string(rule, address);
  if (rule.up == PointerRule::Up::token)
    if (const auto token = space_.token_value(address)) return *token;
  if (rule.up == PointerRule::Up::refuse)
    return refuse(ErrorCode::unsupported, subject(rule) + "points to " + hex(address) +
                                              " in the library, where it is laid out differently than in the client");
  const std::size_t size = rule.up == PointerRule::Up::data ? as_size(rule.element_size) : 1;
  if (void* seen = space_.pointer_to(address, size)) return seen;
  if (rule.up == PointerRule::Up::data)
    return refuse(ErrorCode::unsupported,
                  subject(rule) + "points to " + hex(address) +
                      " in the library's memory, which the client does not see, and nothing says how much to copy");
  // User data that the library gives back where nothing says that it is some.
  if (const auto token = space_.token_value(address)) return *token;
  return number_as_pointer(address);
}

Result<void*> Marshaller::raise_string(const PointerRule& rule, std::uint64_t address) {
  if (rule.client_unit == rule.worker_unit)
    if (void* seen = space_.pointer_to(address, rule.client_unit)) return seen;
  auto units = space_.measure(address, rule.worker_unit, kMaxText);
  if (!units) return refuse(std::move(units.error()));
  if (*units > kMaxText)
    return refuse(ErrorCode::protocol_error, "is a string of " + std::to_string(*units) + " characters");
  std::vector<std::byte> text(as_size(*units) * rule.worker_unit);
  if (auto done = space_.read(address, text.data(), text.size()); !done) return refuse(std::move(done.error()));
  if (rule.client_unit != rule.worker_unit) {
    auto converted = convert_text(text.data(), rule.worker_unit, as_size(*units), rule.client_unit);
    if (!converted) return refuse(ErrorCode::argument_range, "is text with a character above 0x10ffff");
    text = std::move(*converted);
  }
  auto* kept = static_cast<std::byte*>(client_memory(text.size() + rule.client_unit));
  if (kept == nullptr)
    return refuse(ErrorCode::no_memory,
                  "is a string of " + std::to_string(text.size()) + " bytes, for which there is no memory");
  if (!text.empty()) std::memcpy(kept, text.data(), text.size());
  std::memset(kept + text.size(), 0, rule.client_unit);
  return kept;
}

void* Marshaller::client_memory(std::size_t size) {
  return callback_ != nullptr ? callback_->allocate(size) : space_.keep(size);
}

// ---- what the library gives back of what it was given ----

// strchr and the like return a pointer into their argument: the client's own memory, not its copy in scratch memory,
// which is gone after the call.
void* Marshaller::alias(std::uint64_t address) const {
  if (call_ == nullptr) return nullptr;
  const Transfer* end = nullptr;
  for (std::size_t index = 0; index < call_->transfer_count(); ++index) {
    const Transfer& transfer = call_->transfer(index);
    if (address >= transfer.address && address - transfer.address < transfer.bytes)
      return alias_in(transfer, address - transfer.address);
    if (address == transfer.address + transfer.bytes) end = &transfer;
  }
  return end == nullptr ? nullptr : alias_in(*end, end->bytes);
}

void* Marshaller::alias_in(const Transfer& transfer, std::uint64_t offset) const {
  const PointerRule& rule = program_.rules[transfer.rule];
  if (rule.down == PointerRule::Down::string) {
    if (rule.client_unit == rule.worker_unit) return transfer.client + offset;
    const std::size_t units = as_size(offset) / rule.worker_unit;
    return transfer.client +
           converted_units(transfer.scratch, rule.worker_unit, units, rule.client_unit) * rule.client_unit;
  }
  const Shape& shape = program_.shapes[rule.shape];
  if (shape.identical) return transfer.client + offset;
  if (offset % shape.worker_size != 0) return nullptr;
  return transfer.client + offset / shape.worker_size * shape.client_size;
}

}  // namespace halfword::model
