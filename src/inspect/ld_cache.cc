// ldconfig's cache and configuration. Called by find_elf.cc; pure readers; trusts neither file.
// Sources: glibc's sysdeps/generic/dl-cache.h (the layout), the manual page ldconfig(8).
#include "inspect/ld_cache.h"

#include <algorithm>
#include <sstream>

#include "inspect/image.h"
#include "inspect/reader.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr std::string_view kOldMagic = "ld.so-1.7.0";

bool matches(std::string_view name, std::string_view pattern) {
  // Only `*` and `?`; the position behind the last star is where a failed match goes on. Quadratic at worst, and both
  // are file names.
  std::size_t n = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++n, ++p;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Configuration {
 public:
  explicit Configuration(fs::path root) : root_(std::move(root)) {}

  void read(const fs::path& file, int depth) {
    constexpr int kDeepest = 8, kMostFiles = 100;
    constexpr std::uint64_t kLongestFile = 1 << 20;
    if (depth > kDeepest || ++files_ > kMostFiles) return;
    const auto bytes = read_file(file, kLongestFile);
    if (!bytes) return;
    std::istringstream text(std::string(reinterpret_cast<const char*>(bytes->span().data()), bytes->span().size()));
    for (std::string line; std::getline(text, line);) read_line(line, file.parent_path(), depth);
  }
  std::vector<fs::path> take() { return std::move(folders_); }

 private:
  void read_line(const std::string& line, const fs::path& folder, int depth) {
    std::string words = line.substr(0, line.find('#'));
    std::replace_if(words.begin(), words.end(), [](char c) { return c == ',' || c == ':' || c == '='; }, ' ');
    std::istringstream stream(words);
    std::string word;
    if (!(stream >> word) || word == "hwcap") return;
    if (word == "include") {
      while (stream >> word) include(word.starts_with('/') ? below_root(word) : folder / word, depth);
      return;
    }
    do {
      if (word.starts_with('/')) folders_.push_back(below_root(word));
    } while (stream >> word);
  }

  fs::path below_root(const std::string& absolute) const { return root_ / fs::path(absolute).relative_path(); }

  void include(const fs::path& pattern, int depth) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(pattern.parent_path(), error), end; !error && entry != end;
         entry.increment(error))
      if (matches(entry->path().filename().string(), pattern.filename().string())) files.push_back(entry->path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) read(file, depth + 1);
  }

  fs::path root_;
  int files_ = 0;
  std::vector<fs::path> folders_;
};

}  // namespace

std::vector<CacheEntry> read_ld_cache(std::span<const std::byte> bytes) {
  constexpr std::uint64_t kHeaderSize = 48, kEntrySize = 24, kOldHeaderSize = 16, kOldEntrySize = 12;
  Reader reader(bytes);
  std::uint64_t start = 0;
  if (reader.starts_with(kOldMagic)) {
    start = kOldHeaderSize + std::uint64_t{reader.u32(12)} * kOldEntrySize;
    start = (start + 7) / 8 * 8;
  }
  if (!reader.holds(start, kHeaderSize)) return {};
  const std::string_view magic(reinterpret_cast<const char*>(bytes.data()) + start, kMagic.size());
  if (magic != kMagic) return {};
  const std::uint64_t count = reader.u32(start + 20);
  if (!reader.holds(start + kHeaderSize, count * kEntrySize)) return {};
  std::vector<CacheEntry> entries;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint64_t entry = start + kHeaderSize + i * kEntrySize;
    const auto text = [&](std::uint64_t field) {
      const std::uint64_t offset = start + reader.u32(entry + field);
      return reader.text(offset, reader.size() - std::min(offset, reader.size()), false, "a string of ld.so.cache");
    };
    CacheEntry found;
    found.name = text(4);
    found.path = text(8);
    found.special = reader.u64(entry + 16) != 0;
    if (!reader.failed()) entries.push_back(std::move(found));
  }
  return entries;
}

std::vector<fs::path> read_ld_configuration(const fs::path& root) {
  Configuration configuration(root);
  configuration.read(root / "etc" / "ld.so.conf", 0);
  return configuration.take();
}

}  // namespace halfword::inspect
