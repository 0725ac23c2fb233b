/* Dies of an instruction that no processor has. */

int die(void) {
  __asm__ volatile("ud2");
  return 0;
}
