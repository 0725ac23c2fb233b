/* What a caller of the library did wrong without any value showing it: bits of abi_take_complaints(). The client's test
 * reads this file too. */
#ifndef HALFWORD_TESTS_ABI_COMPLAINTS_H
#define HALFWORD_TESTS_ABI_COMPLAINTS_H

enum {
  ABI_STACK_NOT_ALIGNED = 1, /* to 16 bytes at the call, as System V i386 psABI 1.1, section 2.2.2, demands */
  ABI_X87_NOT_EMPTY = 2      /* at a function's entry or behind a call, section 2.2.1 */
};

#endif
