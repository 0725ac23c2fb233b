// User data of callbacks: the client's 64-bit pointers as numbers that fit a 32-bit library, and back.
//
// A library stores such a pointer and hands it back; it never looks into it. The numbers lie in the first 64 KiB, where
// no system maps memory (Linux: vm.mmap_min_addr, Windows: the allocation granularity), so that none is an address.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"

namespace halfword {

/// The number of `pointer`, always the same one; no_memory after 65,000 different ones. Any thread.
Result<std::uint64_t> token_of(const void* pointer);

/// The pointer of `token` if it is one. Any thread.
std::optional<void*> value_of_token(std::uint64_t token);

/// Around a fork: holds every other thread off.
void lock_tokens();
void unlock_tokens();
void renew_tokens_lock();  ///< in the child, instead of unlocking: see CallbackTable::renew_lock

}  // namespace halfword
