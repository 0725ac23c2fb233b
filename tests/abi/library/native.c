/* The native program: makes every generated call as a 32-bit program does, without halfword, and writes down what the
 * library made of the arguments. Called as `abi_native FILE`; fails if a call does not even work natively, which would
 * be a mistake of the generator. */
#include "native.h"

#include <inttypes.h>
#include <stdio.h>

#include "processor.h"

/* The library's, see library.c. */
uint64_t abi_take_digest(uint32_t number);
uint32_t abi_take_complaints(void);
unsigned char* abi_ground_address(void);
void* abi_mark_address(void);

static AbiPlaces places;
static AbiStream stream;
static uint32_t failures;

static void expect(bool right, uint32_t number, const char* what) {
  if (right) return;
  ++failures;
  fprintf(stderr, "case %" PRIu32 ": %s\n", number, what);
}

static uint32_t current;

void native_begin(uint32_t number) {
  current = number;
  stream = abi_stream_of(abi_seed, number, ABI_ARGUMENTS);
}

void native_fill(uint32_t type, void* argument) { abi_fill(&abi_types[type], &stream, &places, argument); }

void native_returned(uint32_t number) {
  expect(x87_is_empty(), number, "the x87 stack is not empty after the call");
  stream = abi_stream_of(abi_seed, number, ABI_RESULT);
}

void native_receive(uint32_t type, const void* result) {
  expect(abi_holds(&abi_types[type], &stream, &places, result), current, "the result is not what was returned");
}

void native_enter(uint32_t number, const void* frame) {
  current = number;
  expect(frame_is_aligned(frame), number, "the callback's stack is not aligned");
  stream = abi_stream_of(abi_seed, number, ABI_ARGUMENTS);
}

void native_see(uint32_t type, const void* argument) {
  expect(abi_holds(&abi_types[type], &stream, &places, argument), current, "an argument is not what was passed");
}

void native_give(uint32_t type, void* result) {
  stream = abi_stream_of(abi_seed, current, ABI_RESULT);
  abi_fill(&abi_types[type], &stream, &places, result);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: abi_native FILE\n");
    return 2;
  }
  places.ground = abi_ground_address();
  places.code = abi_mark_address();
  FILE* file = fopen(argv[1], "wb");
  if (file == NULL) {
    perror(argv[1]);
    return 2;
  }
  fprintf(file, "seed %" PRIu64 " count %" PRIu32 " types %" PRIu32 "\n", abi_seed, abi_case_count, abi_type_count);
  for (uint32_t number = 0; number < abi_case_count; ++number) {
    abi_native_calls[number]();
    fprintf(file, "%016" PRIx64 "\n", abi_take_digest(number));
  }
  expect(abi_take_complaints() == 0, abi_case_count, "the library complains of the native program");
  expect(fclose(file) == 0, abi_case_count, "the file could not be written");
  printf("%" PRIu32 " native calls, %" PRIu32 " failures\n", abi_case_count, failures);
  return failures == 0 ? 0 : 1;
}
