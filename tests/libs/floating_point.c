/* Changes how its thread computes, as Delphi's run-time library and old graphics drivers do. */

static unsigned short control(void) {
  unsigned short word;
  __asm__ volatile("fnstcw %0" : "=m"(word));
  return word;
}

/* Single precision, rounded upwards, and division by zero a fault. */
int spoil_control_word(void) {
  const unsigned short word = (unsigned short)((control() & ~0x0f04) | 0x0800);
  __asm__ volatile("fldcw %0" : : "m"(word));
  return word;
}
int control_word(void) { return control(); }

/* Leaves a full x87 stack behind, as code does that uses MMX and forgets emms. */
int leave_stack_full(void) {
  __asm__ volatile("fldz\nfldz\nfldz\nfldz\nfldz\nfldz\nfldz\nfldz");
  return 1;
}

/* Leaves the direction flag set. */
int leave_direction_set(void) {
  __asm__ volatile("std");
  return 1;
}

double third(double value) { return value / 3; }
