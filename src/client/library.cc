#include "client/library.h"

#include <cstring>
#include <filesystem>

#include "client/locate.h"
#include "inspect/image.h"
#include "inspect/names.h"

namespace halfword {
namespace {

// Text and numbers that a worker's operation takes lie in scratch memory for its time.
class Scratch {
 public:
  explicit Scratch(Lane& lane) : lane_(lane), mark_(lane.mark()) {}
  ~Scratch() { lane_.release(mark_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Result<std::uint32_t> place(const std::string& text) {
    const model::Scratch memory = lane_.space().allocate(text.size() + 1, 1);
    if (memory.pointer == nullptr) return fail(ErrorCode::no_memory, "the window has no room for a name");
    std::memcpy(memory.pointer, text.c_str(), text.size() + 1);
    return static_cast<std::uint32_t>(memory.address);
  }

 private:
  Lane& lane_;
  LaneSpace::Mark mark_;
};

}  // namespace

OpenOptions default_options() {
  OpenOptions options;
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  const std::string window = value("HALFWORD_WINDOW"), wait = value("HALFWORD_WAIT");
  if (window == "off") options.window = WindowMode::off;
  if (window == "apart") options.window = WindowMode::apart;
  if (!window.empty() && window[0] >= '0' && window[0] <= '9')
    options.window_address = std::strtoull(window.c_str(), nullptr, 0);
  if (wait == "spin") options.wait = WaitMode::spin;
  if (wait == "block") options.wait = WaitMode::block;
  return options;
}

// ---- Library ----

Library::Library(std::string file, std::string target_name, model::Target target, const OpenOptions& options)
    : file_(std::move(file)),
      target_name_(std::move(target_name)),
      target_(target),
      deadline_ns_(options.deadline_ns) {}

Result<std::unique_ptr<Library>> Library::open(const std::string& file, const OpenOptions& options) {
  Result<LibraryFile> found = locate_library(file, options.search);
  if (!found) return propagate(found);
  Result<WorkerProgram> program = find_worker(found->target_name, options.search);
  if (!program) {
    program.error().file = found->path;
    return propagate(program);
  }
  const std::optional<model::Target> target = model::target_named(found->target_name);
  if (!target)
    return fail(ErrorCode::wrong_bitness,
                found->path + " is built for " + found->target_name + ", which halfword does not know");
  std::unique_ptr<Library> library(new Library(found->path, found->target_name, *target, options));
  if (options.beside != nullptr) {
    library->session_ = options.beside;
  } else {
    Result<std::shared_ptr<Session>> session =
        Session::start({*program, options.window, options.window_address, options.wait,
                        std::filesystem::path(found->path).filename().string()});
    if (!session) return propagate(session);
    library->session_ = std::move(*session);
  }
  Result<Lane*> lane = library->session_->lane();
  if (!lane) return propagate(lane);
  if (Result<void> joined = library->join(**lane); !joined) return propagate(joined);
  library->session_->add(library.get());
  return library;
}

Library::~Library() {
  session_->remove(this);
  if (module_ == 0) return;
  if (Result<Lane*> lane = session_->lane(); lane) {
    if ((*lane)->operate(wire::Operation::unload, {module_})) session_->worker()->follow_regions();
  }
}

Result<void> Library::join(Lane& lane) {
  Scratch scratch(lane);
  Result<std::uint32_t> path = scratch.place(file_);
  if (!path) return propagate(path);
  std::string text;
  Result<std::uint64_t> loaded = lane.operate(wire::Operation::load, {*path, 0}, &text);
  if (!loaded) return propagate(loaded);
  module_ = static_cast<std::uint32_t>(*loaded);
  if (module_ == 0) return fail(load_error(text, static_cast<std::uint32_t>(*loaded >> 32)));
  return lane.worker().follow_regions();
}

Error Library::load_error(const std::string& text, std::uint32_t system_number) const {
  return explain_load_failure(file_, target_name_, text, system_number);
}

Result<WorkerAddress> Library::resolve(const std::string& symbol) {
  Result<Lane*> lane = session_->lane();
  if (!lane) return propagate(lane);
  Scratch scratch(**lane);
  std::uint32_t ordinal = 0, name = 0;
  if (symbol.starts_with('#')) {
    ordinal = static_cast<std::uint32_t>(std::strtoul(symbol.c_str() + 1, nullptr, 10));
    if (ordinal == 0 || ordinal > 0xffff)
      return fail(ErrorCode::argument_type, symbol + " is not an ordinal: write # and a number from 1 to 65535");
  } else {
    Result<std::uint32_t> placed = scratch.place(symbol);
    if (!placed) return propagate(placed);
    name = *placed;
  }
  Result<std::uint64_t> address = (*lane)->operate(wire::Operation::resolve, {module_, name, ordinal});
  if (!address) return propagate(address);
  if (*address == 0) return fail(missing_export(symbol));
  return *address;
}

Error Library::missing_export(const std::string& symbol) const {
  Error error;
  error.code = ErrorCode::export_missing;
  error.file = file_;
  error.name = symbol;
  error.message = file_ + " has no export " + symbol;
  if (const Result<inspect::Image> image = inspect::read_library(file_); image)
    error.searched = inspect::nearest_names(image->exports, symbol);
  for (std::size_t at = 0; at < error.searched.size(); ++at)
    error.message += (at == 0 ? "; the nearest are " : ", ") + error.searched[at];
  return error;
}

Deadline Library::deadline(std::int64_t deadline_ns) const {
  const std::int64_t ns = deadline_ns != 0 ? deadline_ns : deadline_ns_;
  return ns > 0 ? Deadline::after(ns) : Deadline::never();
}

Result<void*> Library::allocate(std::size_t size) {
  if (session_->options().mode == WindowMode::off)
    return fail(ErrorCode::unsupported, "memory of the library's heap cannot be seen here: the window is off");
  Result<Lane*> lane = session_->lane();
  if (!lane) return propagate(lane);
  if (size > UINT32_MAX)
    return fail(ErrorCode::no_memory, "a 32-bit library has no " + std::to_string(size) + " bytes");
  Result<std::uint64_t> address = (*lane)->operate(wire::Operation::allocate, {static_cast<std::uint32_t>(size)});
  if (!address) return propagate(address);
  void* pointer = *address == 0 ? nullptr : (*lane)->worker().window().pointer_to(*address, size);
  if (pointer != nullptr) return pointer;
  if (*address != 0) (*lane)->operate(wire::Operation::release, {static_cast<std::uint32_t>(*address)});
  return fail(ErrorCode::no_memory, "the window has no room for " + std::to_string(size) + " bytes");
}

Result<void> Library::release(void* pointer) {
  if (pointer == nullptr) return {};
  Result<Lane*> lane = session_->lane();
  if (!lane) return propagate(lane);
  const model::Location where = (*lane)->space().locate(pointer, 1);
  if (where.place == model::Location::Place::client)
    return fail(ErrorCode::argument_range, "the pointer to free is not memory of the library's");
  Result<std::uint64_t> done = (*lane)->operate(wire::Operation::release, {static_cast<std::uint32_t>(where.address)});
  if (!done) return propagate(done);
  return {};
}

// ---- CallbackObject ----

CallbackObject::CallbackObject(std::shared_ptr<Session> session, std::shared_ptr<const Callback> callback)
    : session_(std::move(session)), callback_(std::move(callback)), number_(session_->callbacks()->add(callback_)) {}

Result<std::shared_ptr<CallbackObject>> CallbackObject::create(Library& library, const std::string& prototype,
                                                               CallbackFunction function, void* user) {
  Result<model::Prototype> parsed = model::parse_prototype(prototype);
  if (!parsed) return propagate(parsed);
  Result<model::CallbackPlan> plan = model::compile_callback(parsed->function, model::this_target(), library.target());
  if (!plan) return propagate(plan);
  auto callback = std::make_shared<const Callback>(Callback{std::move(*plan), function, user, parsed->function.name});
  std::shared_ptr<CallbackObject> made(new CallbackObject(library.shared_session(), std::move(callback)));
  Result<Lane*> lane = made->session_->lane();
  if (!lane) return propagate(lane);
  if (Result<void> joined = made->join(**lane); !joined) return propagate(joined);
  made->session_->add(made.get());
  return made;
}

CallbackObject::~CallbackObject() {
  session_->remove(this);
  session_->callbacks()->remove(number_);
  if (thunk_ == 0) return;
  if (Result<Lane*> lane = session_->lane(); lane) (*lane)->operate(wire::Operation::drop_thunk, {thunk_});
}

void* CallbackObject::pointer() {
  if (session_->worker()->is_disowned()) static_cast<void>(session_->lane());  // the call will tell of an error
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(thunk_.load()));
}

Result<void> CallbackObject::join(Lane& lane) {
  const model::CallbackPlan& plan = callback_->plan;
  Result<std::uint64_t> thunk = lane.operate(wire::Operation::make_thunk,
                                             {number_, plan.stack_words(), plan.callee_removes(), plan.thunk_flags()});
  if (!thunk) return propagate(thunk);
  if (*thunk == 0) return fail(ErrorCode::no_memory, "the worker has no room for one more callback");
  thunk_ = static_cast<std::uint32_t>(*thunk);
  return {};
}

// ---- Function ----

Function::Function(Library& library, model::Plan plan, std::string symbol)
    : library_(library), plan_(std::move(plan)), symbol_(std::move(symbol)), resolved_(0) {}

namespace {

struct Prepared {
  model::Plan plan;
  std::string name;
};

Result<Prepared> prepare(Library& library, const std::string& prototype) {
  Result<model::Prototype> parsed = model::parse_prototype(prototype);
  if (!parsed) return propagate(parsed);
  Result<model::Plan> plan = model::compile(parsed->function, model::this_target(), library.target());
  if (!plan) return propagate(plan);
  return Prepared{std::move(*plan), parsed->function.name};
}

}  // namespace

Result<std::unique_ptr<Function>> Function::create(Library& library, const std::string& prototype, std::string symbol) {
  Result<Prepared> prepared = prepare(library, prototype);
  if (!prepared) return propagate(prepared);
  if (symbol.empty()) symbol = prepared->name;
  if (symbol.empty()) return fail(ErrorCode::argument_type, "the prototype has no name, and no symbol was given");
  std::unique_ptr<Function> function(new Function(library, std::move(prepared->plan), std::move(symbol)));
  if (Result<std::uint32_t> address = function->address(); !address) return propagate(address);
  return function;
}

Result<std::unique_ptr<Function>> Function::create_at(Library& library, const std::string& prototype,
                                                      WorkerAddress address) {
  if (address == 0 || address > UINT32_MAX)
    return fail(ErrorCode::argument_range, "a function of a 32-bit library lies between 1 and 0xffffffff");
  Result<Prepared> prepared = prepare(library, prototype);
  if (!prepared) return propagate(prepared);
  std::unique_ptr<Function> function(new Function(library, std::move(prepared->plan), ""));
  function->resolved_ = std::uint64_t{library.session().generation()} << 32 | address;
  return function;
}

Result<std::uint32_t> Function::address() {
  const std::uint32_t present = library_.session().generation();
  const std::uint64_t known = resolved_.load(std::memory_order_relaxed);
  if (known >> 32 == present) return static_cast<std::uint32_t>(known);
  if (symbol_.empty())
    return fail(ErrorCode::stale_handle, "the function's address was given out by a worker that is gone");
  Result<WorkerAddress> address = library_.resolve(symbol_);
  if (!address) return propagate(address);
  resolved_ = std::uint64_t{present} << 32 | *address;
  return static_cast<std::uint32_t>(*address);
}

Result<void> Function::call(void* result, void* const* arguments, std::int64_t deadline_ns) {
  Result<Lane*> lane = library_.session().lane();
  if (!lane) return propagate(lane);
  Result<std::uint32_t> address = this->address();
  if (!address) return propagate(address);
  return (*lane)->call({plan_, *address, arguments, result, library_.deadline(deadline_ns)});
}

}  // namespace halfword
