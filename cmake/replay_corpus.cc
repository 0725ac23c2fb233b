// Runs a fuzz target over every file of the folders named on the command line, without libFuzzer: this is how the
// corpora, and every crash that fuzzing ever found, stay part of the tests at every target. One thread.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// The number of files that ran, or -1 if a file could not be read.
int replay(const std::filesystem::path& folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s cannot be read\n", entry.path().string().c_str());
      return -1;
    }
    // Named before it runs, so that a crash says which input it was.
    std::printf("%s\n", entry.path().string().c_str());
    std::fflush(stdout);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    // A buffer of exactly this size, so that AddressSanitizer sees a read of one byte too many.
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  int total = 0;
  for (int i = 1; i < argc; ++i) {
    const int count = replay(argv[i]);
    if (count < 0) return 1;
    total += count;
  }
  std::printf("%d inputs\n", total);
  // An empty corpus tests nothing and must not look like a success.
  return total > 0 ? 0 : 1;
}
