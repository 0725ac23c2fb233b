// From addresses in memory to offsets in the file, by the sections (PE) or segments (ELF) that the loader maps.
// Used by the PE and ELF readers. One thread. Trusts nothing: pieces may overlap and lie anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace halfword::inspect {

/// One piece of the file that is mapped as a whole.
struct Piece {
  std::uint64_t address = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t offset = 0;
  std::uint64_t file_size = 0;  ///< the rest of memory_size reads as zero
  bool executable = false;
};

/// Where an address lies.
struct Extent {
  std::uint64_t offset = 0;   ///< in the file
  std::uint64_t bytes = 0;    ///< of the file, from there to the end of the piece; 0 among the zeros
  bool zeros_follow = false;  ///< memory goes on behind `bytes`, with zeros
  bool executable = false;
};

class AddressMap {
 public:
  /// `pieces` in any order. Where they overlap, the one that starts last wins.
  explicit AddressMap(std::vector<Piece> pieces = {});
  /// In logarithmic time, since a file may have thousands of pieces and each of its names is looked up.
  std::optional<Extent> find(std::uint64_t address) const;

 private:
  std::vector<Piece> pieces_;
};

}  // namespace halfword::inspect
