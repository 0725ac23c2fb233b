// peer.grpc: unary calls with gRPC's C++ library over a Unix socket, 64 bits to 64 bits, as its tutorial makes them.
// Started by the benchmark as a measured program; it starts itself a second time, with the socket's name, as the far
// side. Each side is left to gRPC's own threads and defaults.
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "adder.grpc.pb.h"
#include "machine.h"
#include "measured_program.h"

namespace {

namespace bench = halfword::bench;

class AdderService final : public bench::Adder::Service {
  grpc::Status Add(grpc::ServerContext*, const bench::AddRequest* request, bench::AddReply* reply) override {
    reply->set_sum(request->a() + request->b());
    return grpc::Status::OK;
  }
};

int serve(const std::string& address) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  AdderService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto listening = builder.BuildAndStart();
  if (!listening) return 1;
  listening->Wait();
  return 0;
}

int call(const std::string& folder) {
  const std::string address = "unix:" + folder + "/socket";
  auto far_side = bench::ChildProcess::start({"/proc/self/exe", address}, {});
  if (!far_side) return 1;
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20))) return 1;
  const auto adder = bench::Adder::NewStub(channel);
  int i = 0;
  return bench::serve_runs(stdin, stdout, [&](std::uint64_t iterations, std::uint64_t batch) {
    return bench::time_calls(iterations, batch, [&] {
      grpc::ClientContext context;
      bench::AddRequest request;
      bench::AddReply reply;
      request.set_a(++i);
      request.set_b(7);
      return adder->Add(&context, request, &reply).ok() && reply.sum() == i + 7;
    });
  });
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) return serve(arguments[1]);
  char folder[] = "/tmp/halfword-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 1;
  const int status = call(folder);
  unlink((std::string(folder) + "/socket").c_str());
  rmdir(folder);
  return status;
}
