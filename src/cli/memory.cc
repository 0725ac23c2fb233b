#include "cli/memory.h"

#include <cstring>
#include <new>

namespace halfword::cli {

Memory::~Memory() {
  for (const Block& block : blocks_) {
    if (!block.in_library)
      ::operator delete(block.pointer);
    else
      library_.release(block.pointer);  // fails if the worker is gone, and the memory with it
  }
}

Result<std::byte*> Memory::allocate(std::size_t size, Where where) {
  const std::size_t whole = size + kSlack;
  const bool in_library = where == Where::library && library_.session().options().mode != WindowMode::off;
  void* pointer = nullptr;
  if (in_library) {
    const Result<void*> got = library_.allocate(whole);
    if (!got) return std::unexpected(got.error());
    pointer = *got;
  } else {
    pointer = ::operator new(whole, std::nothrow);
    if (pointer == nullptr)
      return fail(ErrorCode::no_memory, "there is no memory for " + std::to_string(size) + " bytes");
  }
  std::memset(pointer, 0, whole);
  blocks_.push_back({static_cast<std::byte*>(pointer), whole, in_library});
  return blocks_.back().pointer;
}

std::size_t Memory::room_at(const void* pointer) const {
  const auto at = reinterpret_cast<std::uintptr_t>(pointer);
  for (const Block& block : blocks_) {
    const auto begin = reinterpret_cast<std::uintptr_t>(block.pointer);
    if (at >= begin && at - begin < block.size) return block.size - (at - begin);
  }
  return 0;
}

void* Memory::pointer_of(std::uint64_t address) const {
  const std::shared_ptr<Worker> worker = library_.session().worker();
  if (address <= UINT32_MAX)
    if (void* seen = worker->window().pointer_to(address, 1)) return seen;
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address));
}

std::uint64_t Memory::address_of(const void* pointer) const {
  const std::shared_ptr<Worker> worker = library_.session().worker();
  if (const std::optional<WorkerAddress> address = worker->window().address_of(pointer, 1)) return *address;
  const auto value = reinterpret_cast<std::uintptr_t>(pointer);
  return value <= UINT32_MAX ? value : 0;
}

}  // namespace halfword::cli
