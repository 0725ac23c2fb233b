#include "platform/link_wine_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>

#include "platform/futex_linux.h"

namespace halfword {
namespace {

constexpr char kUnixFolder[] = R"(\\?\unix)";  // the root folder of the machine, as programs under Wine open it

std::string wine_path(std::string path) {
  for (char& letter : path)
    if (letter == '/') letter = '\\';
  return kUnixFolder + path;
}

void append(std::string* list, const std::string& folder) {
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(folder, error).string();
  if (!error) *list += (list->empty() ? "" : "\n") + absolute;
}

}  // namespace

WineLink::~WineLink() {
  kill();
  if (!reader_.joinable()) return;
  const std::uint64_t one = 1;
  if (write(stop_.get(), &one, sizeof one) == sizeof one) reader_.join();
}

std::string WineLink::path_of(const Descriptor& descriptor) const {
  const std::string folder = memory_path_.substr(0, memory_path_.rfind('/') + 1);
  return wine_path(folder + std::to_string(descriptor.get()));
}

Result<void> WineLink::open_pipes() {
  int to_worker[2], from_worker[2];
  if (pipe2(to_worker, O_CLOEXEC) != 0) return fail_system("pipe2", static_cast<unsigned>(errno));
  worker_reads_ = Descriptor(to_worker[0]);
  rings_out_ = Descriptor(to_worker[1]);
  if (pipe2(from_worker, O_CLOEXEC) != 0) return fail_system("pipe2", static_cast<unsigned>(errno));
  rings_in_ = Descriptor(from_worker[0]);
  worker_writes_ = Descriptor(from_worker[1]);
  stop_ = Descriptor(eventfd(0, EFD_CLOEXEC));
  if (!stop_.valid()) return fail_system("eventfd", static_cast<unsigned>(errno));
  // A worker that does not read must not stop the attendant.
  fcntl(rings_out_.get(), F_SETFL, O_NONBLOCK);
  return {};
}

std::vector<std::string> WineLink::environment(const wine::Installation& installation) const {
  std::vector<std::string> all = environment_for_worker();
  std::erase_if(all, [](const std::string& one) { return one.starts_with("WINEPREFIX="); });
  all.push_back("WINEPREFIX=" + installation.prefix);
  if (getenv("WINEDEBUG") == nullptr) all.emplace_back("WINEDEBUG=-all");
  std::string folders;
  for (const std::string& folder : program_.search) append(&folders, folder);
  if (!folders.empty()) all.push_back("HALFWORD_SEARCH=" + folders);
  return all;
}

Result<void> WineLink::start(wire::Header* header) {
  Result<wine::Installation> installation = wine::find();
  if (!installation) return propagate(installation);
  if (Result<void> taken = prefix_lock_.take(*installation); !taken) return taken;
  if (Result<void> opened = open_pipes(); !opened) return opened;
  header->wake = static_cast<std::uint32_t>(wire::Wake::pipe);
  const std::string reads = path_of(worker_reads_), writes = path_of(worker_writes_);
  if (reads.size() >= sizeof header->channel[0] || writes.size() >= sizeof header->channel[1])
    return fail(ErrorCode::environment, "the path of a pipe is too long: " + reads);
  memcpy(header->channel[0], reads.c_str(), reads.size() + 1);
  memcpy(header->channel[1], writes.c_str(), writes.size() + 1);
  lanes_offset_ = header->lanes_offset;
  lane_count_ = header->lane_count;
  lanes_ = reinterpret_cast<wire::LaneBlock*>(reinterpret_cast<std::byte*>(header) + lanes_offset_);
  Result<void> started = start_program(header, wine::command(*installation, program_.path, wine_path(memory_path_)),
                                       environment(*installation), true);
  // Begun here, on the attendant, whose descriptors it shares.
  if (started) reader_ = std::thread([this] { read_rings(); });
  return started;
}

// ---- rings to the worker ----

BellEnd WineLink::worker_bell(wire::LaneBlock& lane) {
  return {&lane.worker, wire::Wake::pipe, static_cast<Ringer*>(this)};
}

void WineLink::ring(wire::Bell* bell) {
  const auto offset = reinterpret_cast<std::byte*>(bell) - reinterpret_cast<std::byte*>(lanes_);
  const auto number = static_cast<std::uint32_t>(offset / wire::kLaneBlockSize);
  rung_[number / 32].fetch_or(1U << (number % 32), std::memory_order_release);
  ring_attendant();
}

void WineLink::ring_worker() {
  __atomic_add_fetch(&header_->worker_attention, 1, __ATOMIC_SEQ_CST);
  rung_[kAttention / 32].fetch_or(1, std::memory_order_release);
  ring_attendant();
}

void WineLink::write_rings() {
  for (std::uint32_t index = 0; index < rung_.size(); ++index) {
    std::uint32_t bits = rung_[index].exchange(0, std::memory_order_acquire);
    for (; bits != 0; bits &= bits - 1) {
      const std::uint32_t number = index * 32 + static_cast<std::uint32_t>(__builtin_ctz(bits));
      const auto in_lane = static_cast<std::uint32_t>(offsetof(wire::LaneBlock, worker));
      const std::uint32_t token = number == kAttention ? 0 : lanes_offset_ + number * wire::kLaneBlockSize + in_lane;
      if (write(rings_out_.get(), &token, sizeof token) == sizeof token) continue;
      if (errno == EAGAIN) rung_[index].fetch_or(bits, std::memory_order_release);  // the worker will read some day
      break;
    }
  }
}

void WineLink::let_go_of_start() {
  const auto state = static_cast<wire::WorkerState>(__atomic_load_n(&header_->worker_state, __ATOMIC_ACQUIRE));
  if (state != wire::WorkerState::ready) return;
  worker_reads_.reset();
  worker_writes_.reset();
  prefix_lock_.release();
}

void WineLink::wait_for_attention(std::uint32_t seen, Deadline deadline) {
  if (worker_reads_.valid()) let_go_of_start();
  write_rings();
  LinuxLink::wait_for_attention(seen, deadline);
}

// ---- rings from the worker, on the reader's thread ----

void WineLink::wake(std::uint32_t token) {
  if (token == 0) {
    futex_wake(&header_->client_attention);
    return;
  }
  const std::uint32_t number = (token - lanes_offset_) / wire::kLaneBlockSize;
  if (token >= lanes_offset_ && number < lane_count_) futex_wake(&lanes_[number].client.bell);
}

void WineLink::read_rings() {
  pollfd watched[2] = {{rings_in_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) return;
    std::uint32_t tokens[64];
    const ssize_t size = read(rings_in_.get(), tokens, sizeof tokens);
    if (size <= 0) return;  // the worker is gone, which the keeper tells
    for (std::size_t at = 0; at < static_cast<std::size_t>(size) / sizeof *tokens; ++at) wake(tokens[at]);
  }
}

}  // namespace halfword
