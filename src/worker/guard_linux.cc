// What the worker says of its own death. The handlers come first and stay where the library puts its own: a fault that
// the library handles is none; what reaches these is one that nobody handled.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include "platform/heap.h"
#include "worker/system_linux.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
// Keys of the terminal and requests to a whole process group are the program's; the worker ends with its client only.
constexpr int kNotOurs[] = {SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGTERM};
constexpr size_t kSignalStack = 64 * 1024;

thread_local void* signal_stack;

void record_registers(wire::Death& death, const ucontext_t& context) {
  const greg_t* from = context.uc_mcontext.gregs;
  const int order[10] = {REG_EAX, REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP, REG_ESP, REG_EIP, REG_EFL};
  for (int at = 0; at < 10; ++at) death.registers[at] = static_cast<uint32_t>(from[order[at]]);
  death.instruction = death.registers[8];
}

// Bit 1 of the page fault's error code is set for a write, bit 4 for an instruction fetch (Intel SDM vol. 3, 4.7).
wire::Access access_of(int signal, const ucontext_t& context, uint32_t fault_address) {
  if (signal != SIGSEGV && signal != SIGBUS) return wire::Access::unknown;
  const auto error = static_cast<uint32_t>(context.uc_mcontext.gregs[REG_ERR]);
  if ((error & 16) != 0 || static_cast<uint32_t>(context.uc_mcontext.gregs[REG_EIP]) == fault_address)
    return wire::Access::execute;
  return (error & 2) != 0 ? wire::Access::write : wire::Access::read;
}

wire::Cause cause_of(int signal) {
  if (signal != SIGABRT) return wire::Cause::fault;
  return current_exception_type() != nullptr ? wire::Cause::threw : wire::Cause::aborted;
}

void on_fault(int signal, siginfo_t* info, void* context_pointer) {
  const auto& context = *static_cast<ucontext_t*>(context_pointer);
  if (wire::Death* death = claim_record(cause_of(signal), static_cast<uint32_t>(signal))) {
    death->detail = static_cast<uint32_t>(info->si_code);
    death->fault_address = address_of(info->si_addr);
    death->access = access_of(signal, context, death->fault_address);
    record_registers(*death, context);
    module_at(death->instruction, death->module, sizeof death->module, &death->module_offset);
    complete_record(*death, death->cause == wire::Cause::threw ? current_exception_type() : "");
  }
  ::signal(signal, SIG_DFL);
  if (info->si_code <= 0) raise(signal);  // sent by somebody: returning would not repeat it
}

void ignore(int) {}

void on_exit_of_process(int status, void*) {
  if (__atomic_load_n(&header().order, __ATOMIC_ACQUIRE) == static_cast<uint32_t>(wire::Order::end)) return;
  record_death(wire::Cause::exited, static_cast<uint32_t>(status), "");
}

void on_heap_corruption(const char* text, const void*) {
  record_death(wire::Cause::heap_corrupt, 0, text);
  _exit(134);
}

}  // namespace

void give_signal_stack() {
  signal_stack = mmap(nullptr, kSignalStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (signal_stack == MAP_FAILED) return;
  const stack_t stack = {signal_stack, 0, kSignalStack};
  sigaltstack(&stack, nullptr);
}

void drop_signal_stack() {
  if (signal_stack == MAP_FAILED) return;
  const stack_t none = {nullptr, SS_DISABLE, 0};
  sigaltstack(&none, nullptr);
  munmap(signal_stack, kSignalStack);
}

void guard_faults() {
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : kFaults) sigaction(signal, &action, nullptr);
  // Handlers, not SIG_IGN, which the programs that a library starts would inherit.
  struct sigaction ignored = {};
  ignored.sa_handler = ignore;
  ignored.sa_flags = SA_RESTART;
  for (const int signal : kNotOurs) sigaction(signal, &ignored, nullptr);
  // A core of the window would take longer to write than the client may wait; the record says more.
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  on_exit(on_exit_of_process, nullptr);
  heap::on_corruption(on_heap_corruption);
  prepare_for_forks();
}

}  // namespace halfword::worker
