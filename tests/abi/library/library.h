/* What the generated functions of the library call; it is not for the programs that load it.
 *
 * A function is called with the arguments that its number stands for (values.h), takes them all into its case's digest
 * and returns the result that its number stands for. A function that is given a callback calls it with the arguments
 * and takes the result into the digest. One thread at a time. */
#ifndef HALFWORD_TESTS_ABI_LIBRARY_H
#define HALFWORD_TESTS_ABI_LIBRARY_H

#include "tables.h"

#pragma GCC visibility push(hidden)

/* The generated function `number` was entered; `frame` is its frame pointer. */
void library_enter(uint32_t number, const void* frame);
/* The next argument of the function, or the result of the callback. */
void library_see(uint32_t type, const void* value);
/* Stores the function's result. */
void library_give(uint32_t type, void* result);

/* A callback is about to be called; its arguments follow. */
void library_begin(uint32_t number);
void library_fill(uint32_t type, void* argument);
/* It has returned; its result follows. */
void library_returned(uint32_t number);
void library_receive(uint32_t type, const void* result);

#pragma GCC visibility pop

#endif
