/* What the generated part of the native program calls: the counterpart of library.h, with the same meaning. */
#ifndef HALFWORD_TESTS_ABI_NATIVE_H
#define HALFWORD_TESTS_ABI_NATIVE_H

#include "tables.h"

/* The program calls a function of the library. */
void native_begin(uint32_t number);
void native_fill(uint32_t type, void* argument);
void native_returned(uint32_t number);
void native_receive(uint32_t type, const void* result);

/* The library calls a callback of the program. */
void native_enter(uint32_t number, const void* frame);
void native_see(uint32_t type, const void* argument);
void native_give(uint32_t type, void* result);

/* Makes the call of case [number]; one for each case. */
extern void (*const abi_native_calls[])(void);

#endif
