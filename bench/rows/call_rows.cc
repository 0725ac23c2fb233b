// Rows that time a call: call.*, batch64.add and callback; see library_rows.h.
#include <array>
#include <cstring>

#include "rows/open_library.h"

namespace halfword::bench {
namespace {

using Shared = std::shared_ptr<SharedLibrary>;

RowTraits call_traits(std::string name, std::string floor, double at_most) {
  const auto want = at_most > 0 ? Reference::Want::at_most : Reference::Want::nothing;
  return {
      .name = std::move(name), .unit = "ns", .against = {{.row = std::move(floor), .want = want, .ratio = at_most}}};
}

class AddRow : public LibraryRow {
 public:
  AddRow(RowTraits traits, Shared library) : LibraryRow(std::move(traits)), library_(std::move(library)) {}

 private:
  void prepare() override { add_.emplace(library_->get().function<int(int, int)>("add")); }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    int i = 0;
    return time_calls(iterations, batch, [&] {
      ++i;
      return (*add_)(i, 7) == i + 7;
    });
  }

  Shared library_;
  std::optional<halfword::function<int(int, int)>> add_;
};

class EightArgumentsRow : public LibraryRow {
 public:
  explicit EightArgumentsRow(Shared library)
      : LibraryRow(call_traits("call.args8", "floor.spin", 1.4)), library_(std::move(library)) {}

 private:
  using Signature = int(int, int, int, int, int, int, int, int);
  void prepare() override { function_.emplace(library_->get().function<Signature>("args8")); }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    int i = 0;
    return time_calls(iterations, batch, [&] {
      ++i;
      return (*function_)(i, 2, 3, 4, 5, 6, 7, 8) == i - 5;
    });
  }

  Shared library_;
  std::optional<halfword::function<Signature>> function_;
};

class TextRow : public LibraryRow {
 public:
  explicit TextRow(Shared library)
      : LibraryRow(call_traits("call.text", "floor.spin", 2)), library_(std::move(library)) {}

 private:
  // The string that goes out is as long as its terminating zero says, in a room of `room` bytes.
  static constexpr const char* kPrototype = "int text(_In_z_ const char *in, _Out_writes_z_(room) char *out, int room)";
  using Signature = int(const char*, char*, int);

  void prepare() override { function_.emplace(library_->get().prototype<Signature>(kPrototype)); }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    static constexpr char kIn[] = "abcdefghijklmnopqrstuvwxyz012345";
    static_assert(sizeof kIn == 32 + 1);
    std::array<char, 33> out{};
    return time_calls(iterations, batch, [&] {
      out[31] = 0;
      return (*function_)(kIn, out.data(), static_cast<int>(out.size())) == 32 && out[0] == 'b' && out[31] == '6';
    });
  }

  Shared library_;
  std::optional<halfword::function<Signature>> function_;
};

class CallbackRow : public LibraryRow {
 public:
  explicit CallbackRow(Shared library)
      : LibraryRow(call_traits("callback", "floor.spin", 2.5)), library_(std::move(library)) {}

 private:
  using Signature = int(int (*)(int), int);
  void prepare() override {
    function_.emplace(library_->get().function<Signature>("call_back"));
    callback_.emplace(library_->get().callback<int(int)>([](int value) { return value * 2; }));
  }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    int i = 0;
    return time_calls(iterations, batch, [&] {
      ++i;
      return (*function_)(*callback_, i) == 2 * i + 1;
    });
  }

  Shared library_;
  std::optional<halfword::callback> callback_;
  std::optional<halfword::function<Signature>> function_;
};

class BatchRow : public LibraryRow {
 public:
  explicit BatchRow(Shared library)
      : LibraryRow(call_traits("batch64.add", "floor.spin", 0.15)), library_(std::move(library)) {}

 private:
  static constexpr int kCalls = 64;
  void prepare() override {
    add_.emplace(library_->get().function<int(int, int)>("add"));
    batch_.emplace(library_->get().batch());
  }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    std::array<int, kCalls> sums{};
    int first = 0;
    auto samples = time_calls(iterations, batch, [&] {
      for (int i = 0; i < kCalls; ++i) batch_->add(*add_, &sums[static_cast<std::size_t>(i)], first, i);
      batch_->run();
      const bool right = sums[0] == first && sums[kCalls - 1] == first + kCalls - 1;
      ++first;
      return right;
    });
    scale(samples, 1.0 / kCalls);
    return samples;
  }

  Shared library_;
  std::optional<halfword::function<int(int, int)>> add_;
  std::optional<halfword::batch> batch_;
};

}  // namespace

std::vector<std::unique_ptr<Row>> make_call_rows(const LibrarySetup& setup) {
  const auto shared = std::make_shared<SharedLibrary>(setup);
  std::vector<std::unique_ptr<Row>> rows;
  rows.push_back(std::make_unique<AddRow>(call_traits("call.add", "floor.spin", 1.3), shared));
  rows.push_back(std::make_unique<EightArgumentsRow>(shared));
  rows.push_back(std::make_unique<TextRow>(shared));
  halfword::options asleep;
  asleep.wait = HW_WAIT_BLOCK;
  rows.push_back(std::make_unique<AddRow>(call_traits("call.block", "floor.block", 1.2),
                                          std::make_shared<SharedLibrary>(setup, asleep)));
  rows.push_back(std::make_unique<BatchRow>(shared));
  rows.push_back(std::make_unique<CallbackRow>(shared));
  return rows;
}

std::unique_ptr<Row> make_add_row(const std::string& name, const LibrarySetup& setup) {
  return std::make_unique<AddRow>(call_traits(name, "floor.spin", 0), std::make_shared<SharedLibrary>(setup));
}

}  // namespace halfword::bench
