// One call through the engine, with the test in the part of the library. Included by tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "interface/parser.h"
#include "interface/plan.h"
#include "interface/test_space.h"

namespace halfword::model {

inline Result<Plan> plan_of(const std::string& text, Target worker = Target::i386_linux,
                            Target client = this_target()) {
  const auto prototype = parse_prototype(text);
  if (!prototype) return std::unexpected(prototype.error());
  return compile(prototype->function, client, worker);
}

/// A prototype, the words of one call, and what the test says that the library returned.
class TestCall {
 public:
  explicit TestCall(const std::string& text, Target worker = Target::i386_linux, Target client = this_target(),
                    TestSpace::Mode mode = TestSpace::Mode::apart)
      : space(mode), plan_(plan_of(text, worker, client)) {
    if (!plan_) {
      ADD_FAILURE() << plan_.error().message;
      plan_ = plan_of("void f(void)");
    }
    words.assign(plan().word_count(), 0xcccccccc);
  }

  const Plan& plan() const { return *plan_; }

  template <class... Arguments>
  Result<void> lower(Arguments&... arguments) {
    arguments_ = {static_cast<void*>(&arguments)...};
    frame_ = std::make_unique<CallFrame>(words.data());
    return plan_->lower(arguments_.data(), space, *frame_);
  }

  Result<void> raise(void* result = nullptr) {
    return plan_->raise(returned, result, arguments_.data(), space, *frame_);
  }

  template <class T>
  T result() {
    T value{};
    const auto done = raise(&value);
    EXPECT_TRUE(done) << done.error().message;
    return value;
  }

  /// The worker's address of the room for a result in memory, or 0.
  std::uint64_t hidden_result() const { return frame_->hidden_result.address; }

  TestSpace space;
  std::vector<std::uint32_t> words;
  wire::Returned returned = {};

 private:
  Result<Plan> plan_;
  std::unique_ptr<CallFrame> frame_;
  std::vector<void*> arguments_;
};

inline ::testing::AssertionResult ok(const Result<void>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().message;
}

}  // namespace halfword::model
