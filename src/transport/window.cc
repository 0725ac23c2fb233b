#include "transport/window.h"

#include <algorithm>

namespace halfword {

Window::Window(std::byte* base, std::size_t size, WorkerAddress worker_base, std::size_t heap_offset)
    : base_(base),
      size_(size),
      worker_base_(worker_base),
      heap_offset_(heap_offset),
      lanes_(reinterpret_cast<wire::LaneBlock*>(base + wire::kHeaderSize)),
      ranges_(nullptr) {
  publish({});
}

void Window::set_worker_base(WorkerAddress base) { worker_base_ = base; }

void* Window::pointer_to(WorkerAddress address, std::size_t size) const {
  if (address - worker_base_ < size_) {
    const std::size_t offset = address - worker_base_;
    return size <= size_ - offset ? base_ + offset : nullptr;
  }
  for (const SharedRange& range : *ranges_.load(std::memory_order_acquire))
    if (address - range.address < range.size && size <= range.size - (address - range.address))
      return range.pointer + (address - range.address);
  return nullptr;
}

std::optional<SharedRange> Window::range_of(WorkerAddress address) const {
  if (address - worker_base_ < size_) {
    const bool heap = heap_offset_ != 0 && address - worker_base_ >= heap_offset_;
    return SharedRange{worker_base_, size_, base_, 0, true, heap};
  }
  for (const SharedRange& range : *ranges_.load(std::memory_order_acquire))
    if (address - range.address < range.size) return range;
  return std::nullopt;
}

std::optional<WorkerAddress> Window::address_of(const void* pointer, std::size_t size) const {
  const auto* byte = static_cast<const std::byte*>(pointer);
  const auto within = [&](const std::byte* begin, std::size_t length) {
    return byte >= begin && byte < begin + length && size <= static_cast<std::size_t>(begin + length - byte);
  };
  if (within(base_, size_)) return worker_base_ + static_cast<std::size_t>(byte - base_);
  for (const SharedRange& range : *ranges_.load(std::memory_order_acquire))
    if (within(range.pointer, range.size)) return range.address + static_cast<std::size_t>(byte - range.pointer);
  return std::nullopt;
}

void Window::publish(Ranges ranges) {
  versions_.push_back(std::make_unique<const Ranges>(std::move(ranges)));
  ranges_.store(versions_.back().get(), std::memory_order_release);
}

void Window::add_range(const SharedRange& range) {
  Ranges next = ranges();
  next.push_back(range);
  publish(std::move(next));
}

void Window::remove_range(WorkerAddress address) {
  Ranges next = ranges();
  std::erase_if(next, [&](const SharedRange& range) { return range.address == address; });
  publish(std::move(next));
}

}  // namespace halfword
