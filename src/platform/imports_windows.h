// Redirection of what libraries import: their heap, and the ways in which they end their process.
//
// Set up once by the worker before it loads anything; from then on every module is redirected before its first
// instruction runs, whoever loads it and on whatever thread: the loader tells of it under its lock. The system's own
// core is left alone: those of its functions that hand out memory have their own way to give it back.
#pragma once

#include <cstddef>

namespace halfword::imports {

/// Whose export is redirected, and for whom.
enum class Scope {
  system,             ///< of kernel32 or ntdll, in every library
  system_in_runtime,  ///< of kernel32 or ntdll, in C run-time libraries only
  runtime,            ///< of a C run-time library, in every library
};

struct Redirection {
  const char* name;
  void* replacement;
  Scope scope;
};

/// Adds a table, which must stay. At most four.
void add(const Redirection* table, std::size_t count);

/// Begins; returns false where the loader does not tell of what it loads (Windows before Vista).
bool begin();

/// Tables are written with this: the types of exports all differ.
template <class Function>
void* code_of(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace halfword::imports
