// Locking: Watch::mutex_ guards done_.
#include "cli/loading.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "client/locate.h"

namespace halfword::cli {
namespace {

// Large libraries under a Wine that has just started take seconds; one that takes longer than this waits for somebody.
constexpr auto kLongestLoad = std::chrono::seconds(60);

// Ends the worker unless it is told in time that the library is loaded.
class Watch {
 public:
  Watch(std::shared_ptr<Worker> worker, const std::string& file)
      : thread_([this, worker = std::move(worker), file] { watch(*worker, file); }) {}
  ~Watch() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void watch(Worker& worker, const std::string& file) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kLongestLoad, [this] { return done_; })) return;
    lock.unlock();
    Error cause;
    cause.code = ErrorCode::deadline_exceeded;
    cause.file = file;
    cause.message = "it was still not loaded after " + std::to_string(kLongestLoad.count()) + " s";
    worker.kill(std::move(cause));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

Result<LoadedLibrary> load_library(const std::string& file, const std::vector<std::string>& search) {
  Result<LibraryFile> found = locate_library(file, search);
  if (!found) return propagate(found);
  Result<WorkerProgram> program = find_worker(found->target_name, search);
  if (!program) {
    program.error().file = found->path;
    return propagate(program);
  }
  OpenOptions options = default_options();
  options.search = search;
  WorkerOptions worker;
  worker.program = std::move(*program);
  worker.mode = options.window;
  worker.window_address = options.window_address;
  worker.wait = options.wait;
  worker.library = std::filesystem::path(found->path).filename().string();
  Result<std::shared_ptr<Session>> session = Session::start(std::move(worker));
  if (!session) return propagate(session);
  options.beside = *session;
  const Watch watch((*session)->worker(), found->path);
  Result<std::unique_ptr<Library>> library = Library::open(found->path, options);
  if (!library) return propagate(library);
  return LoadedLibrary{std::move(*session), std::move(*library)};
}

}  // namespace halfword::cli
