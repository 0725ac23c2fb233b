// A call from 64-bit into 32-bit code and back within one process: what floor.far_call measures.
//
// Everything from halfword_far_call_begin to _end is copied to an address below 4 GiB, because a far call with 32-bit
// operands pushes and pops 32-bit addresses only, then the copy's pointer is filled in. The code is position-independent.

.section .note.GNU-stack, "", @progbits
.text
.globl halfword_far_call_begin, halfword_far_call_end, halfword_far_call_entry, halfword_far_call_pointer

// uint32_t (uint32_t a, uint32_t b, uint32_t stack): System V x86-64. `stack` is the end of a stack below 4 GiB.
// All callee-saved registers are saved: AMD64 Architecture Programmer's Manual 2, 4.8.1 leaves the upper halves and
// r8 to r15 undefined after a visit to compatibility mode.
halfword_far_call_begin:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, %rax
  mov %edx, %esp
  push %rax
  sub $8, %rsp
  mov %edi, (%rsp)
  mov %esi, 4(%rsp)
  lcall *halfword_far_call_pointer(%rip)
  mov %esp, %esp
  mov 8(%rsp), %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

.code32
// Entered by the far call: return address and selector on the stack, the two arguments above them.
halfword_far_call_entry:
  push 12(%esp)
  push 12(%esp)
  call add
  add $8, %esp
  lret
// int add(int a, int b), cdecl; reads through the data segment as ordinary 32-bit code does.
add:
  mov %esp, %ecx
  mov %ds:4(%ecx), %eax
  add %ds:8(%ecx), %eax
  ret
.code64

.balign 8
halfword_far_call_pointer:
  .long 0  // the entry's address in the copy
  .word 0  // the selector of 32-bit code
halfword_far_call_end:
