// Rows that pass 64 MiB: copied in and out, or handed over in the window; see library_rows.h.
#include <vector>

#include "rows/open_library.h"

namespace halfword::bench {
namespace {

constexpr unsigned kSize = 64U << 20;

// What the library did to the buffer: the last byte is one more after each call.
bool touched(unsigned char last, unsigned char& expected) { return last == ++expected; }

class CopyRow : public LibraryRow {
 public:
  explicit CopyRow(std::shared_ptr<SharedLibrary> library)
      : LibraryRow({.name = "copy.64MiB",
                    .unit = "ms",
                    .against = {{.row = "floor.copy.64MiB", .want = Reference::Want::at_most, .ratio = 1.3}},
                    .slice = std::chrono::milliseconds(80)}),
        library_(std::move(library)) {}

 private:
  using Signature = int(halfword::updates<unsigned char, 1>, unsigned);
  void prepare() override {
    touch_.emplace(library_->get().function<Signature>("touch"));
    heap_.assign(kSize, 1);
  }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    unsigned char expected = heap_.back();
    auto samples = time_calls(iterations, batch,
                              [&] { return (*touch_)(heap_.data(), kSize) == 1 && touched(heap_.back(), expected); });
    scale(samples, 1e-6);
    return samples;
  }

  std::shared_ptr<SharedLibrary> library_;
  std::optional<halfword::function<Signature>> touch_;
  std::vector<unsigned char> heap_;
};

class HandoverRow : public LibraryRow {
 public:
  explicit HandoverRow(std::shared_ptr<SharedLibrary> library)
      : LibraryRow({.name = "handover.64MiB",
                    .unit = "ns",
                    .against = {{.row = "call.add", .want = Reference::Want::at_most, .ratio = 2}}}),
        library_(std::move(library)) {}

 private:
  using Signature = int(halfword::updates<unsigned char, 1>, unsigned);
  void prepare() override {
    touch_.emplace(library_->get().function<Signature>("touch"));
    buffer_.emplace(library_->get().allocate<unsigned char>(kSize));
    // Present, as any buffer is that somebody has filled.
    std::fill(buffer_->begin(), buffer_->end(), static_cast<unsigned char>(1));
  }
  Result<Samples> measure(std::uint64_t iterations, std::uint64_t batch) override {
    unsigned char expected = (*buffer_)[kSize - 1];
    return time_calls(iterations, batch, [&] {
      return (*touch_)(buffer_->data(), kSize) == 1 && touched((*buffer_)[kSize - 1], expected);
    });
  }

  std::shared_ptr<SharedLibrary> library_;
  std::optional<halfword::function<Signature>> touch_;
  std::optional<halfword::buffer<unsigned char>> buffer_;
};

}  // namespace

std::vector<std::unique_ptr<Row>> make_bulk_rows(const LibrarySetup& setup) {
  const auto shared = std::make_shared<SharedLibrary>(setup);
  std::vector<std::unique_ptr<Row>> rows;
  rows.push_back(std::make_unique<CopyRow>(shared));
  rows.push_back(std::make_unique<HandoverRow>(shared));
  return rows;
}

}  // namespace halfword::bench
