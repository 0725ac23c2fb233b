// A library as the program has it, and its functions.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "client/session.h"
#include "interface/parser.h"
#include "interface/plan.h"

namespace halfword {

struct OpenOptions {
  WindowMode window = WindowMode::shared;
  WaitMode wait = WaitMode::automatic;
  std::int64_t deadline_ns = 0;  ///< 0: none
  std::vector<std::string> search;
  WorkerAddress window_address = 0;
  std::shared_ptr<Session> beside;  ///< nullptr: a worker of its own
};

/// What the environment says: HALFWORD_WINDOW and HALFWORD_WAIT (surfaces: `auto`, `off`, an address, `apart`; `auto`,
/// `spin`, `block`). What it says otherwise is ignored.
OpenOptions default_options();

class Library : private Session::Member {
 public:
  static Result<std::unique_ptr<Library>> open(const std::string& file, const OpenOptions& options);
  ~Library();

  Session& session() { return *session_; }
  const std::shared_ptr<Session>& shared_session() { return session_; }
  const std::string& file() const { return file_; }
  const std::string& target_name() const { return target_name_; }
  model::Target target() const { return target_; }

  /// The worker's address of an export: a name, decorated or not, or "#ordinal". export_missing with the nearest names.
  Result<WorkerAddress> resolve(const std::string& symbol);

  /// When a call with `deadline_ns` from now must be done: 0 is the library's own, negative is never.
  Deadline deadline(std::int64_t deadline_ns) const;

  /// Memory of the library's own heap.
  Result<void*> allocate(std::size_t size);
  Result<void> release(void* pointer);

 private:
  Library(std::string file, std::string target_name, model::Target target, const OpenOptions& options);
  Result<void> join(Lane& lane) override;
  Error load_error(const std::string& text, std::uint32_t system_number) const;
  Error missing_export(const std::string& symbol) const;

  std::string file_;
  std::string target_name_;
  model::Target target_;
  std::int64_t deadline_ns_;
  std::shared_ptr<Session> session_;
  std::atomic<std::uint32_t> module_ = 0;
};

class Function {
 public:
  /// \param symbol  as Library::resolve takes it; empty: the prototype's own name
  static Result<std::unique_ptr<Function>> create(Library& library, const std::string& prototype, std::string symbol);
  static Result<std::unique_ptr<Function>> create_at(Library& library, const std::string& prototype,
                                                     WorkerAddress address);

  Result<void> call(void* result, void* const* arguments, std::int64_t deadline_ns);

  const model::Plan& plan() const { return plan_; }
  Library& library() { return library_; }
  /// The address in the present worker; stale_handle for a function made by address in an older one.
  Result<std::uint32_t> address();

 private:
  Function(Library& library, model::Plan plan, std::string symbol);

  Library& library_;
  model::Plan plan_;
  std::string symbol_;                   // empty: made by address
  std::atomic<std::uint64_t> resolved_;  // generation << 32 | address
};

/// A function of the program's that the library can call, in whichever worker is the present one.
class CallbackObject : private Session::Member {
 public:
  static Result<std::shared_ptr<CallbackObject>> create(Library& library, const std::string& prototype,
                                                        CallbackFunction function, void* user);
  ~CallbackObject();

  /// What the library calls, as the program passes it. In a forked child this is the first use of its own worker.
  void* pointer();

 private:
  CallbackObject(std::shared_ptr<Session> session, std::shared_ptr<const Callback> callback);
  Result<void> join(Lane& lane) override;

  std::shared_ptr<Session> session_;
  std::shared_ptr<const Callback> callback_;
  std::uint32_t number_;
  std::atomic<std::uint32_t> thunk_ = 0;
};

}  // namespace halfword
