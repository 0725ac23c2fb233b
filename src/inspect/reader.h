// A reader over bytes that nobody vouches for: any endianness, any offset, never past the end.
// Used by the PE and ELF readers. One thread.
// A failure sticks, as with a stream: the first read that does not fit records its offset and reason, and that read and
// every later one gives zero. Loops look at failed(); nothing else has to be checked between reads.
// Overlapping tables cannot make reading slow: strings and table entries are paid from budgets that are linear in the
// size of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace halfword::inspect {

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes, bool big_endian = false);

  std::uint64_t size() const { return bytes_.size(); }
  bool failed() const { return failed_; }
  std::uint64_t failure_offset() const { return failure_offset_; }
  const std::string& failure_reason() const { return failure_reason_; }
  void set_big_endian(bool big_endian) { big_endian_ = big_endian; }

  /// Whether `length` bytes lie at `offset`.
  bool holds(std::uint64_t offset, std::uint64_t length) const;
  /// Records a failure unless there is one already.
  void fail(std::uint64_t offset, std::string reason);
  /// Fails unless holds(); `what` names the thing, as in "the section table".
  bool require(std::uint64_t offset, std::uint64_t length, std::string_view what);

  std::uint8_t u8(std::uint64_t offset) { return static_cast<std::uint8_t>(number(offset, 1)); }
  std::uint16_t u16(std::uint64_t offset) { return static_cast<std::uint16_t>(number(offset, 2)); }
  std::uint32_t u32(std::uint64_t offset) { return static_cast<std::uint32_t>(number(offset, 4)); }
  std::uint64_t u64(std::uint64_t offset) { return number(offset, 8); }
  /// Four or eight bytes.
  std::uint64_t word(std::uint64_t offset, bool wide) { return number(offset, wide ? 8 : 4); }

  /// The bytes before the first NUL within `length` bytes of `offset`. Without a NUL: all of them if `zeros_follow`
  /// (memory beyond the file's bytes reads as zero), otherwise a failure.
  std::string text(std::uint64_t offset, std::uint64_t length, bool zeros_follow, std::string_view what);

  /// Takes `count` table entries from the budget; fails when a file claims more entries than it can hold.
  bool take_entries(std::uint64_t count, std::uint64_t offset, std::string_view what);

  /// The file starts with these bytes.
  bool starts_with(std::string_view magic) const;

 private:
  std::uint64_t number(std::uint64_t offset, unsigned length);

  std::span<const std::byte> bytes_;
  bool big_endian_;
  bool failed_ = false;
  std::uint64_t failure_offset_ = 0;
  std::string failure_reason_;
  std::uint64_t text_budget_;
  std::uint64_t entry_budget_;
};

}  // namespace halfword::inspect
