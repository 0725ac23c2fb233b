// Makes every generated call through halfword and compares it, bit by bit, with the same call made natively: the
// library's digest of the arguments, the result, and what the library says of the stack and the x87.
//
// HALFWORD_ABI_FOLDER names the folder of another run of the generator (see `more`), HALFWORD_ABI_ONLY one case of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abi/cases.h"
#include "abi/library/complaints.h"
#include "halfword/halfword.h"
#include "test_paths.h"

namespace test {
namespace {

constexpr std::size_t kGuard = 16;  // bytes behind a result that nobody may write
constexpr unsigned char kGuardByte = 0xee;
constexpr std::size_t kMostShown = 10;

struct CloseLibrary {
  void operator()(hw_library* library) const { hw_library_close(library); }
};
struct DestroyFunction {
  void operator()(hw_function* function) const { hw_function_destroy(function); }
};
struct DestroyCallback {
  void operator()(hw_callback* callback) const { hw_callback_destroy(callback); }
};
struct DestroyBatch {
  void operator()(hw_batch* batch) const { hw_batch_destroy(batch); }
};
using Library = std::unique_ptr<hw_library, CloseLibrary>;
using Function = std::unique_ptr<hw_function, DestroyFunction>;
using Callback = std::unique_ptr<hw_callback, DestroyCallback>;
using Batch = std::unique_ptr<hw_batch, DestroyBatch>;

// The text of an error, "" for none; frees it.
std::string text_of(hw_code code, hw_error* error) {
  if (code == HW_OK) return "";
  std::string text = std::string(hw_code_name(code)) + ": " + (error == nullptr ? "" : hw_error_message(error));
  hw_error_free(error);
  return text;
}

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string library_file() {
  constexpr std::string_view kWorker = HALFWORD_TEST_WORKER;
  const std::string folder = setting("HALFWORD_ABI_FOLDER");
  std::string file = folder.empty() ? kTestLibraries : folder;
  file.append("/").append(kWorker).append("/abi_calls").append(kWorker.ends_with("-windows") ? ".dll" : ".so");
  return file;
}

std::expected<Cases, std::string> read_this_run() {
  const std::string folder = setting("HALFWORD_ABI_FOLDER");
  return read_cases(folder.empty() ? HALFWORD_ABI_FOLDER : folder, kTestTarget, HALFWORD_TEST_WORKER);
}

// The arguments of one call and room for its result, in this program's representation.
class Values {
 public:
  Values(const Cases& cases, const Case& entry, const AbiPlaces& places)
      : cases_(cases), entry_(entry), places_(places) {
    std::size_t size = 0;
    std::vector<std::size_t> offsets;
    for (const std::uint32_t type : entry.arguments) {
      offsets.push_back(size);
      size += (cases.types[type].size + kAlignment - 1) / kAlignment * kAlignment;
    }
    const std::size_t all = size + cases.types[entry.result].size + kGuard;
    memory_ = std::make_unique<Unit[]>(all / kAlignment + 1);
    AbiStream stream = abi_stream_of(cases.seed, entry.number, ABI_ARGUMENTS);
    for (std::size_t index = 0; index < offsets.size(); ++index) {
      pointers_.push_back(at(offsets[index]));
      abi_fill(&cases.types[entry.arguments[index]], &stream, &places, pointers_.back());
    }
    result_ = at(size);
    std::memset(result_, kGuardByte, cases.types[entry.result].size + kGuard);
    pointers_.push_back(nullptr);
  }

  void* const* arguments() const { return pointers_.data(); }
  void* result() const { return entry_.result == 0 ? nullptr : result_; }

  // What is wrong after the call, or "".
  std::string check() const {
    AbiStream results = abi_stream_of(cases_.seed, entry_.number, ABI_RESULT);
    const AbiType& type = cases_.types[entry_.result];
    if (!abi_holds(&type, &results, &places_, result_)) return "the result differs";
    for (std::size_t index = 0; index < kGuard; ++index)
      if (result_[type.size + index] != kGuardByte) return "bytes behind the result were written";
    AbiStream stream = abi_stream_of(cases_.seed, entry_.number, ABI_ARGUMENTS);
    for (std::size_t index = 0; index < entry_.arguments.size(); ++index)
      if (!abi_holds(&cases_.types[entry_.arguments[index]], &stream, &places_, pointers_[index]))
        return "argument " + std::to_string(index + 1) + ", which was passed by value, was written";
    return "";
  }

 private:
  static constexpr std::size_t kAlignment = 16;
  struct alignas(kAlignment) Unit {
    unsigned char bytes[kAlignment];
  };
  unsigned char* at(std::size_t offset) const { return memory_[0].bytes + offset; }

  const Cases& cases_;
  const Case& entry_;
  const AbiPlaces& places_;
  std::unique_ptr<Unit[]> memory_;
  std::vector<void*> pointers_;
  unsigned char* result_ = nullptr;
};

// What the client's end of a callback needs, and what it found.
struct CallbackRun {
  const Cases* cases;
  const Case* entry;
  const AbiPlaces* places;
  unsigned calls = 0;
  std::string wrong;

  static void run(void* user, void* result, void* const* arguments) {
    CallbackRun& self = *static_cast<CallbackRun*>(user);
    ++self.calls;
    AbiStream stream = abi_stream_of(self.cases->seed, self.entry->number, ABI_ARGUMENTS);
    for (std::size_t index = 0; index < self.entry->arguments.size(); ++index)
      if (!abi_holds(&self.cases->types[self.entry->arguments[index]], &stream, self.places, arguments[index]))
        self.wrong += "the callback's argument " + std::to_string(index + 1) + " differs; ";
    AbiStream results = abi_stream_of(self.cases->seed, self.entry->number, ABI_RESULT);
    if (self.entry->result != 0) abi_fill(&self.cases->types[self.entry->result], &results, self.places, result);
  }
};

class Abi : public testing::TestWithParam<std::uint32_t> {
 protected:
  static void SetUpTestSuite() {
    std::expected<Cases, std::string> read = read_this_run();
    ASSERT_TRUE(read) << read.error();
    cases_ = new Cases(std::move(*read));
  }
  static void TearDownTestSuite() {
    delete cases_;
    cases_ = nullptr;
  }

  void SetUp() override {
    ASSERT_NE(cases_, nullptr);
    hw_open_options options = {};
    options.size = sizeof options;
    options.window = GetParam();
    hw_library* library = nullptr;
    hw_error* error = nullptr;
    const hw_code code = hw_library_open(library_file().c_str(), &options, &library, &error);
    ASSERT_EQ(text_of(code, error), "");
    library_.reset(library);
    make("unsigned long long abi_take_digest(unsigned number)", take_digest_);
    make("unsigned abi_take_complaints(void)", take_complaints_);
    const std::uint64_t ground = symbol("abi_ground");
    void* visible = hw_pointer(library, ground, ABI_GROUND_SIZE);
    if (visible == nullptr) visible = reinterpret_cast<void*>(static_cast<std::uintptr_t>(ground));
    places_.ground = static_cast<unsigned char*>(visible);
    places_.code = reinterpret_cast<void*>(static_cast<std::uintptr_t>(symbol("abi_mark")));
  }

  std::string make(const std::string& prototype, Function& function) {
    hw_function* made = nullptr;
    hw_error* error = nullptr;
    const hw_code code = hw_function_create(library_.get(), prototype.c_str(), nullptr, &made, &error);
    function.reset(made);
    return text_of(code, error);
  }

  std::uint64_t symbol(const char* name) {
    std::uint64_t address = 0;
    hw_error* error = nullptr;
    const hw_code code = hw_symbol(library_.get(), name, &address, &error);
    EXPECT_EQ(text_of(code, error), "");
    return address;
  }

  static std::string call(const Function& function, void* result, void* const* arguments) {
    hw_error* error = nullptr;
    const hw_code code = hw_function_call(function.get(), result, arguments, 0, &error);
    return text_of(code, error);
  }

  // What the library says of the call `entry` that was just made, or "".
  std::string ask_library(const Case& entry) {
    unsigned number = entry.number, complaints = 0;
    unsigned long long digest = 0;
    void* const arguments[] = {&number, nullptr};
    std::string wrong = call(take_digest_, &digest, arguments) + call(take_complaints_, &complaints, arguments);
    if (!wrong.empty()) return wrong;
    if (digest != entry.digest) wrong = "the library did not get the values of the native call; ";
    if ((complaints & ABI_STACK_NOT_ALIGNED) != 0) wrong += "the stack was not aligned; ";
    if ((complaints & ABI_X87_NOT_EMPTY) != 0) wrong += "the x87 stack was not empty; ";
    return wrong;
  }

  std::string run_call(const Case& entry) {
    Function function;
    if (const std::string wrong = make(entry.prototype, function); !wrong.empty()) return wrong;
    if (hw_function_result_size(function.get()) != cases_->types[entry.result].size) return "the result's size differs";
    if (hw_function_argument_count(function.get()) != entry.arguments.size()) return "the number of arguments differs";
    const Values values(*cases_, entry, places_);
    if (const std::string wrong = call(function, values.result(), values.arguments()); !wrong.empty()) return wrong;
    const std::string wrong = ask_library(entry);
    return wrong.empty() ? values.check() : wrong;
  }

  std::string run_callback(const Case& entry) {
    CallbackRun run{cases_, &entry, &places_, 0, ""};
    Function function;
    if (const std::string wrong = make(entry.prototype, function); !wrong.empty()) return wrong;
    hw_callback* made = nullptr;
    hw_error* error = nullptr;
    const hw_code code =
        hw_callback_create(library_.get(), entry.callback_prototype.c_str(), CallbackRun::run, &run, &made, &error);
    if (code != HW_OK) return text_of(code, error);
    const Callback callback(made);
    void* pointer = hw_callback_pointer(made);
    void* const arguments[] = {&pointer, nullptr};
    if (const std::string wrong = call(function, nullptr, arguments); !wrong.empty()) return wrong;
    if (run.calls != 1) return "the callback was called " + std::to_string(run.calls) + " times";
    return run.wrong + ask_library(entry);
  }

  // Runs the calls or the callbacks and reports the first that fail.
  void run_all(bool callbacks) {
    const std::string only = setting("HALFWORD_ABI_ONLY");
    std::size_t made = 0, failed = 0;
    for (const Case& entry : cases_->cases) {
      if (entry.is_callback != callbacks || (!only.empty() && only != std::to_string(entry.number))) continue;
      ++made;
      const std::string wrong = callbacks ? run_callback(entry) : run_call(entry);
      if (!wrong.empty()) report(entry, wrong, failed++);
    }
    EXPECT_EQ(failed, 0U) << "of " << made << " cases; HALFWORD_ABI_ONLY=NUMBER runs one alone";
    EXPECT_GT(made, 0U);
  }

  static void report(const Case& entry, const std::string& wrong, std::size_t before) {
    if (before >= kMostShown) return;
    ADD_FAILURE() << "case " << entry.number << ": " << wrong << "\n  "
                  << (entry.is_callback ? entry.callback_prototype : entry.prototype);
  }

  static Cases* cases_;
  Library library_;
  Function take_digest_, take_complaints_;
  AbiPlaces places_ = {};
};

Cases* Abi::cases_ = nullptr;

TEST_P(Abi, FunctionsGetTheArgumentsAndGiveTheResultsOfNativeCalls) { run_all(false); }

TEST_P(Abi, CallbacksGetTheArgumentsAndGiveTheResultsOfNativeOnes) { run_all(true); }

// Calls that a batch takes: those without memory of their own.
TEST_P(Abi, BatchesMakeTheCallsThatSingleCallsMake) {
  struct Pending {
    const Case* entry;
    Function function;
    std::unique_ptr<Values> values;
  };
  hw_batch* made = nullptr;
  hw_error* error = nullptr;
  const hw_code created = hw_batch_create(library_.get(), &made, &error);
  ASSERT_EQ(text_of(created, error), "");
  const Batch batch(made);
  std::vector<Pending> pending;
  std::size_t failed = 0, batched = 0;
  const auto run = [&] {
    std::size_t done = 0;
    const hw_code code = hw_batch_run(batch.get(), 0, &done, &error);
    ASSERT_EQ(text_of(code, error), "");
    ASSERT_EQ(done, pending.size());
    for (const Pending& one : pending) {
      std::string wrong = ask_library(*one.entry);
      if (wrong.empty()) wrong = one.values->check();
      if (!wrong.empty()) report(*one.entry, wrong, failed++);
    }
    batched += pending.size();
    pending.clear();
  };
  for (const Case& entry : cases_->cases) {
    if (entry.is_callback) continue;
    Pending one{&entry, nullptr, std::make_unique<Values>(*cases_, entry, places_)};
    ASSERT_EQ(make(entry.prototype, one.function), "") << entry.prototype;
    const hw_code code =
        hw_batch_add(batch.get(), one.function.get(), one.values->result(), one.values->arguments(), &error);
    const std::string refused = text_of(code, error);
    if (code == HW_ERROR_unsupported) continue;
    ASSERT_EQ(refused, "") << entry.prototype;
    pending.push_back(std::move(one));
    if (pending.size() == 64) run();
    if (HasFatalFailure()) return;
  }
  run();
  EXPECT_EQ(failed, 0U) << "of " << batched << " calls";
  EXPECT_GT(batched, cases_->cases.size() / 20);  // about a quarter is simple enough
}

INSTANTIATE_TEST_SUITE_P(, Abi, testing::Values(HW_WINDOW_SHARED, HW_WINDOW_APART, HW_WINDOW_OFF),
                         [](const testing::TestParamInfo<std::uint32_t>& mode) {
                           return mode.param == HW_WINDOW_SHARED  ? "shared"
                                  : mode.param == HW_WINDOW_APART ? "apart"
                                                                  : "off";
                         });

}  // namespace
}  // namespace test
