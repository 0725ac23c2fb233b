// The parts of a link that all workers started from Linux share: the sealed memory file, the keeper, the mappings.
#pragma once

#include <sys/types.h>

#include "platform/descriptor_linux.h"
#include "platform/keeper_linux.h"
#include "platform/worker_link.h"

namespace halfword {

class LinuxLink : public WorkerLink {
 public:
  explicit LinuxLink(WorkerProgram program) : program_(std::move(program)) {}
  ~LinuxLink() override;

  Result<void> create_memory(std::uint64_t size) override;
  Result<void*> map(void* place, std::size_t size, std::uint64_t offset, bool writable) override;
  void unmap(void* begin, std::size_t size) override;
  Result<void> start(wire::Header* header) override;
  Result<void> prepare_lane(wire::Header*, std::uint32_t) override { return {}; }
  bool prepares_lanes() const override { return false; }
  BellEnd client_bell(wire::LaneBlock& lane) override { return {&lane.client, wire::Wake::futex, nullptr}; }
  BellEnd worker_bell(wire::LaneBlock& lane) override { return {&lane.worker, wire::Wake::futex, nullptr}; }
  void wait_for_attention(std::uint32_t seen, Deadline deadline) override;
  std::optional<ProcessEnd> ended() override;
  void kill() override;
  std::string memory_path() const override { return memory_path_; }
  void ring_attendant() override;
  void ring_worker() override;

 protected:
  /// Starts the program with the memory file and, where it is given, a list of arguments.
  Result<void> start_program(wire::Header* header, std::vector<std::string> arguments,
                             std::vector<std::string> environment, bool own_group);

  WorkerProgram program_;
  Descriptor memory_;
  std::string memory_path_;
  wire::Header* header_ = nullptr;

 private:
  KeeperShared shared_ = {};
  Descriptor channel_;
  pid_t keeper_ = -1;
  void* stack_ = nullptr;
  std::optional<ProcessEnd> end_;
};

/// The program's environment without the variables that steer the dynamic loader (ld.so(8)): they name 64-bit files.
std::vector<std::string> environment_for_worker();

}  // namespace halfword
