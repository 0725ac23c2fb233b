// halfword for C++17 and later: typed calls of libraries that this process cannot load. Header-only, above halfword.h.
//
//   auto library = halfword::open("vendor.dll");
//   auto add = library.function<int(int, int), halfword::stdcall>("add");
//   int three = add(1, 2);                 // throws halfword::error
//   auto maybe = add.try_call(1, 2);       // a halfword::expected<int>
//
// Types in a signature are those of the vendor's header, as this program spells them: a pointer is 8 bytes here and 4
// in the library, and halfword converts. Three C types need care where they differ: for `long` write halfword::c_long
// (on 64-bit Linux int64_t is a `long` too, so a plain `long` would be ambiguous), likewise c_ulong, and c_size for
// size_t. What a type cannot say is said by a parameter type of this header: reads<T, N>, writes<T, N>, out<T> …
//
// Threads, ownership and errors are as halfword.h says. Objects are move-only; a function, callback or buffer must not
// outlive its library.
#ifndef HALFWORD_HALFWORD_HPP
#define HALFWORD_HALFWORD_HPP

#include <halfword/halfword.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <halfword/error.hpp>
#include <halfword/types.hpp>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace halfword {

namespace detail {

/// An exception that left a callback, until the call that it belongs to has returned.
inline std::exception_ptr& thrown_by_callback() {
  thread_local std::exception_ptr pending;
  return pending;
}

/// A name that can stand in a prototype; decorated names and ordinals are given beside it.
inline bool is_identifier(const std::string& name) {
  for (const char c : name)
    if (!(c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) return false;
  return !name.empty();
}

// By reference: the call that sets `raw` is an argument beside it, and arguments have no order.
inline void check(hw_code failed, hw_error* const& raw) {
  if (failed != HW_OK) throw error(raw, static_cast<code>(failed));
}

struct close_library {
  void operator()(hw_library* raw) const { hw_library_close(raw); }
};
struct close_function {
  void operator()(hw_function* raw) const { hw_function_destroy(raw); }
};
struct close_callback {
  void operator()(hw_callback* raw) const { hw_callback_destroy(raw); }
};
struct close_batch {
  void operator()(hw_batch* raw) const { hw_batch_destroy(raw); }
};

}  // namespace detail

// ---- functions ----

template <class Signature>
class function;

/// A function of a library. Copies share one; any thread may call it.
template <class R, class... A>
class function<R(A...)> {
 public:
  explicit function(std::shared_ptr<hw_function> raw, std::int64_t deadline_ns = 0)
      : raw_(std::move(raw)), deadline_ns_(deadline_ns) {}

  /// Calls it; throws halfword::error, or what a callback of this call has thrown.
  R operator()(typename detail::parameter<A>::type... arguments) const {
    result_type result{};
    hw_error* failure = nullptr;
    const hw_code failed = invoke(&result, &failure, arguments...);
    if (failed != HW_OK) throw error(failure, static_cast<code>(failed));
    if constexpr (!std::is_void_v<R>) return result;
  }

  /// Calls it; throws only what a callback of this call has thrown.
  expected<R> try_call(typename detail::parameter<A>::type... arguments) const {
    result_type result{};
    hw_error* failure = nullptr;
    const hw_code failed = invoke(&result, &failure, arguments...);
    if (failed != HW_OK) return error(failure, static_cast<code>(failed));
    return result;
  }

  /// The same function with a deadline for every call, counted from the call's start; its worker is ended when one
  /// passes.
  function with_deadline(std::chrono::nanoseconds deadline) const {
    return function(raw_, deadline.count() > 0 ? deadline.count() : -1);
  }

  hw_function* raw() const { return raw_.get(); }

 private:
  using result_type = typename expected<R>::value_type;

  hw_code invoke(void* result, hw_error** failure, const typename detail::parameter<A>::type&... arguments) const {
    void* const pointers[] = {const_cast<void*>(static_cast<const void*>(&arguments))..., nullptr};
    const hw_code failed =
        hw_function_call(raw_.get(), std::is_void_v<R> ? nullptr : result, pointers, deadline_ns_, failure);
    if (std::exception_ptr& pending = detail::thrown_by_callback(); pending) {
      hw_error_free(*failure);
      std::rethrow_exception(std::exchange(pending, nullptr));
    }
    return failed;
  }

  std::shared_ptr<hw_function> raw_;
  std::int64_t deadline_ns_;
};

// ---- callbacks ----

/// A function of this program's that the library may call, as long as this object lives. Passes as any function
/// pointer.
///
/// An exception that leaves it does not reach the library, whose frames could not bear it: the library gets a zero as
/// the result and goes on, and the exception leaves the call that was under way when that returns. On a thread of the
/// library's own there is no such call; the exception is dropped.
class callback {
 public:
  /// What to pass where a parameter is not a function pointer. Valid until library::restart.
  void* pointer() const { return hw_callback_pointer(raw_.get()); }
  template <class F, class = std::enable_if_t<std::is_function_v<F>>>
  operator F*() const {
    return reinterpret_cast<F*>(pointer());
  }

 private:
  friend class library;
  callback(hw_callback* raw, std::shared_ptr<void> target) : target_(std::move(target)), raw_(raw) {}

  std::shared_ptr<void> target_;  // the function object; outlives the thunk
  std::unique_ptr<hw_callback, detail::close_callback> raw_;
};

// ---- libraries ----

/// Memory of the library's own heap: passes without a copy, and the library may keep and free it (then release()
/// first).
template <class T>
class buffer {
 public:
  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) const { return data_[index]; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  /// Leaves the memory to the library.
  T* release() { return std::exchange(data_, nullptr); }

  buffer(buffer&& other) noexcept
      : library_(other.library_), data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}
  buffer& operator=(buffer&& other) noexcept {
    std::swap(library_, other.library_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~buffer() {
    if (data_ != nullptr) hw_free(library_, data_, nullptr);
  }

 private:
  friend class library;
  buffer(hw_library* library, T* data, std::size_t size) : library_(library), data_(data), size_(size) {}

  hw_library* library_;
  T* data_;
  std::size_t size_;
};

/// Calls made with one wake-up, in the order in which they were added.
class batch {
 public:
  /// Adds a call; `result` (may be nullptr) is written when the batch has run.
  template <class R, class... A>
  void add(const function<R(A...)>& callee, R* result, typename detail::parameter<A>::type... arguments) {
    void* const pointers[] = {static_cast<void*>(&arguments)..., nullptr};
    hw_error* failure = nullptr;
    detail::check(hw_batch_add(raw_.get(), callee.raw(), result, pointers, &failure), failure);
  }
  /// Makes the calls; the batch is empty afterwards.
  void run() {
    hw_error* failure = nullptr;
    const hw_code failed = hw_batch_run(raw_.get(), 0, nullptr, &failure);
    if (std::exception_ptr& pending = detail::thrown_by_callback(); pending) {
      hw_error_free(failure);
      std::rethrow_exception(std::exchange(pending, nullptr));
    }
    detail::check(failed, failure);
  }

 private:
  friend class library;
  explicit batch(hw_batch* raw) : raw_(raw) {}
  std::unique_ptr<hw_batch, detail::close_batch> raw_;
};

/// A variable that the library exports; T must be as wide there as here.
template <class T>
class variable {
 public:
  static_assert(std::is_arithmetic_v<T>, "a variable is a number here; read others with hw_read");
  T get() const {
    T value;
    hw_error* failure = nullptr;
    detail::check(hw_read(library_, address_, &value, sizeof value, &failure), failure);
    return value;
  }
  void set(T value) const {
    hw_error* failure = nullptr;
    detail::check(hw_write(library_, address_, &value, sizeof value, &failure), failure);
  }

 private:
  friend class library;
  variable(hw_library* library, std::uint64_t address) : library_(library), address_(address) {}
  hw_library* library_;
  std::uint64_t address_;
};

struct options {
  std::uint32_t window = HW_WINDOW_AUTO;
  std::uint32_t wait = HW_WAIT_AUTO;
  std::chrono::nanoseconds deadline{0};  ///< for every call that has none of its own; 0: none
  std::vector<std::string> search;       ///< folders with the library's dependencies
};

class library {
 public:
  explicit library(hw_library* raw) : raw_(raw) {}

  /// A function by name, decorated name or "#ordinal".
  template <class Signature, class Convention = cdecl_>
  halfword::function<Signature> function(const std::string& symbol) const {
    const std::string name = detail::is_identifier(symbol) ? symbol : "function";
    return make<Signature>(detail::signature<Signature>::text(Convention::text, name), symbol);
  }
  /// A function whose prototype is given as text, with words that no type says (docs/prototypes.md); Signature has the
  /// same parameters as this program represents them.
  template <class Signature>
  halfword::function<Signature> prototype(const std::string& text, const std::string& symbol = "") const {
    return make<Signature>(text, symbol);
  }
  /// A function that the library gave a pointer to.
  template <class Signature, class Convention = cdecl_>
  halfword::function<Signature> function_at(const void* pointer) const {
    hw_function* raw = nullptr;
    hw_error* failure = nullptr;
    std::uint64_t address = hw_address(raw_.get(), pointer);
    if (address == 0) address = reinterpret_cast<std::uintptr_t>(pointer);
    const std::string text = detail::signature<Signature>::text(Convention::text, "function");
    detail::check(hw_function_create_at(raw_.get(), text.c_str(), address, &raw, &failure), failure);
    return halfword::function<Signature>(std::shared_ptr<hw_function>(raw, detail::close_function()));
  }

  /// Makes `callee` callable by the library.
  template <class Signature, class Convention = cdecl_, class F>
  halfword::callback callback(F callee) const {
    return callback_as<Signature>(detail::signature<Signature>::text(Convention::text, "callback"), std::move(callee));
  }
  /// The same with a prototype as text.
  template <class Signature, class F>
  halfword::callback callback_as(const std::string& text, F callee) const {
    auto target = std::make_shared<std::function<Signature_of<Signature>>>(std::move(callee));
    hw_callback* raw = nullptr;
    hw_error* failure = nullptr;
    detail::check(hw_callback_create(raw_.get(), text.c_str(), &caller<Signature_of<Signature>>::call, target.get(),
                                     &raw, &failure),
                  failure);
    return halfword::callback(raw, target);
  }

  template <class T>
  halfword::variable<T> variable(const std::string& symbol) const {
    std::uint64_t address = 0;
    hw_error* failure = nullptr;
    detail::check(hw_symbol(raw_.get(), symbol.c_str(), &address, &failure), failure);
    return halfword::variable<T>(raw_.get(), address);
  }

  /// `count` elements in the library's heap.
  template <class T>
  buffer<T> allocate(std::size_t count) const {
    static_assert(std::is_trivial_v<T>, "the library's memory holds plain data");
    void* memory = nullptr;
    hw_error* failure = nullptr;
    if (count > SIZE_MAX / sizeof(T)) throw error(nullptr);
    detail::check(hw_allocate(raw_.get(), count * sizeof(T), &memory, &failure), failure);
    return buffer<T>(raw_.get(), static_cast<T*>(memory), count);
  }

  halfword::batch batch() const {
    hw_batch* made = nullptr;
    hw_error* failure = nullptr;
    detail::check(hw_batch_create(raw_.get(), &made, &failure), failure);
    return halfword::batch(made);
  }

  /// Another library in the same worker, for libraries that belong together.
  library open_beside(const std::string& file) const;

  void restart() const {
    hw_error* failure = nullptr;
    detail::check(hw_library_restart(raw_.get(), &failure), failure);
  }
  std::uint32_t process() const { return hw_library_process(raw_.get()); }
  std::string target() const { return hw_library_target(raw_.get()); }
  hw_library* raw() const { return raw_.get(); }

 private:
  template <class S>
  struct plain_signature;
  template <class R, class... A>
  struct plain_signature<R(A...)> {
    using type = R(typename detail::parameter<A>::type...);
  };
  template <class S>
  using Signature_of = typename plain_signature<S>::type;

  template <class S>
  struct caller;
  template <class R, class... A>
  struct caller<R(A...)> {
    static void call(void* target, void* result, void* const* arguments) {
      run(*static_cast<std::function<R(A...)>*>(target), result, arguments, std::index_sequence_for<A...>());
    }
    template <std::size_t... I>
    static void run(const std::function<R(A...)>& callee, void* result, [[maybe_unused]] void* const* arguments,
                    std::index_sequence<I...>) {
      try {
        if constexpr (std::is_void_v<R>) {
          callee(*static_cast<A*>(arguments[I])...);
        } else {
          const R value = callee(*static_cast<A*>(arguments[I])...);
          std::memcpy(result, &value, sizeof value);
        }
      } catch (...) {
        detail::thrown_by_callback() = std::current_exception();
      }
    }
  };

  template <class Signature>
  halfword::function<Signature> make(const std::string& text, const std::string& symbol) const {
    hw_function* raw = nullptr;
    hw_error* failure = nullptr;
    detail::check(
        hw_function_create(raw_.get(), text.c_str(), symbol.empty() ? nullptr : symbol.c_str(), &raw, &failure),
        failure);
    std::shared_ptr<hw_function> made(raw, detail::close_function());
    using types = detail::signature<Signature>;
    if (hw_function_argument_count(raw) != std::tuple_size_v<typename types::arguments> ||
        hw_function_result_size(raw) != size_of<typename types::result>())
      throw error(nullptr, code::argument_type);
    return halfword::function<Signature>(std::move(made));
  }
  template <class T>
  static constexpr std::size_t size_of() {
    if constexpr (std::is_void_v<T>)
      return 0;
    else
      return sizeof(T);
  }

  std::unique_ptr<hw_library, detail::close_library> raw_;
};

namespace detail {

inline library open_library(const std::string& file, const options& chosen, hw_library* beside) {
  std::vector<const char*> search;
  for (const std::string& folder : chosen.search) search.push_back(folder.c_str());
  search.push_back(nullptr);
  hw_open_options raw = {};
  raw.size = sizeof raw;
  raw.window = chosen.window;
  raw.wait = chosen.wait;
  raw.deadline_ns = chosen.deadline.count();
  raw.beside = beside;
  raw.search = search.data();
  hw_library* opened = nullptr;
  hw_error* failure = nullptr;
  check(hw_library_open(file.c_str(), &raw, &opened, &failure), failure);
  return library(opened);
}

}  // namespace detail

/// Starts a worker for the library's target and loads the library there; throws halfword::error.
inline library open(const std::string& file, const options& chosen = {}) {
  return detail::open_library(file, chosen, nullptr);
}

inline library library::open_beside(const std::string& file) const {
  return detail::open_library(file, {}, raw_.get());
}

}  // namespace halfword

#endif
