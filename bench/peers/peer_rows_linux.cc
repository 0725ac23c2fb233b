// The rows of the peers; see peer_rows.h.
#include <nlohmann/json.hpp>

#include "peers/peer_rows.h"
#include "program_row.h"

namespace halfword::bench {
namespace {

// How much faster a call is than a peer is the question, so a peer is held against call.add and not only the floor.
RowTraits peer(std::string name, std::chrono::milliseconds slice, double faster) {
  const auto want = faster > 0 ? Reference::Want::at_least : Reference::Want::nothing;
  return {.name = std::move(name),
          .unit = "ns",
          .against = {{.row = "floor.spin"}, {.row = "call.add", .want = want, .ratio = faster}},
          .slice = slice,
          .optional = true};
}

class PipeJsonPeer : public Row {
 public:
  PipeJsonPeer(std::string program, const Placement& placement)
      : Row(peer("peer.pipe_json", std::chrono::milliseconds(60), 0)),
        program_(std::move(program)),
        placement_(placement) {}
  ~PipeJsonPeer() override {
    to_worker_.close();
    worker_.wait(1000);
  }

  Result<void> open() override;
  Result<Samples> run(std::uint64_t iterations, std::uint64_t batch) override {
    return time_calls(iterations, batch, [&] {
      const int i = next_++;
      auto sum = call(i, 7);
      return sum && *sum == i + 7;
    });
  }

 private:
  Result<int> call(int a, int b);

  std::string program_;
  Placement placement_;
  Descriptor to_worker_;
  Descriptor from_worker_;
  std::string unread_;
  ChildProcess worker_;
  int next_ = 0;
};

Result<void> PipeJsonPeer::open() {
  if (!is_program(program_))
    return fail(ErrorCode::file_not_found, program_ + " is not there; scripts/bench builds it");
  auto input = make_pipe();
  if (!input) return propagate(input);
  auto output = make_pipe();
  if (!output) return propagate(output);
  auto worker = ChildProcess::start({program_}, {{input->first.number(), 0}, {output->second.number(), 1}});
  if (!worker) return propagate(worker);
  worker_ = std::move(*worker);
  to_worker_ = std::move(input->second);
  from_worker_ = std::move(output->first);
  return bind_process(worker_.id(), {placement_.worker});
}

Result<int> PipeJsonPeer::call(int a, int b) {
  const nlohmann::json request = {{"function", "add"}, {"arguments", {a, b}}};
  if (auto written = write_all(to_worker_.number(), request.dump() + "\n"); !written) return propagate(written);
  auto line = read_line(from_worker_.number(), unread_);
  if (!line) return propagate(line);
  const nlohmann::json reply = nlohmann::json::parse(*line, nullptr, false);
  if (!reply.is_object() || !reply.contains("result")) return fail(ErrorCode::protocol_error, "answered: " + *line);
  return reply["result"].get<int>();
}

}  // namespace

std::unique_ptr<Row> make_grpc_peer(const std::string& program, const Placement& placement) {
  return std::make_unique<ProgramRow>(
      peer("peer.grpc", std::chrono::milliseconds(60), 300),
      ProgramRowOptions{.arguments = {program},
                        .environment = {},
                        .files = {},
                        .missing = "scripts/setup bench installs gRPC, and the next configure finds it"},
      placement);
}

std::unique_ptr<Row> make_msl_peer(const std::string& python, const std::string& script, const Placement& placement) {
  return std::make_unique<ProgramRow>(
      peer("peer.msl", std::chrono::milliseconds(150), 3000),
      ProgramRowOptions{.arguments = {python, script},
                        .environment = {},
                        .files = {script},
                        .missing = "scripts/bench installs msl-loadlib there, if it can be downloaded"},
      placement);
}

std::unique_ptr<Row> make_pipe_json_peer(const std::string& program, const Placement& placement) {
  return std::make_unique<PipeJsonPeer>(program, placement);
}

}  // namespace halfword::bench
