// Frames and results against this target's own compiler: functions of every convention, compiled here, are called with
// the words that a plan lays out, and must see the arguments and give the result. Built for i386 only.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "interface/test_call.h"

namespace halfword::model {
namespace {

/// What the assembly below reads and writes; its offsets are fixed there.
struct Trampoline {
  const std::uint32_t* words;
  std::uint32_t count;
  std::uint32_t ecx, edx;
  void* function;
  std::uint32_t eax_after, edx_after;
  std::uint8_t st0[12];
  std::uint32_t removed;
  std::uint32_t wants_st0;
};
static_assert(offsetof(Trampoline, function) == 16 && offsetof(Trampoline, st0) == 28 &&
              offsetof(Trampoline, wants_st0) == 44);

extern "C" void call_words(Trampoline* trampoline) __asm__("halfword_test_call_words");
__asm__(R"(
        .text
        .globl halfword_test_call_words
halfword_test_call_words:
        pushl %ebp
        movl %esp, %ebp
        pushl %ebx
        pushl %esi
        pushl %edi
        movl 8(%ebp), %ebx
        movl 4(%ebx), %ecx
        leal (,%ecx,4), %eax
        subl %eax, %esp
        andl $-16, %esp
        movl (%ebx), %esi
        movl %esp, %edi
        rep movsl
        movl %esp, %esi
        movl 8(%ebx), %ecx
        movl 12(%ebx), %edx
        call *16(%ebx)
        movl %eax, 20(%ebx)
        movl %edx, 24(%ebx)
        movl %esp, %ecx
        subl %esi, %ecx
        movl %ecx, 40(%ebx)
        cmpl $0, 44(%ebx)
        je 1f
        fstpt 28(%ebx)
1:      leal -12(%ebp), %esp
        popl %edi
        popl %esi
        popl %ebx
        popl %ebp
        ret
)");

// ---- the types ----

#define TYPES(X)                                          \
  X(C1, char c;)                                          \
  X(S1, short s;)                                         \
  X(I1, int i;)                                           \
  X(F1, float f;)                                         \
  X(D1, double d;)                                        \
  X(L1, long double l;)                                   \
  X(C2, char c[2];)                                       \
  X(C3, char c[3];)                                       \
  X(C4, char c[3]; char d;)                               \
  X(C5, char c[5];)                                       \
  X(C8, char c[8];)                                       \
  X(I2, int a; int b;)                                    \
  X(F2, float a; float b;)                                \
  X(Q1, long long q;)                                     \
  X(D2, double a; double b;)                              \
  X(I3, int a; int b; int c;)                             \
  X(FI, float f; int i;)                                  \
  X(FA, float f[1];)                                      \
  X(NF, struct F1 inner;)                                 \
  X(ND, struct D1 inner[1];)                              \
  X(SC, short s; char c;)                                 \
  X(BF, unsigned a : 3; unsigned b : 20; unsigned c : 9;) \
  X(BIG, int a[20]; double d; char c;)

#define DEFINE(name, ...)                                     \
  struct name {                                               \
    __VA_ARGS__ bool operator==(const name&) const = default; \
  };
TYPES(DEFINE)
#undef DEFINE

const std::string kDeclarations =
#define DECLARE(name, ...) "struct " #name " { " #__VA_ARGS__ " };\n"
    TYPES(DECLARE)
#undef DECLARE
    ;

template <class T>
std::string name_of();
#define NAME(name, ...)         \
  template <>                   \
  std::string name_of<name>() { \
    return "struct " #name;     \
  }
TYPES(NAME)
#undef NAME
#define NAME(type)              \
  template <>                   \
  std::string name_of<type>() { \
    return #type;               \
  }
NAME(void)
NAME(bool)
NAME(signed char)
NAME(unsigned short)
NAME(int)
NAME(long)
NAME(long long)
NAME(float)
NAME(double)
NAME(long double)
NAME(void*)
#undef NAME

// ---- values ----

std::uint32_t seed;

int next_number() {
  seed = seed * 1664525 + 1013904223;
  return static_cast<int>(seed >> 8) % 100 + 1;
}

#define FORWARD(name, ...) void fill(name& value);
TYPES(FORWARD)
#undef FORWARD

// Any bytes for what has no floats, small numbers for what has: those survive every register.
template <class T>
T make() {
  T value;
  std::memset(&value, 0, sizeof value);
  if constexpr (std::is_same_v<T, void*>) {
    value = nullptr;
  } else if constexpr (std::is_arithmetic_v<T>) {
    value = static_cast<T>(next_number());
  } else {
    fill(value);
  }
  return value;
}

template <class T, std::size_t N>
void put(T (&array)[N]) {
  for (T& element : array) element = make<T>();
}
template <class T>
void put(T& value) {
  value = make<T>();
}
void fill(C1& v) { put(v.c); }
void fill(S1& v) { put(v.s); }
void fill(I1& v) { put(v.i); }
void fill(F1& v) { put(v.f); }
void fill(D1& v) { put(v.d); }
void fill(L1& v) { put(v.l); }
void fill(C2& v) { put(v.c); }
void fill(C3& v) { put(v.c); }
void fill(C4& v) { put(v.c), put(v.d); }
void fill(C5& v) { put(v.c); }
void fill(C8& v) { put(v.c); }
void fill(I2& v) { put(v.a), put(v.b); }
void fill(F2& v) { put(v.a), put(v.b); }
void fill(Q1& v) { put(v.q); }
void fill(D2& v) { put(v.a), put(v.b); }
void fill(I3& v) { put(v.a), put(v.b), put(v.c); }
void fill(FI& v) { put(v.f), put(v.i); }
void fill(FA& v) { put(v.f); }
void fill(NF& v) { put(v.inner); }
void fill(ND& v) { put(v.inner); }
void fill(SC& v) { put(v.s), put(v.c); }
void fill(BF& v) { v.a = 5, v.b = static_cast<unsigned>(next_number()) * 7919 & 0xfffff, v.c = 0x155; }
void fill(BIG& v) { put(v.a), put(v.d), put(v.c); }

// ---- functions of every convention ----

template <class R, class... A>
struct Probe {
  static inline std::tuple<A...> seen;
  static inline std::conditional_t<std::is_void_v<R>, int, R> answer;

  static R run(A... arguments) {
    seen = std::tuple<A...>(arguments...);
    if constexpr (!std::is_void_v<R>) return answer;
  }
  static __attribute__((noinline)) R cdecl_function(A... arguments) { return run(arguments...); }
  static __attribute__((noinline, stdcall)) R stdcall_function(A... arguments) { return run(arguments...); }
  static __attribute__((noinline, fastcall)) R fastcall_function(A... arguments) { return run(arguments...); }
  static __attribute__((noinline, thiscall)) R thiscall_function(A... arguments) { return run(arguments...); }
};

template <class R, class... A>
void check(const char* convention, void* function) {
  std::string text = kDeclarations + name_of<R>() + " " + convention + " f(";
  std::size_t index = 0;
  ((text += (index++ == 0 ? "" : ", ") + name_of<A>()), ...);
  text += ")";
  SCOPED_TRACE(text.substr(kDeclarations.size()));
  using P = Probe<R, A...>;
  std::tuple<A...> sent{make<A>()...};
  P::seen = std::tuple<A...>();
  if constexpr (!std::is_void_v<R>) P::answer = make<R>();

  TestCall call(text, this_target());
  std::apply([&](auto&... arguments) { EXPECT_TRUE(ok(call.lower(arguments...))); }, sent);
  Trampoline trampoline = {};
  std::vector<std::uint32_t> words = call.words;
  // The test's window is not where its addresses say; the hidden pointer is the only one in these frames.
  for (std::uint32_t& word : words)
    if (call.hidden_result() != 0 && word == call.hidden_result())
      word = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(call.space.at(word)));
  const bool registers = (call.plan().line_flags() & wire::kFlagRegisters) != 0;
  trampoline.words = words.data() + (registers ? 2 : 0);
  trampoline.count = static_cast<std::uint32_t>(words.size()) - (registers ? 2 : 0);
  if (registers) trampoline.ecx = words[0], trampoline.edx = words[1];
  trampoline.function = function;
  trampoline.wants_st0 = (call.plan().line_flags() & wire::kFlagFloatResult) != 0;
  call_words(&trampoline);
  EXPECT_EQ(trampoline.removed, call.plan().callee_removes());
  EXPECT_TRUE(P::seen == sent);
  call.returned.eax = trampoline.eax_after;
  call.returned.edx = trampoline.edx_after;
  std::memcpy(call.returned.st0, trampoline.st0, sizeof trampoline.st0);
  if constexpr (!std::is_void_v<R>) {
    EXPECT_TRUE(call.result<R>() == P::answer);
  }
}

template <class R, class... A>
void check_all() {
  using P = Probe<R, A...>;
  check<R, A...>("__cdecl", reinterpret_cast<void*>(&P::cdecl_function));
  check<R, A...>("__stdcall", reinterpret_cast<void*>(&P::stdcall_function));
  check<R, A...>("__fastcall", reinterpret_cast<void*>(&P::fastcall_function));
  check<R, A...>("__thiscall", reinterpret_cast<void*>(&P::thiscall_function));
}

template <class... R>
void check_results() {
  (check_all<R, int, int, int>(), ...);
  (check_all<R>(), ...);
}

template <class... A>
void check_arguments() {
  (check_all<int, A, int, int, int>(), ...);
  (check_all<void, int, A, int, int>(), ...);
  (check_all<int, A, A, unsigned short>(), ...);
}

TEST(Convention, ReturnsScalarsAsTheCompilerDoes) {
  seed = 1;
  check_results<void, bool, signed char, unsigned short, int, long, long long, float, double, long double, void*>();
}

TEST(Convention, ReturnsStructsAsTheCompilerDoes) {
  seed = 2;
  check_results<C1, S1, I1, F1, D1, L1, C2, C3, C4, C5, C8, I2, F2, Q1, D2, I3, FI, FA, NF, ND, SC, BF, BIG>();
}

TEST(Convention, PassesScalarsAsTheCompilerDoes) {
  seed = 3;
  check_arguments<bool, signed char, unsigned short, int, long, long long, float, double, long double, void*>();
}

TEST(Convention, PassesStructsAsTheCompilerDoes) {
  seed = 4;
  check_arguments<C1, S1, I1, F1, D1, L1, C2, C3, C4, C5, C8, I2, F2, Q1, D2, I3, FI, FA, NF, ND, SC, BF, BIG>();
}

TEST(Convention, MixesThemAsTheCompilerDoes) {
  seed = 5;
  check_all<I3, float, int, C1, int, double, signed char>();
  check_all<D1, long long, int, float, I2, unsigned short, int, BIG, bool>();
  check_all<BIG, BIG, int, C3, long double, void*, F1, int>();
  check_all<long long, F1, NF, int, S1, int>();
  check_all<float, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int,
            int>();
}

}  // namespace
}  // namespace halfword::model
