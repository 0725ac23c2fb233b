/* Writes down where this program's compiler puts the values in every generated type: `abi_layouts FILE`, one line a
 * type, "size alignment leaves" and for each leaf "kind offset count". The client's test reads it, so that it needs no
 * second implementation of layouts, and none of halfword's. */
#include <inttypes.h>
#include <stdio.h>

#include "tables.h"

int main(int argc, char** argv) {
  FILE* file = argc == 2 ? fopen(argv[1], "wb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: abi_layouts FILE\n");
    return 2;
  }
  fprintf(file, "seed %" PRIu64 " count %" PRIu32 " types %" PRIu32 "\n", abi_seed, abi_case_count, abi_type_count);
  for (uint32_t index = 0; index < abi_type_count; ++index) {
    const AbiType* type = &abi_types[index];
    fprintf(file, "%" PRIu32 " %" PRIu32 " %" PRIu32, type->size, type->alignment, type->leaf_count);
    for (uint32_t leaf = 0; leaf < type->leaf_count; ++leaf)
      fprintf(file, " %u %" PRIu32 " %" PRIu32, type->leaves[leaf].kind, type->leaves[leaf].offset,
              type->leaves[leaf].count);
    fputc('\n', file);
  }
  return fclose(file) == 0 ? 0 : 2;
}
