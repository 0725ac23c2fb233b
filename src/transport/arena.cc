#include "transport/arena.h"

namespace halfword {
namespace {

constexpr std::size_t kPage = 4096;
std::size_t whole_pages(std::size_t size) { return (size + kPage - 1) / kPage * kPage; }

}  // namespace

Arena::Arena(std::byte* begin, std::size_t size) {
  if (size != 0) free_.emplace(begin, size);
}

std::byte* Arena::allocate(std::size_t size) {
  if (size > SIZE_MAX - kPage) return nullptr;
  const std::size_t wanted = whole_pages(size == 0 ? 1 : size);
  std::lock_guard lock(mutex_);
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->second < wanted) continue;
    const auto [begin, have] = *it;
    free_.erase(it);
    if (have > wanted) free_.emplace(begin + wanted, have - wanted);
    return begin;
  }
  return nullptr;
}

void Arena::release(std::byte* piece, std::size_t size) {
  std::size_t length = whole_pages(size == 0 ? 1 : size);
  std::lock_guard lock(mutex_);
  auto next = free_.lower_bound(piece);
  if (next != free_.end() && piece + length == next->first) {
    length += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    auto before = std::prev(next);
    if (before->first + before->second == piece) {
      before->second += length;
      return;
    }
  }
  free_.emplace(piece, length);
}

}  // namespace halfword
