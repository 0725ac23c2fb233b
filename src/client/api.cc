// The C ABI (include/halfword/halfword.h): nothing but the way from plain C to the classes of this folder. No exception
// leaves it: what little can throw here is memory that is used up.
#include <cstdlib>
#include <cstring>
#include <new>

#include "client/batch.h"
#include "client/library.h"
#include "halfword/halfword.h"
#include "platform/last_error.h"

struct hw_error {
  halfword::Error error;
};
struct hw_library {
  std::unique_ptr<halfword::Library> library;
};
struct hw_function {
  std::unique_ptr<halfword::Function> function;
  std::vector<std::size_t> argument_sizes;
  std::string description;
};
struct hw_callback {
  std::shared_ptr<halfword::CallbackObject> callback;
};
struct hw_batch {
  halfword::Batch batch;
};

namespace {

using halfword::Error;
using halfword::ErrorCode;
using halfword::Result;

hw_code report(Error error, hw_error** out) {
  const auto code = static_cast<hw_code>(error.code);
  if (out != nullptr) *out = new (std::nothrow) hw_error{std::move(error)};
  return code;
}

hw_code succeed(hw_error** out) {
  if (out != nullptr) *out = nullptr;
  return HW_OK;
}

template <class T>
hw_code answer(Result<T>& result, hw_error** out) {
  return result ? succeed(out) : report(std::move(result.error()), out);
}

// Runs `body`, which returns a Result<void>, where memory may be used up on the way.
template <class Body>
hw_code guarded(hw_error** out, Body body) {
  try {
    Result<void> result = body();
    return answer(result, out);
  } catch (const std::bad_alloc&) {
    if (out != nullptr) *out = nullptr;
    return HW_ERROR_no_memory;
  }
}

std::unexpected<Error> wrong(const char* what) { return halfword::fail(ErrorCode::argument_type, what); }

Result<halfword::OpenOptions> options_of(const hw_open_options* given) {
  halfword::OpenOptions options = halfword::default_options();
  if (given == nullptr) return options;
  if (given->size < sizeof(hw_open_options)) return wrong("hw_open_options.size must be sizeof(hw_open_options)");
  if (given->window > HW_WINDOW_OFF) return wrong("hw_open_options.window is none of HW_WINDOW_…");
  if (given->wait > HW_WAIT_BLOCK) return wrong("hw_open_options.wait is none of HW_WAIT_…");
  if (given->window != HW_WINDOW_AUTO) options.window = static_cast<halfword::WindowMode>(given->window - 1);
  if (given->wait != HW_WAIT_AUTO) options.wait = static_cast<halfword::WaitMode>(given->wait);
  options.deadline_ns = given->deadline_ns;
  if (given->beside != nullptr) options.beside = given->beside->library->shared_session();
  for (const char* const* folder = given->search; folder != nullptr && *folder != nullptr; ++folder)
    options.search.emplace_back(*folder);
  if (given->window_address != 0) options.window_address = given->window_address;
  return options;
}

}  // namespace

extern "C" {

uint32_t hw_version(void) { return HALFWORD_VERSION_NUMBER; }

// ---- errors ----

hw_code hw_error_code(const hw_error* error) { return static_cast<hw_code>(error->error.code); }
const char* hw_error_message(const hw_error* error) { return error->error.message.c_str(); }
const char* hw_error_file(const hw_error* error) { return error->error.file.c_str(); }
const char* hw_error_function(const hw_error* error) { return error->error.function.c_str(); }
const char* hw_error_name(const hw_error* error) { return error->error.name.c_str(); }
const char* hw_error_address(const hw_error* error) { return error->error.address.c_str(); }
uint64_t hw_error_system_number(const hw_error* error) { return error->error.system_number; }
const char* hw_error_system_text(const hw_error* error) { return error->error.system_text.c_str(); }
const char* hw_error_searched(const hw_error* error, size_t index) {
  return index < error->error.searched.size() ? error->error.searched[index].c_str() : nullptr;
}
void hw_error_free(hw_error* error) { delete error; }

const char* hw_code_name(hw_code code) { return halfword::describe(static_cast<ErrorCode>(code)).name; }
const char* hw_code_meaning(hw_code code) { return halfword::describe(static_cast<ErrorCode>(code)).meaning; }
const char* hw_code_advice(hw_code code) { return halfword::describe(static_cast<ErrorCode>(code)).advice; }
int hw_code_exit_status(hw_code code) { return halfword::describe(static_cast<ErrorCode>(code)).exit_status; }

// ---- libraries ----

hw_code hw_library_open(const char* file, const hw_open_options* options, hw_library** library, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *library = nullptr;
    Result<halfword::OpenOptions> chosen = options_of(options);
    if (!chosen) return propagate(chosen);
    Result<std::unique_ptr<halfword::Library>> opened = halfword::Library::open(file, *chosen);
    if (!opened) return propagate(opened);
    *library = new hw_library{std::move(*opened)};
    return {};
  });
}

void hw_library_close(hw_library* library) { delete library; }

hw_code hw_library_restart(hw_library* library, hw_error** error) {
  return guarded(error, [&] { return library->library->session().restart(); });
}

uint32_t hw_library_process(hw_library* library) { return library->library->session().worker()->process(); }
const char* hw_library_target(hw_library* library) { return library->library->target_name().c_str(); }
int hw_library_shares_memory(hw_library* library) {
  return library->library->session().options().mode != halfword::WindowMode::off;
}

// ---- functions ----

static hw_code keep_function(Result<std::unique_ptr<halfword::Function>> made, hw_function** function) {
  *function = new hw_function{std::move(*made), {}, {}};
  return HW_OK;
}

hw_code hw_function_create(hw_library* library, const char* prototype, const char* symbol, hw_function** function,
                           hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *function = nullptr;
    auto made = halfword::Function::create(*library->library, prototype, symbol == nullptr ? "" : symbol);
    if (!made) return propagate(made);
    keep_function(std::move(made), function);
    return {};
  });
}

hw_code hw_function_create_at(hw_library* library, const char* prototype, uint64_t address, hw_function** function,
                              hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *function = nullptr;
    auto made = halfword::Function::create_at(*library->library, prototype, address);
    if (!made) return propagate(made);
    keep_function(std::move(made), function);
    return {};
  });
}

void hw_function_destroy(hw_function* function) { delete function; }
size_t hw_function_result_size(const hw_function* function) { return function->function->plan().result_size(); }
size_t hw_function_argument_count(const hw_function* function) { return function->function->plan().argument_count(); }

hw_code hw_function_call(hw_function* function, void* result, void* const* arguments, int64_t deadline_ns,
                         hw_error** error) {
  Result<void> done = function->function->call(result, arguments, deadline_ns);
  if (done) [[likely]] {
    if (error != nullptr) *error = nullptr;
    return HW_OK;
  }
  return report(std::move(done.error()), error);
}

const char* hw_function_describe(hw_function* function) {
  if (function->description.empty()) function->description = function->function->plan().describe();
  return function->description.c_str();
}

uint32_t hw_last_error(void) { return halfword::get_last_error(); }

// ---- callbacks ----

hw_code hw_callback_create(hw_library* library, const char* prototype, hw_callback_function function, void* user,
                           hw_callback** callback, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *callback = nullptr;
    auto made = halfword::CallbackObject::create(*library->library, prototype, function, user);
    if (!made) return propagate(made);
    *callback = new hw_callback{std::move(*made)};
    return {};
  });
}

void* hw_callback_pointer(hw_callback* callback) { return callback->callback->pointer(); }
void hw_callback_destroy(hw_callback* callback) { delete callback; }

// ---- memory ----

hw_code hw_allocate(hw_library* library, size_t size, void** pointer, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *pointer = nullptr;
    Result<void*> got = library->library->allocate(size);
    if (!got) return propagate(got);
    *pointer = *got;
    return {};
  });
}

hw_code hw_free(hw_library* library, void* pointer, hw_error** error) {
  return guarded(error, [&] { return library->library->release(pointer); });
}

hw_code hw_symbol(hw_library* library, const char* symbol, uint64_t* address, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *address = 0;
    Result<halfword::WorkerAddress> found = library->library->resolve(symbol);
    if (!found) return propagate(found);
    *address = *found;
    return {};
  });
}

hw_code hw_read(hw_library* library, uint64_t address, void* to, size_t size, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    Result<halfword::Lane*> lane = library->library->session().lane();
    if (!lane) return propagate(lane);
    return (*lane)->space().read(address, to, size);
  });
}

hw_code hw_write(hw_library* library, uint64_t address, const void* from, size_t size, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    Result<halfword::Lane*> lane = library->library->session().lane();
    if (!lane) return propagate(lane);
    return (*lane)->space().write(address, from, size);
  });
}

void* hw_pointer(hw_library* library, uint64_t address, size_t size) {
  return library->library->session().worker()->window().pointer_to(address, size);
}

uint64_t hw_address(hw_library* library, const void* pointer) {
  return library->library->session().worker()->window().address_of(pointer, 1).value_or(0);
}

// ---- batches ----

hw_code hw_batch_create(hw_library* library, hw_batch** batch, hw_error** error) {
  return guarded(error, [&]() -> Result<void> {
    *batch = new hw_batch{halfword::Batch(*library->library)};
    return {};
  });
}

hw_code hw_batch_add(hw_batch* batch, hw_function* function, void* result, void* const* arguments, hw_error** error) {
  return guarded(error, [&] { return batch->batch.add(*function->function, result, arguments); });
}

hw_code hw_batch_run(hw_batch* batch, int64_t deadline_ns, size_t* done, hw_error** error) {
  return guarded(error, [&] { return batch->batch.run(deadline_ns, done); });
}

void hw_batch_destroy(hw_batch* batch) { delete batch; }

}  // extern "C"
