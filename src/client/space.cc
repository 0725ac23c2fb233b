#include "client/space.h"

#include <cstring>

#include "client/lane.h"
#include "client/tokens.h"
#include "platform/process.h"

namespace halfword {
namespace {

constexpr std::size_t kBlockSize = 64 * 1024;
// Copies of returned strings and the like stay for the lane's next hundreds of calls, and within this many bytes.
constexpr std::size_t kMostKept = 512;
constexpr std::size_t kMostKeptBytes = 64 << 20;
constexpr std::size_t kCopyPiece = 1 << 20;
constexpr std::uint64_t kAddressEnd = std::uint64_t{1} << 32;

Error unreadable(std::uint64_t address, std::size_t size) {
  char text[96];
  std::snprintf(text, sizeof text, "the library has no memory at 0x%llx for %zu bytes",
                static_cast<unsigned long long>(address), size);
  return fail(ErrorCode::argument_range, text).error();
}

}  // namespace

LaneSpace::LaneSpace(Worker& worker, Lane& lane, std::shared_ptr<StaleMemory> stale)
    : worker_(worker), lane_(lane), stale_(std::move(stale)), block_(worker.arena().allocate(kBlockSize)) {}

LaneSpace::~LaneSpace() {
  release({0, 0});
  if (block_ != nullptr) worker_.arena().release(block_, kBlockSize);
}

void LaneSpace::release(Mark mark) {
  used_ = mark.used;
  while (pieces_.size() > mark.pieces) {
    worker_.arena().release(pieces_.back().begin, pieces_.back().size);
    pieces_.pop_back();
  }
}

model::Scratch LaneSpace::allocate(std::size_t size, std::size_t alignment) {
  const std::size_t begin = (used_ + alignment - 1) & ~(alignment - 1);
  if (block_ == nullptr || begin > kBlockSize || size >= kBlockSize - begin) return allocate_piece(size);
  used_ = begin + (size == 0 ? 1 : size);
  return {block_ + begin, *worker_.window().address_of(block_ + begin, 1)};
}

model::Scratch LaneSpace::allocate_piece(std::size_t size) {
  std::byte* piece = worker_.arena().allocate(size);
  if (piece == nullptr) return {};
  pieces_.push_back({piece, size});
  return {piece, *worker_.window().address_of(piece, 1)};
}

model::Location LaneSpace::locate(const void* pointer, std::size_t size) {
  using Place = model::Location::Place;
  if (const std::optional<WorkerAddress> address = worker_.window().address_of(pointer, size))
    return {Place::visible, *address};
  const auto value = reinterpret_cast<std::uintptr_t>(pointer);
  // A number that the worker gave out, unless the client has something of its own there (a program that is not
  // position-independent lies below 4 GiB).
  if (value < kAddressEnd && !is_mapped(pointer)) return {Place::worker, value};
  return {};
}

void* LaneSpace::pointer_to(std::uint64_t address, std::size_t size) {
  return worker_.window().pointer_to(address, size);
}

Result<void> LaneSpace::copy(std::uint64_t address, std::byte* client, std::size_t size, bool to_worker) {
  if (address >= kAddressEnd || size > kAddressEnd - address) return fail(unreadable(address, size));
  const Mark before = mark();
  const model::Scratch scratch = allocate_piece(size < kCopyPiece ? size : kCopyPiece);
  if (scratch.pointer == nullptr) return fail(ErrorCode::no_memory, "the window has no room for a copy");
  Result<void> result;
  while (size != 0 && result) {
    const std::size_t piece = size < kCopyPiece ? size : kCopyPiece;
    const auto there = static_cast<std::uint32_t>(address), here = static_cast<std::uint32_t>(scratch.address);
    if (to_worker) std::memcpy(scratch.pointer, client, piece);
    Result<std::uint64_t> copied = lane_.operate(
        wire::Operation::copy, {to_worker ? there : here, to_worker ? here : there, static_cast<std::uint32_t>(piece)});
    if (!copied)
      result = propagate(copied);
    else if (*copied != piece)
      result = fail(unreadable(address, piece));
    else if (!to_worker)
      std::memcpy(client, scratch.pointer, piece);
    address += piece;
    client += piece;
    size -= piece;
  }
  release(before);
  return result;
}

Result<void> LaneSpace::read(std::uint64_t address, void* to, std::size_t size) {
  if (const void* visible = pointer_to(address, size)) {
    std::memcpy(to, visible, size);
    return {};
  }
  return copy(address, static_cast<std::byte*>(to), size, false);
}

Result<void> LaneSpace::write(std::uint64_t address, const void* from, std::size_t size) {
  const std::optional<SharedRange> range = worker_.window().range_of(address);
  if (range && range->writable && pointer_to(address, size) != nullptr) {
    std::memcpy(pointer_to(address, size), from, size);
    return {};
  }
  return copy(address, const_cast<std::byte*>(static_cast<const std::byte*>(from)), size, true);
}

Result<std::uint64_t> LaneSpace::measure(std::uint64_t address, unsigned unit, std::uint64_t limit) {
  if (const std::optional<SharedRange> range = worker_.window().range_of(address)) {
    const std::size_t room = range->size - (address - range->address);
    const std::byte* begin = range->pointer + (address - range->address);
    static constexpr std::byte kZero[4] = {};
    for (std::uint64_t units = 0; units < limit && (units + 1) * unit <= room; ++units)
      if (std::memcmp(begin + units * unit, kZero, unit) == 0) return units;
    return fail(unreadable(address, room));
  }
  const auto most = static_cast<std::uint32_t>(limit < 0xfffffffe ? limit : 0xfffffffe);
  Result<std::uint64_t> units =
      lane_.operate(wire::Operation::measure, {static_cast<std::uint32_t>(address), unit, most});
  if (units && *units == 0xffffffff) return fail(unreadable(address, 1));
  return units;
}

void* LaneSpace::keep(std::size_t size) {
  std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[size == 0 ? 1 : size]);
  if (memory == nullptr) return nullptr;
  while (!kept_.empty() && (kept_.size() >= kMostKept || kept_bytes_ + size > kMostKeptBytes)) {
    kept_bytes_ -= kept_.front().size;
    kept_.pop_front();
  }
  kept_bytes_ += size;
  kept_.push_back({std::move(memory), size});
  return kept_.back().memory.get();
}

Result<std::uint64_t> LaneSpace::token(const void* pointer) { return token_of(pointer); }
std::optional<void*> LaneSpace::token_value(std::uint64_t token) { return value_of_token(token); }

}  // namespace halfword
