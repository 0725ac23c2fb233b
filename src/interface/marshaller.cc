// Objects: step by step through a shape. Pointers are in pointers.cc.
#include "interface/marshaller.h"

#include <algorithm>
#include <cstring>

#include "interface/values.h"
#include "interface/x87.h"

namespace halfword::model {
namespace {

// Bit-fields have at most 64 bits and so touch at most nine bytes; only those of the field are looked at.
std::uint64_t load_bits(const std::byte* from, std::uint64_t offset, std::uint64_t bits) {
  std::uint64_t value = 0;
  for (std::uint64_t bit = 0; bit < bits; ++bit) {
    const std::uint64_t at = offset + bit;
    value |= static_cast<std::uint64_t>(std::to_integer<unsigned>(from[at / 8]) >> (at % 8) & 1) << bit;
  }
  return value;
}

void store_bits(std::byte* to, std::uint64_t offset, std::uint64_t bits, std::uint64_t value) {
  for (std::uint64_t bit = 0; bit < bits; ++bit) {
    const std::uint64_t at = offset + bit;
    const auto mask = static_cast<std::byte>(1U << (at % 8));
    to[at / 8] = (value >> bit & 1) != 0 ? to[at / 8] | mask : to[at / 8] & ~mask;
  }
}

// One side holds the ten bytes of the x87, the other a double; the sizes tell which.
void convert_x87_double(const std::byte* from, Leaf from_leaf, std::byte* to, Leaf to_leaf) {
  std::uint8_t ten[16] = {};
  double value = 0;
  if (from_leaf.size == 8) {
    std::memcpy(&value, from, 8);
    double_to_x87(value, ten);
    std::memcpy(to, ten, to_leaf.size);
  } else {
    std::memcpy(ten, from, kX87Bytes);
    value = x87_to_double(ten);
    std::memcpy(to, &value, 8);
  }
}

void convert_x87(const std::byte* from, std::byte* to, Leaf to_leaf) {
  std::memcpy(to, from, kX87Bytes);
  std::memset(to + kX87Bytes, 0, to_leaf.size - kX87Bytes);
}

}  // namespace

void copy_changed(std::byte* client, const std::byte* scratch, const std::byte* snapshot, std::uint64_t size) {
  constexpr std::uint64_t kPage = 4096;
  if (snapshot == nullptr) {
    for (std::uint64_t at = 0; at < size; at += kPage) {
      const std::size_t bytes = as_size(std::min(kPage, size - at));
      if (std::memcmp(client + at, scratch + at, bytes) != 0) std::memcpy(client + at, scratch + at, bytes);
    }
    return;
  }
  std::uint64_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t now = 0, before = 0;
    std::memcpy(&now, scratch + at, 8);
    std::memcpy(&before, snapshot + at, 8);
    if (now == before) continue;
    // Where a byte is as it was, the client's may have been changed meanwhile, by a callback for one.
    std::uint64_t difference = now ^ before;
    for (unsigned byte = 0; byte < 8; ++byte, difference >>= 8, now >>= 8)
      if ((difference & 0xff) != 0) client[at + byte] = static_cast<std::byte>(now & 0xff);
  }
  for (; at < size; ++at)
    if (scratch[at] != snapshot[at]) client[at] = scratch[at];
}

// ---- client to worker ----

Result<void> Marshaller::lower(const Shape& shape, const std::byte* client, std::byte* worker, std::uint64_t count,
                               Strictness strictness) {
  if (shape.identical) {
    std::memcpy(worker, client, as_size(count * shape.worker_size));
    return {};
  }
  // Padding goes to the worker as zeros: it may hold anything of the client's, and results must not depend on it.
  std::memset(worker, 0, as_size(count * shape.worker_size));
  for (std::uint64_t index = 0; index < count; ++index)
    for (const Step& step : shape.steps)
      if (auto done =
              lower_step(step, client + index * shape.client_size, worker + index * shape.worker_size, strictness);
          !done)
        return done;
  return {};
}

Result<void> Marshaller::lower_step(const Step& step, const std::byte* client, std::byte* worker,
                                    Strictness strictness) {
  if (step.kind == StepKind::bits) {
    store_bits(worker, step.worker_offset, step.size, load_bits(client, step.client_offset, step.size));
    return {};
  }
  for (std::uint64_t index = 0; index < step.count; ++index) {
    const std::byte* from = client + step.client_offset + index * step.client_stride;
    std::byte* to = worker + step.worker_offset + index * step.worker_stride;
    Result<void> done;
    switch (step.kind) {
      case StepKind::bytes:
        std::memcpy(to, from, as_size(step.size));
        break;
      case StepKind::integer:
      case StepKind::handle:
        done = lower_integer(step, from, to, strictness);
        break;
      case StepKind::x87:
        convert_x87(from, to, step.worker);
        break;
      case StepKind::x87_double:
        convert_x87_double(from, step.client, to, step.worker);
        break;
      case StepKind::nested:
        done = lower(program_.shapes[step.index], from, to, 1, strictness);
        break;
      case StepKind::pointer: {
        if (strictness == Strictness::truncate) break;  // it only receives a pointer, and starts as NULL
        void* pointer = nullptr;
        std::memcpy(&pointer, from, sizeof pointer);
        const auto address = lower_pointer(program_.rules[step.index], pointer);
        if (!address) return std::unexpected(address.error());
        std::memcpy(to, &*address, step.worker.size);
        break;
      }
      case StepKind::bits:
        break;
    }
    if (!done) return done;
  }
  return {};
}

Result<void> Marshaller::lower_integer(const Step& step, const std::byte* client, std::byte* worker,
                                       Strictness strictness) {
  const Integer value = load_integer(client, step.client);
  const bool good =
      step.kind == StepKind::handle ? step.worker.size == 8 || handle_fits(value.bits) : fits(value, step.worker);
  if (!good && strictness == Strictness::refuse)
    return out_of_range(text_of(value), program_.labels[step.label], step.worker);
  store_integer(worker, step.worker, value);
  return {};
}

// ---- worker to client ----

Result<void> Marshaller::raise(const Shape& shape, const std::byte* worker, const std::byte* snapshot,
                               std::byte* client, std::uint64_t count) {
  if (shape.identical) {
    if (snapshot != nullptr)
      copy_changed(client, worker, snapshot, count * shape.client_size);
    else
      std::memcpy(client, worker, as_size(count * shape.client_size));
    return {};
  }
  for (std::uint64_t index = 0; index < count; ++index) {
    const std::uint64_t offset = index * shape.worker_size;
    for (const Step& step : shape.steps)
      if (auto done = raise_step(step, worker + offset, snapshot == nullptr ? nullptr : snapshot + offset,
                                 client + index * shape.client_size);
          !done)
        return done;
  }
  return {};
}

Result<void> Marshaller::raise_step(const Step& step, const std::byte* worker, const std::byte* snapshot,
                                    std::byte* client) {
  if (step.kind == StepKind::bits) {
    const std::uint64_t now = load_bits(worker, step.worker_offset, step.size);
    if (snapshot == nullptr || now != load_bits(snapshot, step.worker_offset, step.size))
      store_bits(client, step.client_offset, step.size, now);
    return {};
  }
  for (std::uint64_t index = 0; index < step.count; ++index) {
    const std::uint64_t offset = step.worker_offset + index * step.worker_stride;
    const std::byte* from = worker + offset;
    const std::byte* before = snapshot == nullptr ? nullptr : snapshot + offset;
    std::byte* to = client + step.client_offset + index * step.client_stride;
    Result<void> done;
    if (step.kind == StepKind::nested) {
      done = raise(program_.shapes[step.index], from, before, to, 1);
    } else if (step.kind == StepKind::bytes) {
      if (before == nullptr)
        std::memcpy(to, from, as_size(step.size));
      else
        copy_changed(to, from, before, step.size);
    } else if (before == nullptr || std::memcmp(from, before, step.worker.size) != 0) {
      done = raise_changed(step, from, to);
    }
    if (!done) return done;
  }
  return {};
}

Result<void> Marshaller::raise_changed(const Step& step, const std::byte* worker, std::byte* client) {
  switch (step.kind) {
    case StepKind::integer: {
      const Integer value = load_integer(worker, step.worker);
      if (!fits(value, step.client)) return out_of_range(text_of(value), program_.labels[step.label], step.client);
      store_integer(client, step.client, value);
      break;
    }
    case StepKind::handle:
      store_integer(client, step.client, load_integer(worker, step.worker));
      break;
    case StepKind::x87:
      convert_x87(worker, client, step.client);
      break;
    case StepKind::x87_double:
      convert_x87_double(worker, step.worker, client, step.client);
      break;
    default: {
      std::uint64_t address = 0;
      std::memcpy(&address, worker, step.worker.size);
      const auto pointer = raise_pointer(program_.rules[step.index], address);
      if (!pointer) return std::unexpected(pointer.error());
      std::memcpy(client, &*pointer, sizeof *pointer);
    }
  }
  return {};
}

// ---- errors ----

std::unexpected<Error> Marshaller::refuse(ErrorCode code, const std::string& message) const {
  Error error;
  error.code = code;
  error.message = message;
  return refuse(std::move(error));
}

std::unexpected<Error> Marshaller::refuse(Error error) const {
  const bool is_argument = parameter_ < program_.parameters.size();
  std::string where = callback_ != nullptr ? "callback" : program_.name.empty() ? "function" : program_.name;
  where += is_argument ? ": " + program_.parameters[parameter_].label : ": the result";
  error.message = where + " " + error.message;
  error.function = program_.name;
  if (is_argument) error.name = program_.parameters[parameter_].name;
  return fail(std::move(error));
}

std::unexpected<Error> Marshaller::out_of_range(const std::string& value, const std::string& type, Leaf leaf) const {
  return refuse(ErrorCode::argument_range, "is or holds " + value + ", but `" + type + "` takes " + range_of(leaf) +
                                               " at " + std::string(rules(program_.worker).name));
}

}  // namespace halfword::model
