// How C++ types stand in a prototype: included by halfword.hpp, which is what programs include.
#ifndef HALFWORD_TYPES_HPP
#define HALFWORD_TYPES_HPP

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

namespace halfword {

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

}  // namespace detail
}  // namespace halfword

#endif
