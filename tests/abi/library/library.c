/* The hand-written part of the library abi_calls: digests, and what a caller can do wrong without any value showing it.
 * Loaded into a worker by the client's test, and linked to the native program; called by one thread. */
#include "library.h"

#include <stdlib.h>

#include "complaints.h"
#include "processor.h"

/* Written by nobody; what pointers in the values point to. In .data, so that it is memory of the library's. */
unsigned char abi_ground[ABI_GROUND_SIZE] = {1};

void abi_mark(void) {}

static uint64_t* digests;
static uint32_t complaints;
static uint32_t current;
static AbiStream arguments;
static AbiStream results;

static AbiPlaces places(void) {
  AbiPlaces mine = {abi_ground, (void*)(uintptr_t)&abi_mark};
  return mine;
}

static void start(uint32_t number) {
  if (digests == NULL) digests = calloc(abi_case_count, sizeof *digests);
  if (number >= abi_case_count || digests == NULL) abort();
  current = number;
  digests[number] = 0xcbf29ce484222325U;
  results = abi_stream_of(abi_seed, number, ABI_RESULT);
}

void library_enter(uint32_t number, const void* frame) {
  start(number);
  if (!frame_is_aligned(frame)) complaints |= ABI_STACK_NOT_ALIGNED;
  if (!x87_is_empty()) complaints |= ABI_X87_NOT_EMPTY;
}

void library_see(uint32_t type, const void* value) {
  const AbiPlaces mine = places();
  digests[current] = abi_digest(&abi_types[type], &mine, value, digests[current]);
}

void library_give(uint32_t type, void* result) {
  const AbiPlaces mine = places();
  abi_fill(&abi_types[type], &results, &mine, result);
}

void library_begin(uint32_t number) { arguments = abi_stream_of(abi_seed, number, ABI_ARGUMENTS); }

void library_fill(uint32_t type, void* argument) {
  const AbiPlaces mine = places();
  abi_fill(&abi_types[type], &arguments, &mine, argument);
}

void library_returned(uint32_t number) {
  start(number);
  if (!x87_is_empty()) complaints |= ABI_X87_NOT_EMPTY; /* the result was taken off before this call */
}

void library_receive(uint32_t type, const void* result) { library_see(type, result); }

uint64_t abi_take_digest(uint32_t number) {
  if (digests == NULL || number >= abi_case_count) return 0;
  const uint64_t digest = digests[number];
  digests[number] = 0; /* so that a call that does not reach its function cannot pass */
  return digest;
}

uint32_t abi_take_complaints(void) {
  const uint32_t found = complaints;
  complaints = 0;
  return found;
}

unsigned char* abi_ground_address(void) { return abi_ground; }
void* abi_mark_address(void) { return (void*)(uintptr_t)&abi_mark; }
