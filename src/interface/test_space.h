// A worker's memory for tests of the engine, without a worker: a window that lies at other addresses on the two sides,
// and private memory of the worker's. Included by tests only.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "interface/space.h"

namespace halfword::model {

class TestSpace : public Space {
 public:
  static constexpr std::uint32_t kWindow = 0x40000000;
  static constexpr std::size_t kWindowSize = 1 << 20;
  /// Private memory lies where no process has any, so that no pointer of the test's is taken for it.
  static constexpr std::uint32_t kPrivate = 0x1000;
  static constexpr std::size_t kPrivateSize = 0x4000;
  static constexpr std::uint32_t kTokens = 0xf0000000;

  enum class Mode { apart, off };
  explicit TestSpace(Mode mode = Mode::apart)
      : mode_(mode), window_(kWindowSize, std::byte{0xaa}), private_(kPrivateSize, std::byte{0xbb}) {}

  // What a test plays the library with.
  /// Memory at an address of the worker's, window or private, as the library sees it.
  std::byte* at(std::uint64_t address) {
    if (address >= kWindow && address - kWindow < kWindowSize) return window_.data() + (address - kWindow);
    if (address >= kPrivate && address - kPrivate < kPrivateSize) return private_.data() + (address - kPrivate);
    return nullptr;
  }
  template <class T>
  T load(std::uint64_t address) {
    T value;
    std::memcpy(&value, at(address), sizeof value);
    return value;
  }
  template <class T>
  void store(std::uint64_t address, T value) {
    std::memcpy(at(address), &value, sizeof value);
  }
  std::string string(std::uint64_t address) { return reinterpret_cast<const char*>(at(address)); }
  void put(std::uint64_t address, const std::string& text) { std::memcpy(at(address), text.c_str(), text.size() + 1); }
  /// Room in the window that is not a call's scratch memory: the library's heap.
  std::uint64_t heap(std::size_t size) {
    heap_ -= (size + 15) / 16 * 16;
    return kWindow + heap_;
  }
  /// The client's pointer to an address in the window.
  void* seen(std::uint64_t address) { return at(address); }
  std::size_t scratch_used() const { return used_; }
  void set_scratch_limit(std::size_t limit) { limit_ = limit; }

  // Space
  Scratch allocate(std::size_t size, std::size_t alignment) override {
    const std::size_t begin = (used_ + alignment - 1) / alignment * alignment;
    if (size > limit_ || begin > limit_ - size) return {};
    used_ = begin + std::max<std::size_t>(size, 1);
    return {window_.data() + begin, kWindow + begin};
  }
  Location locate(const void* pointer, std::size_t size) override {
    const auto* byte = static_cast<const std::byte*>(pointer);
    const auto value = reinterpret_cast<std::uintptr_t>(pointer);
    const bool in_window = byte >= window_.data() && byte < window_.data() + kWindowSize;
    if (in_window && mode_ == Mode::apart) {
      const auto offset = static_cast<std::size_t>(byte - window_.data());
      if (size <= kWindowSize - offset) return {Location::Place::visible, kWindow + offset};
      return {Location::Place::client, 0};
    }
    const bool bare_window = mode_ == Mode::off && value >= kWindow && value - kWindow < kWindowSize;
    const bool code = value >= kCode && value - kCode < 0x100;
    if ((value >= kPrivate && value - kPrivate < kPrivateSize) || bare_window || code)
      return {Location::Place::worker, value};
    return {Location::Place::client, 0};
  }
  void* pointer_to(std::uint64_t address, std::size_t size) override {
    if (mode_ == Mode::off || address < kWindow || address - kWindow > kWindowSize) return nullptr;
    return size <= kWindowSize - (address - kWindow) ? at(address) : nullptr;
  }
  Result<void> read(std::uint64_t address, void* to, std::size_t size) override {
    if (!has(address, size))
      return fail(ErrorCode::argument_range, "address " + std::to_string(address) + " cannot be read");
    if (size != 0) std::memcpy(to, at(address), size);
    return {};
  }
  Result<void> write(std::uint64_t address, const void* from, std::size_t size) override {
    if (!has(address, size))
      return fail(ErrorCode::argument_range, "address " + std::to_string(address) + " cannot be written");
    std::memcpy(at(address), from, size);
    return {};
  }
  Result<std::uint64_t> measure(std::uint64_t address, unsigned unit, std::uint64_t limit) override {
    for (std::uint64_t count = 0; count < limit && has(address + count * unit, unit); ++count) {
      std::uint32_t value = 0;
      std::memcpy(&value, at(address + count * unit), unit);
      if (value == 0) return count;
    }
    return fail(ErrorCode::protocol_error, "the string at " + std::to_string(address) + " has no end");
  }
  void* keep(std::size_t size) override { return kept_.emplace_back(std::make_unique<std::byte[]>(size)).get(); }
  Result<std::uint64_t> token(const void* pointer) override {
    for (std::size_t index = 0; index < tokens_.size(); ++index)
      if (tokens_[index] == pointer) return kTokens + index;
    tokens_.push_back(const_cast<void*>(pointer));
    return kTokens + tokens_.size() - 1;
  }
  std::optional<void*> token_value(std::uint64_t token) override {
    if (token < kTokens || token - kTokens >= tokens_.size()) return std::nullopt;
    return tokens_[static_cast<std::size_t>(token - kTokens)];
  }

  /// Addresses that are the library's functions.
  static constexpr std::uint32_t kCode = 0x8000;

 private:
  bool has(std::uint64_t address, std::size_t size) {
    if (address >= kWindow && address - kWindow <= kWindowSize) return size <= kWindowSize - (address - kWindow);
    return address >= kPrivate && address - kPrivate <= kPrivateSize && size <= kPrivateSize - (address - kPrivate);
  }

  Mode mode_;
  std::vector<std::byte> window_;
  std::vector<std::byte> private_;
  std::size_t used_ = 64;
  std::size_t limit_ = kWindowSize / 2;
  std::size_t heap_ = kWindowSize;
  std::vector<std::unique_ptr<std::byte[]>> kept_;
  std::vector<void*> tokens_;
};

}  // namespace halfword::model
