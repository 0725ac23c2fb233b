// Callbacks through the engine: the test plays the library that calls, and the client that is called.
#include "interface/callback_plan.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "interface/parser.h"
#include "interface/test_space.h"
#include "interface/x87.h"
#include "wire/window_layout.h"

namespace halfword::model {
namespace {

using Mode = TestSpace::Mode;
using Words = std::vector<std::uint32_t>;

Result<CallbackPlan> plan_of(const std::string& text, Target worker = Target::i386_linux,
                             Target client = this_target()) {
  const auto prototype = parse_prototype(text);
  if (!prototype) return std::unexpected(prototype.error());
  return compile_callback(prototype->function, client, worker);
}

class TestCallback {
 public:
  explicit TestCallback(const std::string& text, Target worker = Target::i386_linux, Target client = this_target(),
                        Mode mode = Mode::apart)
      : space(mode), plan_(plan_of(text, worker, client)) {
    if (!plan_) {
      ADD_FAILURE() << plan_.error().message;
      plan_ = plan_of("void (*)(void)");
    }
  }

  const CallbackPlan& plan() const { return *plan_; }
  Result<void> raise(const Words& words) {
    EXPECT_EQ(words.size(), plan_->word_count());
    return plan_->raise_arguments(words.data(), space, frame_);
  }
  template <class T>
  T argument(std::size_t index) {
    T value;
    std::memcpy(&value, frame_.arguments()[index], sizeof value);
    return value;
  }
  template <class T>
  Result<CallbackAnswer> answer(T result) {
    return plan_->lower_result(&result, space, frame_);
  }
  Result<CallbackAnswer> answer() { return plan_->lower_result(nullptr, space, frame_); }

  TestSpace space;

 private:
  Result<CallbackPlan> plan_;
  CallbackFrame frame_;
};

std::uint32_t word(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

::testing::AssertionResult ok(const Result<void>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().message;
}

void* pointer(std::uint64_t address) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address)); }

TEST(CallbackPlan, RaisesPlainArguments) {
  TestCallback callback("int (*)(signed char, unsigned short, bool, long long, float, double, int)");
  double d = 0.75;
  std::uint32_t halves[2];
  std::memcpy(halves, &d, 8);
  // The upper bytes of small arguments are whatever the library left there.
  ASSERT_TRUE(
      ok(callback.raise({0x123456ff, 0xabcd8000, 0x77777702, 1, 2, word(1.5F), halves[0], halves[1], 0xfffffffe})));
  EXPECT_EQ(callback.argument<signed char>(0), -1);
  EXPECT_EQ(callback.argument<unsigned short>(1), 0x8000);
  EXPECT_EQ(callback.argument<unsigned char>(2), 1);
  EXPECT_EQ(callback.argument<long long>(3), 0x200000001);
  EXPECT_EQ(callback.argument<float>(4), 1.5F);
  EXPECT_EQ(callback.argument<double>(5), 0.75);
  EXPECT_EQ(callback.argument<int>(6), -2);
  EXPECT_EQ(callback.answer(-5)->eax, 0xfffffffbU);
}

TEST(CallbackPlan, WidensTheLibrarysLongs) {
  TestCallback callback("long (*)(long, unsigned long, size_t)", Target::i386_linux, Target::x86_64_linux);
  ASSERT_TRUE(ok(callback.raise({0x80000000, 0x80000000, 0xffffffff})));
  EXPECT_EQ(callback.argument<std::int64_t>(0), -2147483648LL);
  EXPECT_EQ(callback.argument<std::uint64_t>(1), 0x80000000U);
  EXPECT_EQ(callback.argument<std::uint64_t>(2), 0xffffffffU);
  EXPECT_EQ(callback.answer(std::int64_t{-1})->eax, 0xffffffffU);
  const auto refused = callback.answer(std::int64_t{1} << 32);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::argument_range);
  EXPECT_EQ(refused.error().message,
            "callback: the result is or holds 4294967296, but `long` takes -2147483648 to 2147483647 at i386-linux");
}

TEST(CallbackPlan, KnowsWhatTheThunkNeeds) {
  const auto stdcall_plan = plan_of("int (__stdcall *)(void *, int)");
  EXPECT_EQ(stdcall_plan->stack_words(), 2U);
  EXPECT_EQ(stdcall_plan->callee_removes(), 8U);
  EXPECT_EQ(stdcall_plan->thunk_flags(), 0);
  const auto fastcall_plan = plan_of("double (__fastcall *)(int, int, int)");
  EXPECT_EQ(fastcall_plan->stack_words(), 1U);
  EXPECT_EQ(fastcall_plan->word_count(), 3U);
  EXPECT_EQ(fastcall_plan->thunk_flags(), wire::kFlagRegisters | wire::kFlagFloatResult);
  EXPECT_EQ(plan_of("void f(int, ...)").error().code, ErrorCode::unsupported);
}

TEST(CallbackPlan, AnswersFloatsOnTheX87Stack) {
  TestCallback single("float (*)(void)");
  ASSERT_TRUE(ok(single.raise({})));
  EXPECT_EQ(x87_to_float(single.answer(1.25F)->st0), 1.25F);
  TestCallback twofold("double (*)(void)");
  ASSERT_TRUE(ok(twofold.raise({})));
  EXPECT_EQ(x87_to_double(twofold.answer(0.1)->st0), 0.1);
  TestCallback extended("long double (*)(long double)");
  const long double value = 1.0L / 3;
  Words words(3);
  std::memcpy(words.data(), &value, kX87Bytes);
  ASSERT_TRUE(ok(extended.raise(words)));
  EXPECT_EQ(extended.argument<long double>(0), value);
  EXPECT_EQ(std::memcmp(extended.answer(value)->st0, &value, kX87Bytes), 0);
}

TEST(CallbackPlan, RaisesPointersAsTheClientSeesThem) {
  TestCallback callback("void *(*)(void *user, struct db *db, const char *text, int *count)");
  int mine = 0;
  const auto token = static_cast<std::uint32_t>(*callback.space.token(&mine));
  const auto there = static_cast<std::uint32_t>(callback.space.heap(64));
  callback.space.put(there, "text");
  ASSERT_TRUE(ok(callback.raise({token, TestSpace::kPrivate + 8, there, there + 8})));
  EXPECT_EQ(callback.argument<void*>(0), &mine);
  EXPECT_EQ(callback.argument<void*>(1), pointer(TestSpace::kPrivate + 8));
  EXPECT_STREQ(callback.argument<const char*>(2), "text");
  EXPECT_EQ(callback.argument<void*>(3), callback.space.seen(there + 8));
  EXPECT_EQ(callback.answer(callback.space.seen(there))->eax, there);
  EXPECT_EQ(callback.answer(static_cast<void*>(nullptr))->eax, 0U);
  EXPECT_FALSE(callback.answer(static_cast<void*>(&mine)));
  ASSERT_TRUE(ok(callback.raise({0, 0, 0, 0})));
  EXPECT_EQ(callback.argument<const char*>(2), nullptr);
}

TEST(CallbackPlan, CopiesStringsThatTheClientDoesNotSee) {
  TestCallback callback("void (*)(const char *, const char *, int)", Target::i386_linux, this_target(), Mode::off);
  callback.space.put(TestSpace::kPrivate, "private");
  // The second has a length behind it, and need not end.
  ASSERT_TRUE(ok(callback.raise({TestSpace::kPrivate, 0, 5})));
  EXPECT_STREQ(callback.argument<const char*>(0), "private");
  const auto refused = callback.raise({TestSpace::kPrivate, TestSpace::kPrivate, 5});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
}

TEST(CallbackPlan, ConvertsCountedArraysOfStrings) {
  for (const Mode mode : {Mode::apart, Mode::off}) {
    TestCallback callback("int (*)(void *, int n, _In_reads_z_(n) char **values, _In_reads_z_(n) char **names)",
                          Target::i386_linux, this_target(), mode);
    const std::uint32_t at =
        mode == Mode::apart ? static_cast<std::uint32_t>(callback.space.heap(64)) : TestSpace::kPrivate;
    callback.space.put(at + 32, "one");
    callback.space.put(at + 40, "two");
    callback.space.store<std::uint32_t>(at, at + 32);
    callback.space.store<std::uint32_t>(at + 4, 0);
    callback.space.store<std::uint32_t>(at + 8, at + 40);
    ASSERT_TRUE(ok(callback.raise({0, 3, at, 0})));
    char** values = callback.argument<char**>(2);
    EXPECT_STREQ(values[0], "one");
    EXPECT_EQ(values[1], nullptr);
    EXPECT_STREQ(values[2], "two");
    EXPECT_EQ(callback.argument<char**>(3), nullptr);
  }
}

TEST(CallbackPlan, ShowsArraysWithoutAnExtentAsFarAsTheMemoryGoes) {
  TestCallback callback("int (*)(void *, int, char **, char **)");
  // The last five words of what both see, and an array that many words follow.
  const std::uint32_t end = TestSpace::kWindow + TestSpace::kWindowSize;
  const std::uint32_t last = end - 20;
  callback.space.put(TestSpace::kWindow + 0x1000, "text");
  for (std::uint32_t index = 0; index < 5; ++index)
    callback.space.store<std::uint32_t>(last + index * 4,
                                        index == 1 ? TestSpace::kWindow + 0x1000 : 0xdeadbe00 + index);
  const std::uint32_t long_one = TestSpace::kWindow + 0x2000;
  callback.space.store<std::uint32_t>(long_one + 4095 * 4, TestSpace::kWindow + 0x1000);
  ASSERT_TRUE(ok(callback.raise({0, 1, last, long_one})));
  char** values = callback.argument<char**>(2);
  EXPECT_STREQ(values[1], "text");
  EXPECT_EQ(static_cast<void*>(values[4]), pointer(0xdeadbe04));
  EXPECT_STREQ(callback.argument<char**>(3)[4095], "text");
  // Where nothing is seen, nothing says where the array ends.
  const auto refused = callback.raise({0, 1, TestSpace::kPrivate, 0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_NE(refused.error().message.find("_In_reads_(n)"), std::string::npos);
}

TEST(CallbackPlan, WritesBackWhatTheClientChanged) {
  struct Client {
    std::int32_t a;
    const char* name;
    std::int32_t b;
  };
  for (const Mode mode : {Mode::apart, Mode::off}) {
    TestCallback callback("struct s { int a; const char *name; int b; }; void (*f)(_Inout_ struct s *, _Out_ short *)",
                          Target::i386_linux, this_target(), mode);
    const std::uint32_t at =
        mode == Mode::apart ? static_cast<std::uint32_t>(callback.space.heap(64)) : TestSpace::kPrivate;
    callback.space.put(at + 32, "name");
    callback.space.store<std::int32_t>(at, 1);
    callback.space.store<std::uint32_t>(at + 4, at + 32);
    callback.space.store<std::int32_t>(at + 8, 3);
    callback.space.store<std::int16_t>(at + 16, 7);
    ASSERT_TRUE(ok(callback.raise({at, at + 16})));
    auto* seen = callback.argument<Client*>(0);
    EXPECT_EQ(seen->a, 1);
    EXPECT_STREQ(seen->name, "name");
    EXPECT_EQ(seen->b, 3);
    seen->b = 33;
    *callback.argument<short*>(1) = 77;
    callback.space.store<std::int32_t>(at, 11);  // the library itself, on another thread
    seen->name = nullptr;
    ASSERT_TRUE(callback.answer().has_value());
    EXPECT_EQ(callback.space.load<std::int32_t>(at), 11);
    EXPECT_EQ(callback.space.load<std::uint32_t>(at + 4), 0U);
    EXPECT_EQ(callback.space.load<std::int32_t>(at + 8), 33);
    EXPECT_EQ(callback.space.load<std::int16_t>(at + 16), 77);
  }
}

TEST(CallbackPlan, TakesAndReturnsStructs) {
  struct Client {
    alignas(8) std::int64_t l;
    double d;
  };
  const std::string text = "struct s { long l; double d; }; struct s (*f)(struct s)";
  TestCallback callback(text, Target::i386_linux, Target::x86_64_linux);
  const auto hidden = static_cast<std::uint32_t>(callback.space.heap(16));
  double d = 2.5;
  Words words = {hidden, 0xffffffff, 0, 0};
  std::memcpy(&words[2], &d, 8);
  ASSERT_TRUE(ok(callback.raise(words)));
  EXPECT_EQ(callback.plan().callee_removes(), 4U);
  auto value = callback.argument<Client>(0);
  EXPECT_EQ(value.l, -1);
  EXPECT_EQ(value.d, 2.5);
  value.l = 5;
  const auto answer = callback.answer(value);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->eax, hidden);
  EXPECT_EQ(callback.space.load<std::int32_t>(hidden), 5);
  EXPECT_EQ(callback.space.load<double>(hidden + 4), 2.5);
}

TEST(CallbackPlan, ReturnsSmallStructsInRegistersOnWindows) {
  struct Two {
    int a, b;
  };
  TestCallback callback("struct two { int a, b; }; struct two (*f)(void)", Target::i386_windows);
  ASSERT_TRUE(ok(callback.raise({})));
  const auto answer = callback.answer(Two{7, 8});
  EXPECT_EQ(answer->eax, 7U);
  EXPECT_EQ(answer->edx, 8U);
  TestCallback single("struct one { float f; }; struct one (*f)(void)", Target::i386_windows);
  ASSERT_TRUE(ok(single.raise({})));
  EXPECT_EQ(x87_to_float(single.answer(1.5F)->st0), 1.5F);
}

TEST(CallbackPlan, ReturnsStringsAsCopiesInTheWindow) {
  TestCallback callback("const char *(*)(void)");
  ASSERT_TRUE(ok(callback.raise({})));
  const char* text = "from the client";
  const auto answer = callback.answer(text);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(callback.space.string(answer->eax), "from the client");
}

TEST(CallbackPlan, TakesSizesAndPointersFromAHostileLibrary) {
  TestCallback callback("void (*)(_In_reads_bytes_(n) const void *p, int n, _In_ const int *one)");
  EXPECT_FALSE(callback.raise({TestSpace::kWindow, 0xffffffff, 0}));
  EXPECT_FALSE(callback.raise({0xfffffff0, 0x7fffffff, 0}));
  EXPECT_FALSE(callback.raise({0, 0, 0xfffffffd}));
  ASSERT_TRUE(ok(callback.raise({TestSpace::kWindow, 0, 0})));
}

TEST(CallbackPlan, RefusesWhatWouldBeReadWrongly) {
  const auto code = [](const char* text) {
    const auto plan = plan_of(text, Target::i386_linux, Target::x86_64_linux);
    return plan ? ErrorCode::none : plan.error().code;
  };
  EXPECT_EQ(code("void (*)(long *)"), ErrorCode::argument_type);
  EXPECT_EQ(code("struct s { long l; }; void (*f)(struct s *)"), ErrorCode::argument_type);
  EXPECT_EQ(code("struct s { long l; }; void (*f)(_In_ struct s *)"), ErrorCode::none);
  EXPECT_EQ(code("void (*)(long **)"), ErrorCode::argument_type);
  EXPECT_EQ(code("void (*)(struct db **)"), ErrorCode::none);
}

}  // namespace
}  // namespace halfword::model
