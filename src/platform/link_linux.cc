#include "platform/link_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "platform/futex_linux.h"

extern char** environ;

namespace halfword {
namespace {

// Away from 0, 1 and 2, which the program may have closed and which the worker must not get from us.
constexpr int kLowestDescriptor = 10;

Result<Descriptor> moved_up(int number, const char* what) {
  Descriptor low(number);
  if (!low.valid()) return fail_system(what, static_cast<unsigned>(errno));
  Descriptor high(fcntl(low.get(), F_DUPFD_CLOEXEC, kLowestDescriptor));
  if (!high.valid()) return fail_system(what, static_cast<unsigned>(errno));
  return high;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& one : strings) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<void> become_attendant() {
  if (close_range(3, ~0U, CLOSE_RANGE_UNSHARE) != 0)
    return fail_system("a table of descriptors of halfword's own could not be made (close_range)",
                       static_cast<unsigned>(errno));
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  return {};
}

std::vector<std::string> environment_for_worker() {
  std::vector<std::string> kept;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (strncmp(*variable, "LD_", 3) != 0) kept.emplace_back(*variable);
  // A library sees the locale that its program has chosen, which may be another than the environment's.
  if (const char* locale = setlocale(LC_ALL, nullptr); locale != nullptr && strcmp(locale, "C") != 0)
    kept.push_back(std::string("HALFWORD_LOCALE=") + locale);
  return kept;
}

LinuxLink::~LinuxLink() {
  if (keeper_ > 0) {
    kill();
    reap_keeper(keeper_);
  }
  if (stack_ != nullptr) munmap(stack_, kKeeperStack);
}

Result<void> LinuxLink::create_memory(std::uint64_t size) {
  Result<Descriptor> file = moved_up(memfd_create("halfword", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create");
  if (!file) return propagate(file);
  if (ftruncate64(file->get(), static_cast<off64_t>(size)) != 0)
    return fail_system("the window's memory could not be made (ftruncate)", static_cast<unsigned>(errno));
  // A worker that could shrink the file would take its client's pages away in the middle of a read.
  if (fcntl(file->get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return fail_system("the window's memory could not be sealed", static_cast<unsigned>(errno));
  memory_ = std::move(*file);
  // Of the thread: the process's own table does not have it (become_attendant).
  memory_path_ = "/proc/" + std::to_string(getpid()) + "/task/" + std::to_string(gettid()) + "/fd/" +
                 std::to_string(memory_.get());
  return {};
}

Result<void*> LinuxLink::map(void* place, std::size_t size, std::uint64_t offset, bool writable) {
  const int flags = MAP_SHARED | MAP_NORESERVE | (place == nullptr ? 0 : MAP_FIXED_NOREPLACE);
  void* mapped =
      mmap64(place, size, PROT_READ | (writable ? PROT_WRITE : 0), flags, memory_.get(), static_cast<off64_t>(offset));
  if (mapped == MAP_FAILED) return fail(ErrorCode::no_memory, std::string("mmap: ") + strerror(errno));
  if (place != nullptr && mapped != place) {  // a kernel before 4.17 takes the flag for a hint
    munmap(mapped, size);
    return fail(ErrorCode::no_memory, "mmap: the place is taken");
  }
  return mapped;
}

void LinuxLink::unmap(void* begin, std::size_t size) { munmap(begin, size); }

Result<void> LinuxLink::start(wire::Header* header) {
  header->wake = static_cast<std::uint32_t>(wire::Wake::futex);
  std::vector<std::string> environment = environment_for_worker();
  std::string folders;
  for (const std::string& folder : program_.search) folders += (folders.empty() ? "" : ":") + folder;
  if (!folders.empty()) environment.push_back("LD_LIBRARY_PATH=" + folders);
  return start_program(header, {program_.path}, std::move(environment), false);
}

Result<void> LinuxLink::start_program(wire::Header* header, std::vector<std::string> arguments,
                                      std::vector<std::string> environment, bool own_group) {
  header_ = header;
  header->keeper_file = static_cast<std::uint32_t>(memory_.get());
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_system("socketpair", static_cast<unsigned>(errno));
  Result<Descriptor> ours = moved_up(ends[0], "socketpair");
  Result<Descriptor> theirs = moved_up(ends[1], "socketpair");
  if (!ours) return propagate(ours);
  if (!theirs) return propagate(theirs);
  stack_ = mmap(nullptr, kKeeperStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack_ == MAP_FAILED) {
    stack_ = nullptr;
    return fail_system("mmap", static_cast<unsigned>(errno));
  }
  std::vector<char*> argument_pointers = pointers_to(arguments);
  std::vector<char*> environment_pointers = pointers_to(environment);
  shared_ = {arguments[0].c_str(),
             argument_pointers.data(),
             environment_pointers.data(),
             memory_.get(),
             theirs->get(),
             own_group,
             &header->client_attention,
             0,
             0,
             0};
  Result<pid_t> keeper = start_keeper(&shared_, stack_);
  if (!keeper) return propagate(keeper);
  keeper_ = *keeper;
  channel_ = std::move(*ours);
  // The strings above live until the worker's exec has read them.
  while (__atomic_load_n(&shared_.worker, __ATOMIC_ACQUIRE) == 0 &&
         __atomic_load_n(&shared_.done, __ATOMIC_ACQUIRE) == 0)
    yield();
  if (shared_.worker < 0)
    return fail_system("the worker " + arguments[0] + " could not be started", static_cast<unsigned>(-shared_.worker));
  return {};
}

void LinuxLink::wait_for_attention(std::uint32_t seen, Deadline deadline) {
  futex_wait(&header_->client_attention, seen, deadline);
}

std::optional<ProcessEnd> LinuxLink::ended() {
  if (!end_ && keeper_ < 0) end_ = ProcessEnd{false, 127};  // it never started
  if (end_ || __atomic_load_n(&shared_.done, __ATOMIC_ACQUIRE) == 0) return end_;
  reap_keeper(keeper_);
  keeper_ = -1;
  const int status = shared_.status;
  end_ = WIFSIGNALED(status) ? ProcessEnd{true, static_cast<std::uint32_t>(WTERMSIG(status))}
                             : ProcessEnd{false, static_cast<std::uint32_t>(WEXITSTATUS(status))};
  return end_;
}

void LinuxLink::kill() {
  const char request = 'k';
  // The keeper, which alone may reap the worker, kills it: no process number is ever used after it was given away.
  if (channel_.valid() && send(channel_.get(), &request, 1, MSG_NOSIGNAL) < 0) return;
}

void LinuxLink::ring_attendant() {
  __atomic_add_fetch(&header_->client_attention, 1, __ATOMIC_SEQ_CST);
  futex_wake(&header_->client_attention);
}

void LinuxLink::ring_worker() {
  __atomic_add_fetch(&header_->worker_attention, 1, __ATOMIC_SEQ_CST);
  futex_wake(&header_->worker_attention);
}

}  // namespace halfword
