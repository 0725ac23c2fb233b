// The address map. Called by the PE and ELF readers; one thread; trusts nothing.
#include "inspect/address_map.h"

#include <algorithm>
#include <tuple>

namespace halfword::inspect {

AddressMap::AddressMap(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {
  // clang deprecates what libstdc++'s stable_sort is made of, so equal addresses are told apart by their offsets.
  std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) {
    return std::tie(a.address, a.offset) < std::tie(b.address, b.offset);
  });
}

std::optional<Extent> AddressMap::find(std::uint64_t address) const {
  auto after = std::upper_bound(pieces_.begin(), pieces_.end(), address,
                                [](std::uint64_t value, const Piece& piece) { return value < piece.address; });
  if (after == pieces_.begin()) return std::nullopt;
  const Piece& piece = *std::prev(after);
  const std::uint64_t inside = address - piece.address;
  if (inside >= piece.memory_size) return std::nullopt;
  Extent extent;
  extent.executable = piece.executable;
  extent.zeros_follow = piece.memory_size > piece.file_size;
  if (inside < piece.file_size) {
    extent.offset = piece.offset + inside;
    extent.bytes = std::min(piece.file_size, piece.memory_size) - inside;
  }
  return extent;
}

}  // namespace halfword::inspect
