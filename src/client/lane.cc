#include "client/lane.h"

#include <cerrno>
#include <cstring>

#include "client/error_numbers.h"
#include "platform/last_error.h"

namespace halfword {
namespace {

// A lane's reply must be one that answers our message; anything else is a worker gone wrong.
bool is_known_reply(const wire::Line& line) {
  return line.kind == wire::Kind::returned || line.kind == wire::Kind::callback || line.kind == wire::Kind::threw;
}

std::string convention_hint(std::int32_t removed, std::uint32_t expected, std::uint32_t stack_bytes) {
  if (removed == static_cast<std::int32_t>(stack_bytes) && expected == 0)
    return "it took its " + std::to_string(stack_bytes) + " bytes of arguments off the stack: it looks like __stdcall";
  if (removed == 0) return "it left its arguments on the stack: it looks like __cdecl";
  if (removed > 0 && removed % 4 == 0)
    return "it took " + std::to_string(removed) + " bytes off the stack where " + std::to_string(expected) +
           " were expected: it looks like __stdcall with " + std::to_string(removed / 4) + " words of arguments, or " +
           "__fastcall with " + std::to_string(removed / 4 + 2);
  return "it moved the stack pointer by " + std::to_string(removed) + " bytes, which no convention does";
}

}  // namespace

Lane::Lane(std::shared_ptr<Worker> worker, std::uint32_t number, std::shared_ptr<CallbackTable> callbacks,
           std::shared_ptr<StaleMemory> stale)
    : worker_(std::move(worker)),
      number_(number),
      callbacks_(std::move(callbacks)),
      block_(worker_->window().lane(number)),
      channel_(worker_->channel(number)),
      space_(*worker_, *this, std::move(stale)),
      stack_(stack_of_this_thread()) {}

Lane::~Lane() {
  if (of_library_ || worker_->is_dead()) return;
  flags_ = 0;
  word_count_ = 0;
  send(wire::Kind::end, 0, 0, 0);
  worker_->close_lane(number_);
}

// ---- levels: which calls of this thread are still under way ----

// Calls that were left by longjmp have marks below (on a stack that grows down) where this call stands. A program that
// switches stacks inside a callback stands on none of the thread's own; then nothing is concluded.
std::uint32_t Lane::enter() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (stack_.contains(here))
    while (!marks_.empty() && marks_.back() < here && stack_.contains(marks_.back())) marks_.pop_back();
  marks_.push_back(here);
  return static_cast<std::uint32_t>(marks_.size() - 1);
}

void Lane::leave(std::uint32_t depth) { marks_.resize(depth); }

// ---- messages ----

void Lane::send(wire::Kind kind, std::uint8_t flags, std::uint32_t value, std::uint32_t depth) {
  wire::Line& line = channel_.outgoing();
  line.kind = kind;
  line.flags = flags;
  line.word_count = word_count_;
  line.value = value;
  line.depth = depth;
  channel_.send();
}

// Waits for the answer to what was sent at `depth`, serving the callbacks that come before it.
Result<wire::Line> Lane::converse(std::uint32_t depth, Deadline deadline, const std::string& function) {
  for (;;) {
    const Waited waited = channel_.wait(deadline);
    if (waited != Waited::message) return fail(no_answer(waited, function, deadline));
    const wire::Line line = channel_.incoming();  // copied once: only the copy is looked at
    if (!is_known_reply(line)) return fail(protocol_error("an unknown kind of message"));
    if (line.kind != wire::Kind::callback) return line;
    serve_callback(line, depth + 1);
    // Forked in the callback: this copy of the lane may even hold the answer to the parent.
    if (worker_->is_disowned()) return fail(worker_->death(number_, function));
  }
}

Error Lane::no_answer(Waited waited, const std::string& function, Deadline) {
  if (waited == Waited::timed_out) {
    Error error;
    error.code = ErrorCode::deadline_exceeded;
    error.message = "the call of " + function + " did not finish before its deadline; its worker was ended";
    error.function = function;
    Error cause = error;
    cause.message = "a call of " + function + " did not finish before its deadline";
    worker_->kill(std::move(cause));
    return error;
  }
  return worker_->death(number_, function);
}

Error Lane::protocol_error(const std::string& what) {
  Error error;
  error.code = ErrorCode::protocol_error;
  error.message = "the worker sent " + what + "; it was ended";
  worker_->kill(error);
  return error;
}

Error Lane::thrown() {
  char type[wire::kTextBytes];
  std::memcpy(type, block_.reply_overflow, sizeof type);
  type[sizeof type - 1] = 0;
  Error error;
  error.code = ErrorCode::library_threw;
  error.name = demangled_type(type);
  error.message = "an exception left the function: " + (error.name.empty() ? "of an unknown type" : error.name);
  return error;
}

// ---- calls ----

void Lane::fill_words(const std::uint32_t* words, std::uint32_t count) {
  word_count_ = static_cast<std::uint16_t>(count);
  if (count <= wire::kInlineWords) {
    std::memcpy(channel_.outgoing().words, words, count * 4);
    return;
  }
  if (count <= wire::kOverflowWords) {
    flags_ |= wire::kFlagOverflow;
    std::memcpy(block_.request_overflow, words, count * 4);
    return;
  }
  flags_ |= wire::kFlagIndirect;
  word_count_ = 2;
  channel_.outgoing().words[1] = count;
}

Result<void> Lane::call(const Invocation& invocation) {
  const int client_errno = errno;
  if (worker_->is_dead()) return fail(worker_->death(~0U, invocation.plan.function_name()));
  const model::Plan& plan = invocation.plan;
  const std::uint32_t count = plan.word_count();
  const std::uint32_t depth = enter();
  const LaneSpace::Mark before = space_.mark();
  flags_ = plan.line_flags();

  // The arguments of a plain call go straight into the line; others may need the lane for operations of their own while
  // they are laid out, so they are laid out beside it.
  std::uint32_t* words = channel_.outgoing().words;
  std::uint32_t small[64];
  model::Scratch large;
  if (!plan.is_plain() || count > wire::kInlineWords) {
    words = small;
    if (count > std::size(small)) {
      large = space_.allocate(count * 4, 16);
      words = static_cast<std::uint32_t*>(large.pointer);
    }
  }
  const auto finish = [&](Result<void> result) {
    space_.release(before);
    leave(depth);
    return result;
  };
  if (words == nullptr) return finish(fail(ErrorCode::no_memory, "the window has no room for the arguments"));
  model::CallFrame frame(words);
  if (Result<void> lowered = plan.lower(invocation.arguments, space_, frame); !lowered)
    return finish(std::move(lowered));
  if (words != channel_.outgoing().words) {
    fill_words(words, count);
    if ((flags_ & wire::kFlagIndirect) != 0) channel_.outgoing().words[0] = static_cast<std::uint32_t>(large.address);
  } else {
    word_count_ = static_cast<std::uint16_t>(count);
  }
  channel_.outgoing().error_number = to_worker_errno(client_errno, worker_->options().program.windows);
  channel_.outgoing().last_error = get_last_error();
  callback_error_.reset();
  send(wire::Kind::call, flags_, invocation.address, depth);
  Result<wire::Line> line = converse(depth, invocation.deadline, plan.function_name());
  if (!line) return finish(propagate(line));
  if (line->kind == wire::Kind::threw) {
    Error error = thrown();
    error.function = plan.function_name();
    return finish(fail(std::move(error)));
  }
  wire::Returned returned;
  std::memcpy(&returned, line->words, sizeof returned);
  if (Result<void> right = check_convention(plan, returned); !right) return finish(std::move(right));
  Result<void> raised = plan.raise(returned, invocation.result, invocation.arguments, space_, frame);
  if (raised && callback_error_) raised = fail(*std::exchange(callback_error_, std::nullopt));
  set_last_error(line->last_error);
  errno = from_worker_errno(line->error_number, worker_->options().program.windows);
  const int library_errno = errno;
  Result<void> result = finish(std::move(raised));
  errno = library_errno;
  return result;
}

Result<void> check_convention(const model::Plan& plan, const wire::Returned& returned) {
  if (returned.removed == static_cast<std::int32_t>(plan.callee_removes())) return {};
  Error error;
  error.code = ErrorCode::convention_mismatch;
  error.function = plan.function_name();
  error.message = "the function " + error.function +
                  " does not have the calling convention or the arguments declared: " +
                  convention_hint(returned.removed, plan.callee_removes(), plan.stack_bytes());
  return fail(std::move(error));
}

Result<std::uint32_t> Lane::run_batch(WorkerAddress entries, std::uint32_t count, Deadline deadline) {
  const std::uint32_t depth = enter();
  channel_.outgoing().words[0] = count;
  channel_.outgoing().error_number = 0;
  word_count_ = 1;
  send(wire::Kind::call, wire::kFlagBatch, static_cast<std::uint32_t>(entries), depth);
  Result<wire::Line> line = converse(depth, deadline, "a batch");
  leave(depth);
  if (!line) return propagate(line);
  if (line->kind == wire::Kind::threw) return fail(thrown());
  if (line->value > count) return fail(protocol_error("more results than calls"));
  return line->value;
}

Result<std::uint64_t> Lane::operate(wire::Operation operation, std::initializer_list<std::uint32_t> words,
                                    std::string* text) {
  if (worker_->is_dead()) return fail(worker_->death(~0U, ""));
  const int saved_errno = errno;
  const std::uint32_t depth = enter();
  std::memcpy(channel_.outgoing().words, words.begin(), words.size() * 4);
  channel_.outgoing().error_number = 0;
  word_count_ = static_cast<std::uint16_t>(words.size());
  send(wire::Kind::operation, 0, static_cast<std::uint32_t>(operation), depth);
  Result<wire::Line> line = converse(depth, Deadline::never(), "an operation of the worker");
  leave(depth);
  errno = saved_errno;
  if (!line) return propagate(line);
  if (line->kind != wire::Kind::returned) return fail(thrown());
  if (text != nullptr) {
    char copy[wire::kTextBytes];
    std::memcpy(copy, block_.reply_overflow, sizeof copy);
    copy[sizeof copy - 1] = 0;
    *text = copy;
  }
  return line->words[0] | std::uint64_t{line->words[1]} << 32;
}

// ---- callbacks ----

// The words of a callback: `line` is a private copy already; what lies in the overflow area is copied to `overflow`.
// nullptr if there are not as many as the callback takes.
const std::uint32_t* Lane::callback_words(const wire::Line& line, const Callback& callback,
                                          std::vector<std::uint32_t>& overflow) {
  const std::uint32_t count = callback.plan.word_count();
  if (line.word_count != count || count > wire::kOverflowWords) return nullptr;
  if ((line.flags & wire::kFlagOverflow) == 0) return count <= wire::kInlineWords ? line.words : nullptr;
  overflow.assign(block_.reply_overflow, block_.reply_overflow + count);
  return overflow.data();
}

Result<model::CallbackAnswer> Lane::run_callback(const wire::Line& line) {
  const std::shared_ptr<const Callback> callback = callbacks_->find(line.value);
  if (callback == nullptr)
    return fail(ErrorCode::stale_handle, "the library called a callback that was destroyed; it was answered with 0");
  std::vector<std::uint32_t> overflow;
  const std::uint32_t* words = callback_words(line, *callback, overflow);
  if (words == nullptr) return fail(protocol_error("a callback with the wrong number of arguments"));
  model::CallbackFrame frame;
  if (Result<void> raised = callback->plan.raise_arguments(words, space_, frame); !raised) return propagate(raised);
  alignas(16) std::byte small[64] = {};
  std::vector<std::byte> large(callback->plan.result_size() > sizeof small ? callback->plan.result_size() : 0);
  void* result = large.empty() ? small : large.data();
  errno = from_worker_errno(line.error_number, worker_->options().program.windows);
  set_last_error(line.last_error);
  callback->function(callback->user, result, frame.arguments());
  const int program_errno = errno;
  Result<model::CallbackAnswer> answer = callback->plan.lower_result(result, space_, frame);
  errno = program_errno;
  return answer;
}

void Lane::serve_callback(const wire::Line& line, std::uint32_t depth) {
  const LaneSpace::Mark before = space_.mark();
  Result<model::CallbackAnswer> answer = run_callback(line);
  if (worker_->is_disowned()) return;  // forked in the callback: the lane is the parent's
  space_.release(before);
  if (!answer && !callback_error_) callback_error_ = std::move(answer.error());
  const model::CallbackAnswer registers = answer.value_or(model::CallbackAnswer{});
  marks_.resize(depth);
  std::memcpy(channel_.outgoing().words, &registers, sizeof registers);
  word_count_ = sizeof registers / 4;
  channel_.outgoing().error_number = to_worker_errno(errno, worker_->options().program.windows);
  channel_.outgoing().last_error = get_last_error();
  send(wire::Kind::callback_return, 0, 0, depth);
}

void Lane::serve_library_thread(std::shared_ptr<Worker> worker, std::uint32_t number,
                                std::shared_ptr<CallbackTable> callbacks, std::shared_ptr<StaleMemory> stale) {
  Lane lane(std::move(worker), number, std::move(callbacks), std::move(stale));
  lane.of_library_ = true;
  lane.serve_callbacks();
}

void Lane::serve_callbacks() {
  for (;;) {
    if (channel_.wait(Deadline::never()) != Waited::message) return;
    const wire::Line line = channel_.incoming();
    if (line.kind != wire::Kind::callback) return;  // `ended`, or a worker gone wrong, which only loses this lane
    serve_callback(line, 0);
    callback_error_.reset();
  }
}

}  // namespace halfword
