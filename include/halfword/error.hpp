// Errors and results: included by halfword.hpp, which is what programs include.
#ifndef HALFWORD_ERROR_HPP
#define HALFWORD_ERROR_HPP

#include <halfword/halfword.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace halfword {

enum class code : std::uint32_t {
  ok = 0,
#define HALFWORD_ERROR(name, number, exit_status, meaning, advice) name = number,
#include <halfword/error_codes.inc>
#undef HALFWORD_ERROR
};

/// What went wrong. what() is a whole message; the other functions give its parts, "" or 0 where there is none.
class error : public std::exception {
 public:
  /// Takes ownership of `raw`; nullptr stands for no memory, or for `fallback`.
  explicit error(hw_error* raw, halfword::code fallback = halfword::code::no_memory)
      : raw_(raw, hw_error_free), fallback_(fallback) {}

  const char* what() const noexcept override {
    return raw_ ? hw_error_message(raw_.get()) : hw_code_meaning(static_cast<hw_code>(fallback_));
  }
  halfword::code code() const { return raw_ ? static_cast<halfword::code>(hw_error_code(raw_.get())) : fallback_; }
  const char* name_of_code() const { return hw_code_name(static_cast<hw_code>(code())); }
  std::string file() const { return raw_ ? hw_error_file(raw_.get()) : ""; }
  std::string function() const { return raw_ ? hw_error_function(raw_.get()) : ""; }
  std::string name() const { return raw_ ? hw_error_name(raw_.get()) : ""; }
  std::string address() const { return raw_ ? hw_error_address(raw_.get()) : ""; }
  std::uint64_t system_number() const { return raw_ ? hw_error_system_number(raw_.get()) : 0; }
  std::string system_text() const { return raw_ ? hw_error_system_text(raw_.get()) : ""; }
  std::vector<std::string> searched() const {
    std::vector<std::string> all;
    for (std::size_t at = 0; raw_ && hw_error_searched(raw_.get(), at) != nullptr; ++at)
      all.emplace_back(hw_error_searched(raw_.get(), at));
    return all;
  }

 private:
  std::shared_ptr<hw_error> raw_;  // shared, since exceptions are copied
  halfword::code fallback_;
};

/// A result or an error, as std::expected of C++23 has it, for C++17.
template <class T>
class expected {
 public:
  using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  expected(value_type value) : state_(std::in_place_index<0>, std::move(value)) {}
  expected(halfword::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  /// Throws the error where there is no value.
  const value_type& value() const {
    if (!has_value()) throw error();
    return std::get<0>(state_);
  }
  const value_type& operator*() const { return std::get<0>(state_); }
  const halfword::error& error() const { return std::get<1>(state_); }
  template <class U>
  value_type value_or(U&& other) const {
    return has_value() ? std::get<0>(state_) : static_cast<value_type>(std::forward<U>(other));
  }

 private:
  std::variant<value_type, halfword::error> state_;
};

}  // namespace halfword

#endif
