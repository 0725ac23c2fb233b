// The two places where the stack is built by hand, for i386-linux and i386-windows alike: a call into the library, and
// the entry of every callback thunk. Rules followed: System V ABI for i386, version 1.1, section 2.2 (stack, registers,
// 16-byte alignment at the call); Microsoft's x86 calling conventions are the same here but for that alignment.

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define SYMBOL(name) JOIN(__USER_LABEL_PREFIX__, name)

// Room between the arguments and what is saved: a callee that was declared with too few arguments may write to the
// slots of those that it believes in, and must not reach our saved registers.
#define SLACK 128

        .text

// uint32_t hw_call(CallState* state, const uint32_t* words, uint32_t count, uint32_t function, uint32_t flags,
//                  wire::Returned* out)
// Returns an Outcome. `state` stays valid until then, and lets hw_leave end this call from a deeper frame.
        .globl SYMBOL(hw_call)
SYMBOL(hw_call):
        .cfi_startproc
#ifdef __ELF__
        .cfi_personality 0, hw_personality
        .cfi_lsda 0, hw_call
#endif
        pushl %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset %ebp, -8
        movl %esp, %ebp
        .cfi_def_cfa_register %ebp
        pushl %ebx
        pushl %esi
        pushl %edi
        .cfi_offset %ebx, -12
        .cfi_offset %esi, -16
        .cfi_offset %edi, -20
        movl 8(%ebp), %eax
        movl %ebp, (%eax)               // CallState::frame
#ifndef __ELF__
        pushl $SYMBOL(hw_frame_handler) // a record in the thread's chain of structured exception handlers, which ends
        pushl %fs:0                     // here what leaves the library (guard_windows.cc)
        movl %esp, %fs:0
#endif
        movl 12(%ebp), %esi
        movl 16(%ebp), %ecx
        testb $1, 24(%ebp)              // kFlagRegisters: ecx and edx come first
        jz 1f
        addl $8, %esi
        subl $2, %ecx
1:      leal SLACK(,%ecx,4), %eax
        subl %eax, %esp
        andl $-16, %esp
        jmp 3f
2:      movl -4(%esi,%ecx,4), %eax
        movl %eax, -4(%esp,%ecx,4)
        decl %ecx
3:      testl %ecx, %ecx
        jnz 2b
        testb $1, 24(%ebp)
        jz 4f
        movl -8(%esi), %ecx
        movl -4(%esi), %edx
4:      movl %esp, %ebx                 // every convention preserves ebx: the measure for what the callee removed
        call *20(%ebp)
        movl %esp, %ecx
        subl %ebx, %ecx
        movl 28(%ebp), %ebx
        movl %eax, (%ebx)               // Returned::eax, edx, removed
        movl %edx, 4(%ebx)
        movl %ecx, 20(%ebx)
        testb $2, 24(%ebp)              // kFlagFloatResult
        jz 5f
        fxam                            // C3 C2 C0 = 1 0 1: the register is empty
        fnstsw %ax
        andl $0x4500, %eax
        cmpl $0x4100, %eax
        sete %al
        movb %al, 18(%ebx)
        fstpt 8(%ebx)
5:      xorl %eax, %eax
.Lleave:
        cld
#ifndef __ELF__
        movl -20(%ebp), %edx
        movl %edx, %fs:0
#endif
        leal -12(%ebp), %esp
        popl %edi
        popl %esi
        popl %ebx
        popl %ebp
        .cfi_def_cfa %esp, 4
        ret
        .cfi_endproc

// void hw_leave(const CallState* state, uint32_t outcome): makes the hw_call of `state` return `outcome`, whatever
// frames lie in between, as longjmp does.
        .globl SYMBOL(hw_leave)
SYMBOL(hw_leave):
        movl 4(%esp), %ecx
        movl 8(%esp), %eax
        movl (%ecx), %ebp
        emms                            // values that the abandoned frames left on the x87 stack
        jmp .Lleave

// Every thunk is `movl $number, %eax; jmp hw_thunk_entry` (thunks.cc). Calls
//   void hw_thunk(uint32_t number, const uint32_t* arguments, const uint32_t* ecx_edx, ThunkResult* result)
// and returns to the library as its convention wants.
        .globl SYMBOL(hw_thunk_entry)
SYMBOL(hw_thunk_entry):
        .cfi_startproc
        pushl %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset %ebp, -8
        movl %esp, %ebp
        .cfi_def_cfa_register %ebp
        subl $40, %esp
        movl %ecx, -8(%ebp)
        movl %edx, -4(%ebp)
        andl $-16, %esp                 // callers on Windows align to 4 only
        subl $16, %esp
        leal -40(%ebp), %ecx            // ThunkResult: eax, edx, st0, remove, is_float
        movl %ecx, 12(%esp)
        leal -8(%ebp), %ecx
        movl %ecx, 8(%esp)
        leal 8(%ebp), %ecx
        movl %ecx, 4(%esp)
        movl %eax, (%esp)
        cld
        call SYMBOL(hw_thunk)
        cmpl $0, -16(%ebp)              // is_float
        je 1f
        fldt -32(%ebp)
1:      movl -20(%ebp), %ecx            // remove: the return address moves up over the arguments
        movl 4(%ebp), %edx
        leal 4(%ebp,%ecx), %ecx
        movl %edx, (%ecx)
        movl -40(%ebp), %eax
        movl -36(%ebp), %edx
        movl (%ebp), %ebp
        movl %ecx, %esp
        ret
        .cfi_endproc

#ifndef __ELF__
// void hw_unwind(void* record, void* exception): runs the unwinding handlers of every frame above `record`, the one of a
// hw_call. RtlUnwind need not keep the registers that a compiler expects a function to keep.
        .globl SYMBOL(hw_unwind)
SYMBOL(hw_unwind):
        pushl %ebp
        movl %esp, %ebp
        pushl %ebx
        pushl %esi
        pushl %edi
        pushl $0
        pushl 12(%ebp)
        pushl $1f
        pushl 8(%ebp)
        call SYMBOL(RtlUnwind@16)
1:      leal -12(%ebp), %esp
        popl %edi
        popl %esi
        popl %ebx
        popl %ebp
        ret
#endif

#ifdef __ELF__
        .section .note.GNU-stack, "", @progbits
#endif
