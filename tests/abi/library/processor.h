/* What C does not tell of the processor's state. For i386, where the library runs. */
#ifndef HALFWORD_TESTS_ABI_PROCESSOR_H
#define HALFWORD_TESTS_ABI_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the caller of the function with this frame pointer had aligned its stack. Above the frame pointer lie the
 * saved one and the return address. Windows promises 4 bytes only. */
static inline bool frame_is_aligned(const void* frame) {
#ifdef __ELF__
  return ((uintptr_t)frame + 8) % 16 == 0;
#else
  return (uintptr_t)frame % 4 == 0;
#endif
}

static inline bool x87_is_empty(void) {
  uint32_t environment[7];
  __asm__ volatile("fnstenv %0\n\tfldenv %0" : "=m"(environment)); /* fnstenv masks the exceptions */
  return (environment[2] & 0xffffU) == 0xffffU;                    /* two tag bits a register */
}

#endif
