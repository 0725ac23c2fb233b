// The link from a Linux client to a worker under Wine: the memory file and the keeper of every worker on Linux, and a
// pipe each way to wake by, since neither side can sleep on a word of the other's.
//
// Locking: none. Rings are collected in `rung_` by any thread and written by the attendant; `reader_` only wakes.
#pragma once

#include <array>
#include <atomic>
#include <thread>

#include "platform/link_linux.h"
#include "platform/ringer.h"
#include "platform/wine_linux.h"

namespace halfword {

class WineLink : public LinuxLink, private Ringer {
 public:
  explicit WineLink(WorkerProgram program) : LinuxLink(std::move(program)) {}
  ~WineLink() override;

  Result<void> start(wire::Header* header) override;
  BellEnd worker_bell(wire::LaneBlock& lane) override;
  void wait_for_attention(std::uint32_t seen, Deadline deadline) override;
  void ring_worker() override;
  std::string memory_path() const override { return LinuxLink::memory_path(); }

 private:
  void ring(wire::Bell* bell) override;
  Result<void> open_pipes();
  std::string path_of(const Descriptor& descriptor) const;
  std::vector<std::string> environment(const wine::Installation& installation) const;
  void write_rings();
  void let_go_of_start();
  void read_rings();
  void wake(std::uint32_t token);

  // Of the header, which the worker could change.
  wire::LaneBlock* lanes_ = nullptr;
  std::uint32_t lanes_offset_ = 0, lane_count_ = 0;

  Descriptor rings_out_, rings_in_;          // ours
  Descriptor worker_reads_, worker_writes_;  // the worker's, until it has opened them
  Descriptor stop_;                          // an eventfd that ends the reader
  wine::PrefixLock prefix_lock_;
  std::thread reader_;

  // A bit for each lane, and the last for the worker's main thread.
  static constexpr std::uint32_t kAttention = wire::kMaxLanes;
  std::array<std::atomic<std::uint32_t>, wire::kMaxLanes / 32 + 1> rung_ = {};
};

}  // namespace halfword
