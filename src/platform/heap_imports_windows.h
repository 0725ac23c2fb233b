// The process heap as libraries see it, served from the window: what HeapAlloc, HeapFree and their like become in every
// library (imports_windows.h). A block that was allocated before, or by the system's own core, goes where it belongs.
#pragma once

#include <cstddef>

#include "platform/imports_windows.h"

namespace halfword::heap_imports {

/// The redirections, for imports::add.
const imports::Redirection* table(std::size_t* count);

/// A block of the process heap, as HeapAlloc gives it; nullptr: no memory. And back.
void* allocate(std::size_t size);
void release(void* block);

}  // namespace halfword::heap_imports
