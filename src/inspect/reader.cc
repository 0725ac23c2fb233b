// The bounded reader. Called by the PE and ELF readers; one thread; trusts nothing.
#include "inspect/reader.h"

#include <algorithm>
#include <cstring>

namespace halfword::inspect {
namespace {

// Linkers share the tails of strings and give one name to several versions of a symbol, so the names of a correct file
// can together be longer than the file; the libraries of a Debian system stay below twice their size.
constexpr std::uint64_t kTextPerByte = 4;
constexpr std::uint64_t kTextAtLeast = 64 * 1024;
// The smallest entry of any table that is paid for is an import's four bytes.
constexpr std::uint64_t kBytesPerEntry = 4;
constexpr std::uint64_t kEntriesAtLeast = 256;
// Bounds the memory for the model of a huge file; the largest libraries known have a million symbols.
constexpr std::uint64_t kEntriesAtMost = 8'000'000;

}  // namespace

Reader::Reader(std::span<const std::byte> bytes, bool big_endian)
    : bytes_(bytes),
      big_endian_(big_endian),
      text_budget_(bytes.size() * kTextPerByte + kTextAtLeast),
      entry_budget_(std::min(bytes.size() / kBytesPerEntry + kEntriesAtLeast, kEntriesAtMost)) {}

bool Reader::holds(std::uint64_t offset, std::uint64_t length) const {
  return offset <= bytes_.size() && length <= bytes_.size() - offset;
}

void Reader::fail(std::uint64_t offset, std::string reason) {
  if (failed_) return;
  failed_ = true;
  failure_offset_ = offset;
  failure_reason_ = std::move(reason);
}

bool Reader::require(std::uint64_t offset, std::uint64_t length, std::string_view what) {
  if (failed_) return false;
  if (holds(offset, length)) return true;
  fail(offset, std::string(what) + " does not lie within the file");
  return false;
}

std::uint64_t Reader::number(std::uint64_t offset, unsigned length) {
  if (!require(offset, length, "a number")) return 0;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < length; ++i) {
    const unsigned place = big_endian_ ? length - 1 - i : i;
    value |= static_cast<std::uint64_t>(bytes_[static_cast<std::size_t>(offset) + i]) << (8 * place);
  }
  return value;
}

std::string Reader::text(std::uint64_t offset, std::uint64_t length, bool zeros_follow, std::string_view what) {
  if (!require(offset, 0, what)) return {};
  const std::uint64_t there = std::min<std::uint64_t>(length, bytes_.size() - offset);
  const std::uint64_t most = std::min(there, text_budget_);
  const char* first = reinterpret_cast<const char*>(bytes_.data()) + offset;
  const void* end = most == 0 ? nullptr : std::memchr(first, 0, static_cast<std::size_t>(most));
  const std::uint64_t size = end ? static_cast<std::uint64_t>(static_cast<const char*>(end) - first) : most;
  text_budget_ -= size;
  if (!end && most < there) {
    fail(offset, "the names in the file overlap more than any linker makes them; the last was " + std::string(what));
    return {};
  }
  if (!end && !zeros_follow) {
    fail(offset, std::string(what) + " does not end within its table");
    return {};
  }
  return {first, static_cast<std::size_t>(size)};
}

bool Reader::take_entries(std::uint64_t count, std::uint64_t offset, std::string_view what) {
  if (failed_) return false;
  if (count > entry_budget_) {
    fail(offset, std::string(what) + " has more entries than a file of this size can hold");
    return false;
  }
  entry_budget_ -= count;
  return true;
}

bool Reader::starts_with(std::string_view magic) const {
  return bytes_.size() >= magic.size() && std::memcmp(bytes_.data(), magic.data(), magic.size()) == 0;
}

}  // namespace halfword::inspect
