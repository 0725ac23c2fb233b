// The process heap as libraries see it, served from the window: what HeapAlloc, HeapFree and their like become in every
// library (imports_windows.h). A block that was allocated before, or by the system's own core, goes where it belongs.
#pragma once

#include <cstddef>

namespace halfword::heap_imports {

/// Adds the redirections; before imports::begin, once.
void redirect();

/// A block of the process heap, as HeapAlloc gives it; nullptr: no memory. And back.
void* allocate(std::size_t size);
void release(void* block);

}  // namespace halfword::heap_imports
