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
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace halfword {

// ---- errors ----

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

// ---- what a C++ type means in a prototype ----

/// Calling conventions, as the second template argument of library::function and library::callback.
struct cdecl_ {
  static constexpr const char* text = "";
};
struct stdcall {
  static constexpr const char* text = "__stdcall ";
};
struct fastcall {
  static constexpr const char* text = "__fastcall ";
};
struct thiscall {
  static constexpr const char* text = "__thiscall ";
};

/// The library's `long`, `unsigned long` and `size_t`: as wide there as its own compiler makes them. A value that does
/// not fit is refused with argument_range.
struct c_long {
  long value;
  c_long(long v = 0) : value(v) {}
  operator long() const { return value; }
};
struct c_ulong {
  unsigned long value;
  c_ulong(unsigned long v = 0) : value(v) {}
  operator unsigned long() const { return value; }
};
struct c_size {
  std::size_t value;
  c_size(std::size_t v = 0) : value(v) {}
  operator std::size_t() const { return value; }
};

/// Parameter types that say what a pointer's type cannot. N and M count parameters from 0.
template <class T, int N>
struct reads {};  ///< const T*: the library reads as many T as parameter N says
template <int N>
struct reads_bytes {};  ///< const void*: it reads as many bytes
template <class T, int N>
struct writes {};  ///< T*: it writes that many T
template <int N>
struct writes_bytes {};  ///< void*: it writes that many bytes
template <class T, int N>
struct updates {};  ///< T*: it reads and writes that many T
template <class T, int N, int M>
struct writes_to {};  ///< T*: room for parameter N many, parameter M says how many came
/// The same where parameter N is a pointer to the room, which holds the length afterwards (zlib's compress).
template <class T, int N>
struct fills {};
template <class T>
struct out {};  ///< T*: it writes one T
template <class T>
struct inout {};  ///< T*: it reads and writes one T
struct text {};   ///< const char*: ends with a zero (plain only before a non-integer)
struct token {};  ///< void*: user data, handed back to a callback, never looked into

/// How a struct of the library's header looks: specialise with `static constexpr const char* text = "int x; double y;"`
/// and `static constexpr const char* name = "point"`, and it passes by value, and by out<T>, inout<T>, reads<T, N>.
template <class T>
struct record;

namespace detail {

template <class T, class = void>
struct is_record : std::false_type {};
template <class T>
struct is_record<T, std::void_t<decltype(record<T>::text)>> : std::true_type {};

template <class T>
inline constexpr bool always_false = false;

template <class T>
std::string type_text();

template <class T>
std::string plain_text() {
  using U = std::remove_cv_t<T>;
  if constexpr (std::is_void_v<U>)
    return "void";
  else if constexpr (std::is_same_v<U, bool>)
    return "_Bool";
  else if constexpr (std::is_same_v<U, char>)
    return "char";
  else if constexpr (std::is_same_v<U, signed char>)
    return "signed char";
  else if constexpr (std::is_same_v<U, unsigned char>)
    return "unsigned char";
  else if constexpr (std::is_same_v<U, wchar_t>)
    return "wchar_t";
  else if constexpr (std::is_same_v<U, char16_t>)
    return "char16_t";
  else if constexpr (std::is_same_v<U, char32_t>)
    return "char32_t";
  else if constexpr (std::is_same_v<U, short>)
    return "short";
  else if constexpr (std::is_same_v<U, unsigned short>)
    return "unsigned short";
  else if constexpr (std::is_same_v<U, int>)
    return "int";
  else if constexpr (std::is_same_v<U, unsigned>)
    return "unsigned";
  else if constexpr (std::is_same_v<U, long long>)
    return "long long";
  else if constexpr (std::is_same_v<U, unsigned long long>)
    return "unsigned long long";
  else if constexpr (std::is_same_v<U, c_long>)
    return "long";
  else if constexpr (std::is_same_v<U, c_ulong>)
    return "unsigned long";
  else if constexpr (std::is_same_v<U, c_size>)
    return "size_t";
  else if constexpr (std::is_same_v<U, long> || std::is_same_v<U, unsigned long>) {
    static_assert(
        sizeof(U) == 4 || always_false<T>,
        "a long is 8 bytes here and 4 in the library, and int64_t may be a long too: write halfword::c_long or "
        "c_ulong for a C long, c_size for size_t, long long for 64 bits");
    return std::is_same_v<U, long> ? "long" : "unsigned long";
  } else if constexpr (std::is_same_v<U, float>)
    return "float";
  else if constexpr (std::is_same_v<U, double>)
    return "double";
  else if constexpr (std::is_same_v<U, long double>)
    return "long double";
  else if constexpr (std::is_enum_v<U>)
    return plain_text<std::underlying_type_t<U>>();
  else if constexpr (is_record<U>::value)
    return std::string("struct ") + record<U>::name;
  else if constexpr (std::is_class_v<U>)
    return "struct halfword_handle";  // known by its address only
  else
    static_assert(always_false<T>, "this type does not pass to a C library");
}

template <class T>
std::string type_text() {
  if constexpr (std::is_pointer_v<T>) {
    using U = std::remove_pointer_t<T>;
    if constexpr (std::is_function_v<U>)
      return "void (*)(void)";
    else
      return type_text<U>() + (std::is_const_v<U> ? " const *" : " *");
  } else {
    return plain_text<T>();
  }
}

/// How a parameter of a signature stands in the prototype, and what type its argument has.
template <class T>
struct parameter {
  using type = T;
  static std::string text(const std::string& name) {
    if constexpr (std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>)
      return "void (*" + name + ")(void)";
    else
      return type_text<T>() + " " + name;
  }
};
inline std::string nth(int index) { return "a" + std::to_string(index); }
template <class T, int N>
struct parameter<reads<T, N>> {
  using type = const T*;
  static std::string text(const std::string& name) {
    return "_In_reads_(" + nth(N) + ") " + type_text<T>() + " const *" + name;
  }
};
template <int N>
struct parameter<reads_bytes<N>> {
  using type = const void*;
  static std::string text(const std::string& name) { return "_In_reads_bytes_(" + nth(N) + ") void const *" + name; }
};
template <class T, int N>
struct parameter<writes<T, N>> {
  using type = T*;
  static std::string text(const std::string& name) {
    return "_Out_writes_(" + nth(N) + ") " + type_text<T>() + " *" + name;
  }
};
template <int N>
struct parameter<writes_bytes<N>> {
  using type = void*;
  static std::string text(const std::string& name) { return "_Out_writes_bytes_(" + nth(N) + ") void *" + name; }
};
template <class T, int N>
struct parameter<updates<T, N>> {
  using type = T*;
  static std::string text(const std::string& name) {
    return "_Inout_updates_(" + nth(N) + ") " + type_text<T>() + " *" + name;
  }
};
template <class T, int N, int M>
struct parameter<writes_to<T, N, M>> {
  using type = T*;
  static std::string text(const std::string& name) {
    return "_Out_writes_to_(" + nth(N) + ", *" + nth(M) + ") " + type_text<T>() + " *" + name;
  }
};
template <class T, int N>
struct parameter<fills<T, N>> {
  using type = T*;
  static std::string text(const std::string& name) {
    return "_Out_writes_to_(*" + nth(N) + ", *" + nth(N) + ") " + type_text<T>() + " *" + name;
  }
};
template <class T>
struct parameter<out<T>> {
  using type = T*;
  static std::string text(const std::string& name) { return "_Out_ " + type_text<T>() + " *" + name; }
};
template <class T>
struct parameter<inout<T>> {
  using type = T*;
  static std::string text(const std::string& name) { return "_Inout_ " + type_text<T>() + " *" + name; }
};
template <>
struct parameter<token> {
  using type = void*;
  static std::string text(const std::string& name) { return "_Token_ void *" + name; }
};

template <>
struct parameter<text> {
  using type = const char*;
  static std::string text(const std::string& name) { return "_In_opt_z_ const char *" + name; }
};

/// The declarations of the structs that a signature names.
template <class T>
struct declaration {
  static void add(std::string& text) {
    using U = std::remove_cv_t<std::remove_pointer_t<T>>;
    if constexpr (is_record<U>::value) {
      const std::string one = std::string("struct ") + record<U>::name + " { " + record<U>::text + " };\n";
      if (text.find(one) == std::string::npos) text += one;
    }
  }
};
template <template <class> class W, class T>
struct declaration<W<T>> : declaration<T> {};
template <template <class, int> class W, class T, int N>
struct declaration<W<T, N>> : declaration<T> {};
template <class T, int N, int M>
struct declaration<writes_to<T, N, M>> : declaration<T> {};

template <class Signature>
struct signature;
template <class R, class... A>
struct signature<R(A...)> {
  using result = R;
  using arguments = std::tuple<typename parameter<A>::type...>;

  static std::string text(const char* convention, const std::string& name) {
    std::string all;
    declaration<R>::add(all);
    (declaration<A>::add(all), ...);
    all += type_text<R>() + " " + convention + name + "(";
    int index = 0;
    ((all += (index == 0 ? "" : ", ") + parameter<A>::text(nth(index)), ++index), ...);
    return all + (index == 0 ? "void)" : ")");
  }
};

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
