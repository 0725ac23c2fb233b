// Calls through the engine: frames against what the ABIs say, buffers against what SAL's words say.
#include "interface/plan.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <limits>
#include <numeric>

#include "interface/test_call.h"
#include "interface/x87.h"

namespace halfword::model {
namespace {

using Mode = TestSpace::Mode;
using Words = std::vector<std::uint32_t>;

std::string error_of(const Result<void>& result) { return result ? "" : result.error().message; }

// ---- plain values ----

TEST(Plan, LaysOutIntegersAsWords) {
  TestCall call("int f(int, unsigned char, signed char, short, unsigned short, bool, long long, char)");
  int a = -2;
  unsigned char b = 200;
  signed char c = -3;
  short d = -4;
  unsigned short e = 60000;
  bool f = true;
  long long g = 0x1122334455667788;
  char h = -5;
  ASSERT_TRUE(ok(call.lower(a, b, c, d, e, f, g, h)));
  EXPECT_EQ(call.words, (Words{0xfffffffe, 200, 0xfffffffd, 0xfffffffc, 60000, 1, 0x55667788, 0x11223344, 0xfffffffb}));
  EXPECT_TRUE(call.plan().is_plain());
  EXPECT_EQ(call.plan().callee_removes(), 0U);
  call.returned.eax = 0xffffffff;
  EXPECT_EQ(call.result<int>(), -1);
}

TEST(Plan, LaysOutFloatsAsTheStackHasThem) {
  TestCall call("double f(float, double, long double)");
  float a = 1.5F;
  double b = -2.25;
  long double c = 3.125L;
  ASSERT_TRUE(ok(call.lower(a, b, c)));
  ASSERT_EQ(call.words.size(), 6U);
  EXPECT_EQ(std::memcmp(call.words.data(), &a, 4), 0);
  EXPECT_EQ(std::memcmp(call.words.data() + 1, &b, 8), 0);
  EXPECT_EQ(std::memcmp(call.words.data() + 3, &c, 10), 0);
  EXPECT_EQ(call.words[5] >> 16, 0U);
  EXPECT_EQ(call.plan().line_flags(), wire::kFlagFloatResult);
  double_to_x87(0.1, call.returned.st0);
  EXPECT_EQ(call.result<double>(), 0.1);
}

TEST(Plan, ConvertsLongDoubleForCompilersThatHaveNone) {
  TestCall to_double("void f(long double, int)", Target::i386_windows_msvc);
  long double a = 1.25L;
  int last = 7;
  ASSERT_TRUE(ok(to_double.lower(a, last)));
  const double expected = 1.25;
  ASSERT_EQ(to_double.words.size(), 3U);
  EXPECT_EQ(std::memcmp(to_double.words.data(), &expected, 8), 0);

  TestCall from_double("long double f(long double)", Target::i386_linux, Target::x86_64_windows_msvc);
  double b = 2.5;
  ASSERT_TRUE(ok(from_double.lower(b)));
  EXPECT_EQ(x87_to_double(reinterpret_cast<const std::uint8_t*>(from_double.words.data())), 2.5);
  double_to_x87(3.5, from_double.returned.st0);
  EXPECT_EQ(from_double.result<double>(), 3.5);
}

TEST(Plan, NarrowsWhatFitsAndRefusesTheRestByName) {
  TestCall call("long f(long first, unsigned long second, size_t n, ptrdiff_t)", Target::i386_linux,
                Target::x86_64_linux);
  std::int64_t a = -2147483648LL, d = 5;
  std::uint64_t b = 4294967295U, n = 3;
  ASSERT_TRUE(ok(call.lower(a, b, n, d)));
  EXPECT_EQ(call.words, (Words{0x80000000, 0xffffffff, 3, 5}));
  a = -2147483649LL;
  auto refused = call.lower(a, b, n, d);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::argument_range);
  EXPECT_EQ(refused.error().name, "first");
  EXPECT_EQ(refused.error().function, "f");
  EXPECT_EQ(refused.error().message,
            "f: argument 1 (first) is or holds -2147483649, but `long` takes -2147483648 to 2147483647 at i386-linux");
  a = 0;
  n = 4294967296U;
  EXPECT_EQ(error_of(call.lower(a, b, n, d)),
            "f: argument 3 (n) is or holds 4294967296, but `size_t` takes 0 to 4294967295 at i386-linux");
  n = 0;
  d = std::numeric_limits<std::int64_t>::min();
  EXPECT_NE(error_of(call.lower(a, b, n, d)).find("argument 4 is or holds -9223372036854775808"), std::string::npos);
  call.returned.eax = 0xfffffff0;
  d = 0;
  ASSERT_TRUE(ok(call.lower(a, b, n, d)));
  EXPECT_EQ(call.result<std::int64_t>(), -16);
}

TEST(Plan, WidensResultsByTheirOwnSign) {
  const auto result = [](const char* text, std::uint32_t eax) {
    TestCall call(text, Target::i386_linux, Target::x86_64_linux);
    EXPECT_TRUE(ok(call.lower()));
    call.returned.eax = eax;
    return call.result<std::uint64_t>();
  };
  EXPECT_EQ(result("unsigned long f(void)", 0xfffffff0), 0xfffffff0U);
  EXPECT_EQ(result("size_t f(void)", 0x80000000), 0x80000000U);
  EXPECT_EQ(result("long f(void)", 0x80000000), 0xffffffff80000000U);
  EXPECT_EQ(result("HANDLE f(void)", 0xffffffff), ~std::uint64_t{0});
  EXPECT_EQ(result("signed char f(void)", 0x12345680), 0x80U);
  EXPECT_EQ(result("bool f(void)", 0xffffff00), 0U);
  EXPECT_EQ(result("bool f(void)", 0x40), 1U);
}

TEST(Plan, KeepsLongAtFourBytesForAWindowsClient) {
  TestCall call("long f(long, wchar_t)", Target::i386_windows, Target::x86_64_windows);
  std::int32_t a = -1;
  std::uint16_t b = 0xfffe;
  ASSERT_TRUE(ok(call.lower(a, b)));
  EXPECT_EQ(call.words, (Words{0xffffffff, 0xfffe}));
  call.returned.eax = 0x80000001;
  EXPECT_EQ(call.result<std::int32_t>(), static_cast<std::int32_t>(0x80000001));
}

TEST(Plan, ChecksCharactersOfOtherSizes) {
  TestCall call("wchar_t f(wchar_t)", Target::i386_windows, Target::x86_64_linux);
  std::int32_t character = 0xffff;
  ASSERT_TRUE(ok(call.lower(character)));
  EXPECT_EQ(call.words[0], 0xffffU);
  call.returned.eax = 0xfffe;
  EXPECT_EQ(call.result<std::int32_t>(), 0xfffe);
  character = 0x1f600;
  EXPECT_NE(error_of(call.lower(character)).find("0 to 65535"), std::string::npos);
}

TEST(Plan, TakesHandlesZeroExtendedAndSignExtended) {
  TestCall call("void f(HANDLE)", Target::i386_windows, Target::x86_64_windows);
  for (const std::uint64_t good : {std::uint64_t{0xffffffff}, ~std::uint64_t{0}, std::uint64_t{0x80000001}}) {
    std::uint64_t handle = good;
    ASSERT_TRUE(ok(call.lower(handle)));
    EXPECT_EQ(call.words[0], static_cast<std::uint32_t>(good));
  }
  std::uint64_t bad = 0x100000000;
  EXPECT_FALSE(call.lower(bad));
}

TEST(Plan, PassesWhatStandsBehindTheDots) {
  TestCall call("int printf(const char *format, ..., int, double, char)");
  const char* format = static_cast<const char*>(call.space.seen(call.space.heap(16)));
  int a = 7, c = 'x';
  double b = 1.5;
  ASSERT_TRUE(ok(call.lower(format, a, b, c)));
  ASSERT_EQ(call.words.size(), 5U);
  EXPECT_EQ(call.words[1], 7U);
  EXPECT_EQ(call.words[4], static_cast<std::uint32_t>('x'));
}

// ---- structs by value ----

TEST(Plan, ConvertsStructsByValue) {
  struct Client {
    char c;
    alignas(8) std::int64_t l;
    double d;
    std::int64_t more[2];
  };
  TestCall call("struct s { char c; long l; double d; long more[2]; }; struct s f(struct s a, int b)",
                Target::i386_linux, Target::x86_64_linux);
  Client value = {'x', -5, 0.5, {1, 2}};
  int last = 9;
  ASSERT_TRUE(ok(call.lower(value, last)));
  ASSERT_EQ(call.words.size(), 1U + 6 + 1);
  EXPECT_EQ(call.words[1], static_cast<std::uint32_t>('x'));
  EXPECT_EQ(call.words[2], 0xfffffffbU);
  EXPECT_EQ(std::memcmp(&call.words[3], &value.d, 8), 0);
  EXPECT_EQ(call.words[6], 2U);
  EXPECT_EQ(call.words[7], 9U);
  EXPECT_EQ(call.plan().callee_removes(), 4U);
  for (std::uint32_t index = 0; index < 6; ++index) call.space.store(call.words[0] + index * 4, call.words[1 + index]);
  call.space.store<std::int32_t>(call.words[0] + 4, -77);
  const auto result = call.result<Client>();
  EXPECT_EQ(result.c, 'x');
  EXPECT_EQ(result.l, -77);
  EXPECT_EQ(result.d, 0.5);
  EXPECT_EQ(result.more[1], 2);
  value.more[1] = std::int64_t{1} << 40;
  EXPECT_EQ(error_of(call.lower(value, last)),
            "f: argument 1 (a) is or holds 1099511627776, but `field more of struct s (long)` takes -2147483648 to "
            "2147483647 at i386-linux");
}

TEST(Plan, ConvertsNestedStructsAndBitFields) {
  struct Inner {
    std::int64_t l;
    unsigned low : 3, high : 20;
  };
  struct Client {
    std::int8_t first;
    Inner inner[3];
    unsigned tail : 9;
  };
  TestCall call(
      "struct inner { long l; unsigned low : 3, high : 20; };"
      "struct s { signed char first; struct inner inner[3]; unsigned tail : 9; }; void f(_Inout_ struct s *p)",
      Target::i386_linux, this_target());
  if (sizeof(long) != 8) return;  // this client has the worker's own layout
  Client value = {-1, {{1, 2, 3}, {4, 5, 6}, {-7, 7, 0xfffff}}, 300};
  Client* pointer = &value;
  ASSERT_TRUE(ok(call.lower(pointer)));
  const std::uint32_t at = call.words[0];
  EXPECT_EQ(call.space.load<std::int32_t>(at + 4 + 16), -7);
  EXPECT_EQ(call.space.load<std::uint32_t>(at + 4 + 20), 7U | 0xfffffU << 3);
  EXPECT_EQ(call.space.load<std::uint32_t>(at + 28), 300U);
  call.space.store<std::int32_t>(at + 4 + 8, 44);
  call.space.store<std::uint32_t>(at + 28, 5);
  ASSERT_TRUE(ok(call.raise()));
  EXPECT_EQ(value.inner[1].l, 44);
  EXPECT_EQ(value.tail, 5U);
  EXPECT_EQ(value.inner[2].high, 0xfffffU);
}

TEST(Plan, ReturnsSmallStructsAsEachCompilerDoes) {
  struct Two {
    int a, b;
  };
  TestCall windows("struct two { int a, b; }; struct two f(int)", Target::i386_windows);
  int x = 1;
  ASSERT_TRUE(ok(windows.lower(x)));
  EXPECT_EQ(windows.words.size(), 1U);
  windows.returned.eax = 11;
  windows.returned.edx = 12;
  EXPECT_EQ(windows.result<Two>().b, 12);
  TestCall linux_call("struct two { int a, b; }; struct two f(int)", Target::i386_linux);
  ASSERT_TRUE(ok(linux_call.lower(x)));
  ASSERT_EQ(linux_call.words.size(), 2U);
  linux_call.space.store<Two>(linux_call.words[0], {21, 22});
  EXPECT_EQ(linux_call.result<Two>().b, 22);
}

TEST(Plan, FindsTheResultOfAFloatStructWhereTheLibraryPutIt) {
  struct One {
    double d;
  };
  TestCall call("struct one { double d; }; struct one f(void)", Target::i386_windows);
  ASSERT_TRUE(ok(call.lower()));
  EXPECT_EQ(call.plan().line_flags(), wire::kFlagFloatResult);
  double_to_x87(1.5, call.returned.st0);
  const double in_registers = 2.5;
  std::memcpy(&call.returned.eax, &in_registers, 4);
  std::memcpy(&call.returned.edx, reinterpret_cast<const char*>(&in_registers) + 4, 4);
  EXPECT_EQ(call.result<One>().d, 1.5);  // GCC
  call.returned.st0[10] = 1;             // the worker found st(0) empty
  EXPECT_EQ(call.result<One>().d, 2.5);  // Microsoft
}

TEST(Plan, FillsTheLastWordOfAnOddStruct) {
  struct Odd {
    std::uint8_t bytes[5];
  };
  TestCall call("struct odd { unsigned char bytes[5]; }; void f(struct odd)");
  Odd value = {{1, 2, 3, 4, 5}};
  ASSERT_TRUE(ok(call.lower(value)));
  EXPECT_EQ(call.words, (Words{0x04030201, 5}));
}

// ---- strings ----

TEST(Plan, CopiesStringsAndTakesWindowMemoryAsItIs) {
  TestCall call("int f(const char *a, _In_z_ char *b, const char *c)");
  const char* a = "hello";
  std::string text = "there";
  char* b = text.data();
  const std::uint64_t there = call.space.heap(16);
  call.space.put(there, "window");
  const char* c = static_cast<const char*>(call.space.seen(there));
  ASSERT_TRUE(ok(call.lower(a, b, c)));
  EXPECT_EQ(call.space.string(call.words[0]), "hello");
  EXPECT_EQ(call.space.string(call.words[1]), "there");
  EXPECT_EQ(call.words[2], there);
  a = nullptr;
  ASSERT_TRUE(ok(call.lower(a, b, c)));
  EXPECT_EQ(call.words[0], 0U);
}

TEST(Plan, ConvertsWideStringsBothWays) {
  TestCall call("const wchar_t *f(const wchar_t *)", Target::i386_windows);
  if (sizeof(wchar_t) != 4) return;  // this client's are the worker's
  const wchar_t* text = L"gr\u00fc\u00df \U0001f600";
  ASSERT_TRUE(ok(call.lower(text)));
  const std::uint16_t expected[] = {'g', 'r', 0xfc, 0xdf, ' ', 0xd83d, 0xde00, 0};
  EXPECT_EQ(std::memcmp(call.space.at(call.words[0]), expected, sizeof expected), 0);
  // A pointer into its argument is the client's own, character for character.
  call.returned.eax = call.words[0] + 8;
  EXPECT_EQ(call.result<const wchar_t*>(), text + 4);
  const std::uint64_t there = call.space.heap(32);
  std::memcpy(call.space.at(there), expected, sizeof expected);
  call.returned.eax = static_cast<std::uint32_t>(there);
  EXPECT_EQ(std::wstring(call.result<const wchar_t*>()), text);
}

TEST(Plan, RefusesTextThatIsNoUnicode) {
  TestCall call("void f(const wchar_t *)", Target::i386_windows, this_target());
  if (sizeof(wchar_t) != 4) return;
  const wchar_t text[] = {static_cast<wchar_t>(0x110000), 0};
  const wchar_t* pointer = text;
  EXPECT_NE(error_of(call.lower(pointer)).find("above 0x10ffff"), std::string::npos);
}

TEST(Plan, ReturnsStringsOfVisibleMemoryInPlaceAndCopiesOthers) {
  for (const Mode mode : {Mode::apart, Mode::off}) {
    TestCall call("const char *f(void)", Target::i386_linux, this_target(), mode);
    ASSERT_TRUE(ok(call.lower()));
    const std::uint64_t there = call.space.heap(16);
    call.space.put(there, "result");
    call.returned.eax = static_cast<std::uint32_t>(there);
    const char* result = call.result<const char*>();
    EXPECT_STREQ(result, "result");
    EXPECT_EQ(static_cast<const void*>(result) == call.space.seen(there), mode == Mode::apart);
    call.space.put(TestSpace::kPrivate + 4, "spilled");
    call.returned.eax = TestSpace::kPrivate + 4;
    EXPECT_STREQ(call.result<const char*>(), "spilled");
    call.returned.eax = 0;
    EXPECT_EQ(call.result<const char*>(), nullptr);
    call.returned.eax = 0xdeadbeef;
    const char* none = nullptr;
    EXPECT_FALSE(call.raise(&none));
  }
}

TEST(Plan, GivesBackTheClientsOwnPointerWhereTheLibraryReturnsItsArgument) {
  TestCall call("_Ret_maybenull_ char *strchr(const char *text, _Inout_z_ char *other)");
  const char* text = "one,two";
  char other[] = "abc";
  char* pointer = other;
  ASSERT_TRUE(ok(call.lower(text, pointer)));
  call.returned.eax = call.words[0] + 3;
  EXPECT_EQ(call.result<const char*>(), text + 3);
  call.returned.eax = call.words[1] + 1;
  EXPECT_EQ(call.result<char*>(), other + 1);
}

// ---- buffers ----

TEST(Plan, PassesCountedBuffersInAndOut) {
  TestCall call(
      "int f(_Out_writes_(n) unsigned char *dst, _In_reads_bytes_(size * 2) const void *src, int n, size_t size)");
  std::array<std::uint8_t, 8> dst = {1, 2, 3, 4, 5, 6, 7, 8};
  std::array<std::uint8_t, 8> src = {10, 20, 30, 40, 50, 60, 70, 80};
  std::uint8_t* to = dst.data();
  const void* from = src.data();
  int n = 6;
  std::size_t size = 2;
  ASSERT_TRUE(ok(call.lower(to, from, n, size)));
  EXPECT_EQ(std::memcmp(call.space.at(call.words[1]), src.data(), 4), 0);
  call.space.store<std::uint8_t>(call.words[0] + 2, 99);
  call.space.store<std::uint8_t>(call.words[0] + 7, 98);  // behind the end
  call.space.store<std::uint8_t>(call.words[1], 97);      // only read
  ASSERT_TRUE(ok(call.raise()));
  EXPECT_EQ(dst, (std::array<std::uint8_t, 8>{1, 2, 99, 4, 5, 6, 7, 8}));
  EXPECT_EQ(src[0], 10);
}

TEST(Plan, WritesBackOnlyTheBytesThatChanged) {
  for (const std::size_t size : {64U, 70000U}) {
    TestCall call("void f(_Inout_updates_bytes_(n) void *p, size_t n)");
    std::vector<std::uint8_t> data(size, 1);
    void* pointer = data.data();
    std::size_t n = size;
    ASSERT_TRUE(ok(call.lower(pointer, n)));
    call.space.store<std::uint8_t>(call.words[0] + 5, 2);
    if (size == 64) data[6] = 3;  // the client itself, in a callback
    ASSERT_TRUE(ok(call.raise()));
    EXPECT_EQ(data[5], 2);
    EXPECT_EQ(data[6], size == 64 ? 3 : 1);
    EXPECT_EQ(data[size - 1], 1);
  }
}

TEST(Plan, ClampsALengthToItsCapacity) {
  const auto run = [](std::uint32_t length) {
    TestCall call("int f(_Out_writes_bytes_to_(*n,*n) unsigned char *dst, _Inout_ unsigned long *n)");
    std::vector<std::uint8_t> dst(16, 7);
    unsigned long n = 8;
    std::uint8_t* to = dst.data();
    unsigned long* length_pointer = &n;
    EXPECT_TRUE(ok(call.lower(to, length_pointer)));
    EXPECT_EQ(call.space.load<std::uint32_t>(call.words[1]), 8U);
    std::memset(call.space.at(call.words[0]), 9, 8);
    call.space.store(call.words[1], length);
    EXPECT_TRUE(ok(call.raise()));
    EXPECT_EQ(n, length);
    return static_cast<std::size_t>(std::count(dst.begin(), dst.end(), 9));
  };
  EXPECT_EQ(run(3), 3U);
  EXPECT_EQ(run(8), 8U);
  EXPECT_EQ(run(1000), 8U);
  EXPECT_EQ(run(0xffffffff), 8U);
}

TEST(Plan, TakesALengthFromTheResult) {
  const auto run = [](std::int32_t result) {
    TestCall call("int read(_Out_writes_bytes_to_(n,return) void *dst, unsigned n)");
    std::vector<std::uint8_t> dst(16, 7);
    void* to = dst.data();
    unsigned n = 8;
    EXPECT_TRUE(ok(call.lower(to, n)));
    std::memset(call.space.at(call.words[0]), 9, 8);
    call.returned.eax = static_cast<std::uint32_t>(result);
    EXPECT_EQ(call.result<int>(), result);
    return static_cast<std::size_t>(std::count(dst.begin(), dst.end(), 9));
  };
  EXPECT_EQ(run(5), 5U);
  EXPECT_EQ(run(100), 8U);
  EXPECT_EQ(run(-1), 0U);
}

TEST(Plan, ConvertsArraysOfWiderElements) {
  if (sizeof(long) != 8) return;
  TestCall call(
      "void f(_In_reads_(n) const long *in, _Out_writes_(n) long *out, _Inout_updates_(n) long *both, int n)");
  long in[3] = {1, -2, 3}, out[3] = {77, std::numeric_limits<long>::max(), 79}, both[3] = {4, 5, 6};
  const long* in_pointer = in;
  long *out_pointer = out, *both_pointer = both;
  int n = 3;
  ASSERT_TRUE(ok(call.lower(in_pointer, out_pointer, both_pointer, n)));
  EXPECT_EQ(call.space.load<std::int32_t>(call.words[0] + 4), -2);
  call.space.store<std::int32_t>(call.words[1] + 4, 0);
  call.space.store<std::int32_t>(call.words[2] + 8, -60);
  ASSERT_TRUE(ok(call.raise()));
  EXPECT_EQ(out[0], 77);
  EXPECT_EQ(out[1], 0);
  EXPECT_EQ(both[0], 4);
  EXPECT_EQ(both[2], -60);
  both[1] = static_cast<long>(1LL << 33);
  EXPECT_NE(
      error_of(call.lower(in_pointer, out_pointer, both_pointer, n)).find("argument 3 (both) is or holds 8589934592"),
      std::string::npos);
}

TEST(Plan, PassesMemoryThatBothSeeWithoutACopy) {
  TestCall call("void f(_Inout_updates_bytes_(n) void *p, size_t n, int *q)");
  const std::uint64_t there = call.space.heap(64);
  void* pointer = call.space.seen(there);
  std::size_t n = 64;
  int* q = static_cast<int*>(call.space.seen(there + 8));
  const std::size_t before = call.space.scratch_used();
  ASSERT_TRUE(ok(call.lower(pointer, n, q)));
  EXPECT_EQ(call.words, (Words{static_cast<std::uint32_t>(there), 64, static_cast<std::uint32_t>(there + 8)}));
  EXPECT_EQ(call.space.scratch_used(), before);
}

TEST(Plan, KeepsOneBufferOneBuffer) {
  TestCall call("void *memmove(_Out_writes_bytes_(n) void *to, _In_reads_bytes_(n) const void *from, size_t n)");
  std::array<std::uint8_t, 16> data;
  std::iota(data.begin(), data.end(), std::uint8_t{0});
  void* to = data.data();
  const void* from = data.data();
  std::size_t n = 16;
  ASSERT_TRUE(ok(call.lower(to, from, n)));
  EXPECT_EQ(call.words[0], call.words[1]);
  TestCall reversed("void f(_In_reads_bytes_(n) const void *from, size_t n, _Out_writes_bytes_(n) void *to)");
  ASSERT_TRUE(ok(reversed.lower(from, n, to)));
  EXPECT_EQ(reversed.words[0], reversed.words[2]);
  reversed.space.store<std::uint8_t>(reversed.words[2] + 3, 200);
  ASSERT_TRUE(ok(reversed.raise()));
  EXPECT_EQ(data[3], 200);
}

TEST(Plan, RefusesSizesThatCannotBe) {
  TestCall call("void f(_In_reads_(n) const char *p, int n, _Out_writes_(*m) char *q, _Inout_ int *m)");
  const char* p = "abc";
  char q[4] = {};
  char* q_pointer = q;
  int n = -5, m = 4;
  int* m_pointer = &m;
  auto refused = call.lower(p, n, q_pointer, m_pointer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::argument_range);
  EXPECT_EQ(refused.error().message, "f: argument 1 (p) the size that the arguments give is negative: -5");
  n = 3;
  m_pointer = nullptr;
  EXPECT_EQ(error_of(call.lower(p, n, q_pointer, m_pointer)),
            "f: argument 3 (q) has the size *m, but that pointer is NULL");
  q_pointer = nullptr;
  EXPECT_TRUE(ok(call.lower(p, n, q_pointer, m_pointer)));  // NULL stays NULL, whatever its size
  TestCall product("void f(_In_reads_(a * b) const int *p, long long a, long long b)");
  const int one = 1;
  const int* pointer = &one;
  long long a = 1LL << 40, b = 1LL << 40;
  EXPECT_NE(error_of(product.lower(pointer, a, b)).find("63 bits"), std::string::npos);
  a = 1LL << 30;
  b = 1LL << 32;
  EXPECT_NE(error_of(product.lower(pointer, a, b)).find("more than there is memory"), std::string::npos);
}

TEST(Plan, SaysWhenTheWindowHasNoRoom) {
  TestCall call("void f(_In_reads_(n) const char *p, int n)");
  call.space.set_scratch_limit(100);
  std::string text(200, 'x');
  const char* p = text.data();
  int n = 200;
  const auto refused = call.lower(p, n);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::no_memory);
}

TEST(Plan, ReadsNothingBehindTheEndOfTextWithACapacity) {
  TestCall call("void f(_In_reads_z_(64) const char *p)");
  const char* p = "short";
  ASSERT_TRUE(ok(call.lower(p)));
  EXPECT_EQ(call.space.string(call.words[0]), "short");
}

TEST(Plan, ConvertsWideTextInBuffers) {
  if (sizeof(wchar_t) != 4) return;
  TestCall call("int f(_Out_writes_z_(n) wchar_t *to, int n, _Inout_z_ wchar_t *both)", Target::i386_windows);
  wchar_t to[8] = L"before";
  wchar_t both[] = L"a\U0001f600b";
  wchar_t *to_pointer = to, *both_pointer = both;
  int n = 8;
  // A surrogate pair needs a unit more than the buffer has elements.
  EXPECT_NE(error_of(call.lower(to_pointer, n, both_pointer)).find("does not fit"), std::string::npos);
  both[1] = L'x';
  ASSERT_TRUE(ok(call.lower(to_pointer, n, both_pointer)));
  const std::uint16_t wrote[] = {0xd83d, 0xde00, '!', 0};
  std::memcpy(call.space.at(call.words[0]), wrote, sizeof wrote);
  ASSERT_TRUE(ok(call.raise()));
  EXPECT_EQ(std::wstring(to), L"\U0001f600!");
  EXPECT_EQ(std::wstring(both), L"axb");
  ASSERT_TRUE(ok(call.lower(to_pointer, n, both_pointer)));
  ASSERT_TRUE(ok(call.raise()));
  EXPECT_EQ(std::wstring(to), L"\U0001f600!");
}

// ---- pointers to pointers ----

TEST(Plan, StoresPointersThatTheLibraryGivesOut) {
  for (const Mode mode : {Mode::apart, Mode::off}) {
    TestCall call("int open(struct db **out, _Outptr_result_z_ char **message, void **third)", Target::i386_linux,
                  this_target(), mode);
    void* out = &call;
    char* message = nullptr;
    void* third = &call;
    void** out_pointer = &out;
    char** message_pointer = &message;
    void** third_pointer = &third;
    ASSERT_TRUE(ok(call.lower(out_pointer, message_pointer, third_pointer)));
    EXPECT_EQ(call.space.load<std::uint32_t>(call.words[0]), 0U);
    const std::uint64_t there = call.space.heap(32);
    call.space.put(there + 8, "no such table");
    call.space.store(call.words[0], static_cast<std::uint32_t>(there));
    call.space.store(call.words[1], static_cast<std::uint32_t>(there + 8));
    ASSERT_TRUE(ok(call.raise()));
    EXPECT_STREQ(message, "no such table");
    EXPECT_EQ(third, nullptr);
    if (mode == Mode::apart)
      EXPECT_EQ(out, call.space.seen(there));
    else
      EXPECT_EQ(out, reinterpret_cast<void*>(static_cast<std::uintptr_t>(there)));
    // A handle goes back as what it came from.
    TestCall close("void close(struct db *)", Target::i386_linux, this_target(), mode);
    EXPECT_EQ(call.space.locate(out, 1).address, there);
  }
}

TEST(Plan, SaysWhatCopyingCannotDo) {
  TestCall call("int *f(char **out)", Target::i386_linux, this_target(), Mode::off);
  char* text = nullptr;
  char** out = &text;
  ASSERT_TRUE(ok(call.lower(out)));
  call.returned.eax = static_cast<std::uint32_t>(call.space.heap(16));
  int* result = nullptr;
  const auto refused = call.raise(&result);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
}

TEST(Plan, PassesArraysOfStrings) {
  TestCall call("int f(_In_reads_(n) const char *const *names, int n, _In_reads_z_(n) char **more)");
  const char* names[] = {"one", nullptr, "three"};
  std::string text = "own";
  char* more[] = {text.data(), text.data(), nullptr};
  const char** names_pointer = names;
  char** more_pointer = more;
  int n = 3;
  ASSERT_TRUE(ok(call.lower(names_pointer, n, more_pointer)));
  EXPECT_EQ(call.space.string(call.space.load<std::uint32_t>(call.words[0])), "one");
  EXPECT_EQ(call.space.load<std::uint32_t>(call.words[0] + 4), 0U);
  EXPECT_EQ(call.space.string(call.space.load<std::uint32_t>(call.words[0] + 8)), "three");
  EXPECT_EQ(call.space.string(call.space.load<std::uint32_t>(call.words[2] + 4)), "own");
}

TEST(Plan, ConvertsPointersInStructs) {
  struct Client {
    const char* name;
    void* handle;
    std::int32_t n;
  };
  TestCall call("struct s { const char *name; void *handle; int n; }; void f(_Inout_ struct s *p)");
  const std::uint64_t there = call.space.heap(16);
  Client value = {"a name", call.space.seen(there), 3};
  Client* pointer = &value;
  ASSERT_TRUE(ok(call.lower(pointer)));
  const std::uint32_t at = call.words[0];
  EXPECT_EQ(call.space.string(call.space.load<std::uint32_t>(at)), "a name");
  EXPECT_EQ(call.space.load<std::uint32_t>(at + 4), there);
  EXPECT_EQ(call.space.load<std::int32_t>(at + 8), 3);
  const char* before = value.name;
  call.space.store<std::uint32_t>(at + 4, 0);
  call.space.store<std::int32_t>(at + 8, 4);
  ASSERT_TRUE(ok(call.raise()));
  EXPECT_EQ(value.name, before);
  EXPECT_EQ(value.handle, nullptr);
  EXPECT_EQ(value.n, 4);
  value.handle = &value;
  EXPECT_NE(error_of(call.lower(pointer)).find("field handle of struct s, that points to memory of the program's own"),
            std::string::npos);
}

// ---- the safe rules ----

TEST(Plan, RefusesMemoryOfTheProgramsOwnWithTheWordThatSettlesIt) {
  const auto message = [](const char* text) {
    TestCall call(text);
    long value = 0;
    void* pointer = &value;
    int n = 0;
    const auto refused = call.plan().argument_count() == 1 ? call.lower(pointer) : call.lower(pointer, n);
    EXPECT_EQ(refused ? ErrorCode::none : refused.error().code, ErrorCode::argument_type) << text;
    return error_of(refused);
  };
  EXPECT_NE(message("void f(int *p)").find("write _In_, _Out_ or _Inout_ before it for one"), std::string::npos);
  EXPECT_NE(message("void f(const int *p, int n)").find("_In_reads_(n)"), std::string::npos);
  EXPECT_NE(message("void f(const char *s, int length)")
                .find("write _In_z_ before it if it ends with a zero, or _In_reads_(length)"),
            std::string::npos);
  EXPECT_NE(message("void f(void *p)").find("_Out_writes_bytes_(n)"), std::string::npos);
  EXPECT_NE(message("void f(struct db *db)").find("argument 1 (db) points to memory of the program's own"),
            std::string::npos);
  EXPECT_NE(message("void f(int (*compare)(int, int))").find("library.callback"), std::string::npos);
}

TEST(Plan, TakesTheWorkersAddressesAndNullWhereNothingIsSaid) {
  TestCall call("void f(void *a, int *b, struct db *c, int (*d)(int), const char *e, int n)");
  void* a = reinterpret_cast<void*>(static_cast<std::uintptr_t>(TestSpace::kPrivate + 16));
  void *b = a, *c = a, *e = a;
  void* d = reinterpret_cast<void*>(static_cast<std::uintptr_t>(TestSpace::kCode + 4));
  int n = 1;
  ASSERT_TRUE(ok(call.lower(a, b, c, d, e, n)));
  EXPECT_EQ(call.words, (Words{0x1010, 0x1010, 0x1010, 0x8004, 0x1010, 1}));
  a = b = c = d = e = nullptr;
  ASSERT_TRUE(ok(call.lower(a, b, c, d, e, n)));
  EXPECT_EQ(call.words, (Words{0, 0, 0, 0, 0, 1}));
}

TEST(Plan, PairsOneCallbackWithOneVoidPointer) {
  TestCall call("int each(struct list *, int (*visit)(void *, int), void *data)");
  void* list = nullptr;
  void* visit = nullptr;
  int mine = 0;
  void* data = &mine;
  ASSERT_TRUE(ok(call.lower(list, visit, data)));
  EXPECT_EQ(call.words[2], TestSpace::kTokens);
  EXPECT_EQ(call.space.token_value(call.words[2]), &mine);
  // Two of a kind are not a pair.
  for (const char* text : {"void f(int (*)(void *, void *), void *)", "void f(int (*)(void *), void *, void *)"}) {
    TestCall other(text);
    const auto refused = other.plan().argument_count() == 2 ? other.lower(visit, data) : other.lower(visit, data, data);
    EXPECT_FALSE(refused) << text;
  }
}

TEST(Plan, GivesTokensBackWhereverTheyAppear) {
  TestCall call("void *user_data(_Token_ void *)");
  int mine = 0;
  void* data = &mine;
  ASSERT_TRUE(ok(call.lower(data)));
  call.returned.eax = call.words[0];
  EXPECT_EQ(call.result<void*>(), &mine);
}

TEST(Plan, RefusesWhatNoWordOfTheTextSettles) {
  const auto code = [](const char* text, Target client = Target::x86_64_linux) {
    const auto plan = plan_of(text, Target::i386_linux, client);
    return plan ? ErrorCode::none : plan.error().code;
  };
  EXPECT_EQ(code("void f(const char *const *names)"), ErrorCode::argument_type);
  EXPECT_EQ(code("long *f(void)"), ErrorCode::argument_type);
  EXPECT_EQ(code("struct s { long l; }; struct s *f(void)"), ErrorCode::argument_type);
  EXPECT_EQ(code("char **f(void)"), ErrorCode::argument_type);
  EXPECT_EQ(code("void f(long **out)"), ErrorCode::argument_type);
  EXPECT_EQ(code("void f(_Out_ void *p)"), ErrorCode::argument_type);
  EXPECT_EQ(code("void f(_In_reads_(2) struct db *p)"), ErrorCode::argument_type);
  EXPECT_EQ(code("void f(_In_reads_bytes_(n) const long *p, int n)"), ErrorCode::unsupported);
  EXPECT_EQ(code("union u { long l; int i; }; void f(union u)"), ErrorCode::unsupported);
  EXPECT_EQ(code("union u { float f; int i; }; void f(union u)"), ErrorCode::none);
  EXPECT_EQ(code("long double f(void)", Target::aarch64_linux), ErrorCode::unsupported);
  EXPECT_EQ(plan_of("void f(void)", Target::x86_64_linux).error().code, ErrorCode::unsupported);
}

TEST(Plan, DescribesItself) {
  const auto plan = plan_of(
      "int compress(_Out_writes_bytes_to_(*n,*n) unsigned char *dst, _Inout_ unsigned long *n, const char *name,"
      " struct db *db, struct db **out, _Token_ void *u)",
      Target::i386_linux, Target::x86_64_linux);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->describe(),
            "compress: int (unsigned char *, unsigned long *, const char *, struct db *, struct db **, void *) at "
            "i386-linux\n"
            "  argument 1 (dst): unsigned char *, out, *n bytes, *n after the call\n"
            "  argument 2 (n): unsigned long *, in and out, one element, converted\n"
            "  argument 3 (name): const char *, in, string\n"
            "  argument 4 (db): struct db *, handle\n"
            "  argument 5 (out): struct db **, out, receives a pointer\n"
            "  argument 6 (u): void *, token for callbacks\n"
            "  result: int\n");
}

// The margin is wide: this is to notice an allocation or a walk over types, not to measure.
TEST(Plan, LaysOutEightIntegersWithoutWalkingTypes) {
  TestCall call("int f(int, int, int, int, int, int, int, int)");
  int value = 1;
  void* arguments[] = {&value, &value, &value, &value, &value, &value, &value, &value};
  std::uint32_t words[8];
  wire::Returned returned = {};
  int result = 0;
  constexpr int kCalls = 100000;
  const auto begin = std::chrono::steady_clock::now();
  for (int index = 0; index < kCalls; ++index) {
    CallFrame frame(words);
    ASSERT_TRUE(call.plan().lower(arguments, call.space, frame));
    ASSERT_TRUE(call.plan().raise(returned, &result, arguments, call.space, frame));
  }
  const auto each = (std::chrono::steady_clock::now() - begin) / kCalls;
  RecordProperty("nanoseconds", std::to_string(each.count()));
  EXPECT_LT(each.count(), 2000);
}

}  // namespace
}  // namespace halfword::model
