/* What all generated C sources include: names of types that C does not have, and the tables of abi_types.c. */
#ifndef HALFWORD_TESTS_ABI_TABLES_H
#define HALFWORD_TESTS_ABI_TABLES_H

#include "values.h"

typedef uint16_t char16_t;
typedef uint32_t char32_t;
/* Windows' names as prototypes know them, so that the sources are the same for every target. */
typedef int BOOL;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef void* HANDLE;

/* By number; 0 is void. */
extern const AbiType abi_types[];
extern const uint32_t abi_type_count;
extern const uint64_t abi_seed;
extern const uint32_t abi_case_count;

#endif
