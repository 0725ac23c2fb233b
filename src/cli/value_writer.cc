#include "cli/value_writer.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "cli/utf8.h"
#include "inspect/image.h"
#include "interface/layout.h"

namespace halfword::cli {
namespace {

using model::Kind;
using model::Scalar;
using model::Type;

constexpr model::Target kClient = model::this_target();

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::argument_type, std::move(message)); }

const char* kind_name(Literal::Kind kind) {
  switch (kind) {
    case Literal::Kind::number:
      return "a number";
    case Literal::Kind::boolean:
      return "true or false";
    case Literal::Kind::character:
      return "a character";
    case Literal::Kind::text:
      return "text";
    case Literal::Kind::null:
      return "null";
    case Literal::Kind::file:
      return "a file";
    case Literal::Kind::symbol:
      return "the address of an export";
    case Literal::Kind::structure:
      return "a struct";
    case Literal::Kind::array:
      return "an array";
    default:
      return "a buffer";
  }
}

std::unexpected<Error> does_not_fit(const Literal& literal, const Type& type) {
  return refuse(std::string(kind_name(literal.kind)) + " was given for the type `" + text_of(type) + "`");
}

std::size_t size_of(const Type& type) {
  const std::optional<model::Layout> layout = layout_of(type, kClient);
  return layout ? static_cast<std::size_t>(layout->size) : 0;
}

// A bit-field without a name has no value.
bool is_padding(const model::Field& field) { return field.is_bit_field && field.name.empty(); }

// ---- numbers ----

Result<Integer> integer_in(const Literal& literal, const Type& type) {
  if (literal.kind == Literal::Kind::number) return integer_of(literal.text);
  if (literal.kind == Literal::Kind::boolean || literal.kind == Literal::Kind::character)
    return Integer{literal.number, false};
  return does_not_fit(literal, type);
}

// Writes `bits` bits of an integer that has been found to fit them.
Result<std::uint64_t> fit(const Integer& integer, unsigned bits, bool is_signed, const std::string& type) {
  const std::uint64_t highest = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const std::uint64_t most = is_signed ? highest >> 1 : highest;
  const std::uint64_t least = is_signed ? most + 1 : 0;
  if (integer.magnitude <= (integer.negative ? least : most))
    return integer.negative ? ~integer.magnitude + 1 : integer.magnitude;
  return fail(ErrorCode::argument_range,
              (integer.negative ? "-" : "") + std::to_string(integer.magnitude) + " does not fit `" + type +
                  "`, which holds " + (is_signed ? "-" + std::to_string(least) : "0") + " to " + std::to_string(most));
}

Result<void> write_integer(const Type& type, const Literal& literal, std::byte* to) {
  if (type.scalar == Scalar::handle && literal.kind == Literal::Kind::null) return {};
  const Result<Integer> integer = integer_in(literal, type);
  if (!integer) return std::unexpected(integer.error());
  const std::size_t size = size_of(type);
  const auto bits = static_cast<unsigned>(type.scalar == Scalar::boolean ? 1 : size * 8);
  // INVALID_HANDLE_VALUE is written -1, other handles are written without a sign.
  const bool is_signed = type.scalar == Scalar::handle ? integer->negative : is_signed_type(type);
  const Result<std::uint64_t> value = fit(*integer, bits, is_signed, text_of(type));
  if (!value) return std::unexpected(value.error());
  std::memcpy(to, &*value, size);  // little-endian, as all clients are
  return {};
}

template <class Float>
Result<void> write_float(const Type& type, const std::string& text, std::byte* to) {
  char* end = nullptr;
  Float value;
  if constexpr (std::is_same_v<Float, float>)
    value = std::strtof(text.c_str(), &end);
  else if constexpr (std::is_same_v<Float, double>)
    value = std::strtod(text.c_str(), &end);
  else
    value = std::strtold(text.c_str(), &end);
  if (*end != 0) return refuse(text + " is no number");
  if (std::isinf(value) && text.find("inf") == std::string::npos)
    return fail(ErrorCode::argument_range, text + " is too large for `" + text_of(type) + "`");
  std::memcpy(to, &value, sizeof value);
  return {};
}

Result<void> write_floating(const Type& type, const Literal& literal, std::byte* to) {
  if (literal.kind != Literal::Kind::number) return does_not_fit(literal, type);
  if (type.scalar == Scalar::float_) return write_float<float>(type, literal.text, to);
  if (type.scalar == Scalar::double_) return write_float<double>(type, literal.text, to);
  return write_float<long double>(type, literal.text, to);
}

// ---- text ----

void append(std::vector<std::byte>& bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t index = 0; index < size; ++index) bytes.push_back(static_cast<std::byte>(value >> (8 * index)));
}

// UTF-8 as units of 1, 2 or 4 bytes.
Result<std::vector<std::byte>> encode(const std::string& text, std::size_t unit) {
  std::vector<std::byte> bytes;
  if (unit == 1) {
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    return std::vector<std::byte>(begin, begin + text.size());
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<std::uint32_t> point = next_point(text, at);
    if (!point) return refuse("the text has bytes that are no UTF-8, and the library takes wide characters");
    if (unit == 2 && *point > 0xffff) {
      append(bytes, 0xd800 + ((*point - 0x10000) >> 10), 2);
      append(bytes, 0xdc00 + ((*point - 0x10000) & 0x3ff), 2);
    } else {
      append(bytes, *point, unit);
    }
  }
  return bytes;
}

bool takes_text(const Type& type) {
  if (type.kind == Kind::void_type) return true;
  if (type.kind != Kind::scalar || model::is_floating(type.scalar)) return false;
  return size_of(type) == 1 || type.scalar == Scalar::wide || type.scalar == Scalar::char16 ||
         type.scalar == Scalar::char32;
}

Result<Content> text_content(const Type& element, const Literal& literal) {
  if (!takes_text(element)) return does_not_fit(literal, element);
  Result<std::vector<std::byte>> bytes = encode(literal.text, element.kind == Kind::void_type ? 1 : size_of(element));
  if (!bytes) return propagate(bytes);
  return Content{std::move(*bytes), true};
}

Result<Content> file_content(const std::string& path) {
  Result<inspect::FileBytes> file = inspect::read_file(path);
  if (!file) return propagate(file);
  return Content{{file->span().begin(), file->span().end()}, false};
}

}  // namespace

bool is_signed_type(const Type& type) { return model::is_signed(type.scalar, kClient); }

Result<void> ValueWriter::write(const Type& type, const Literal& literal, std::byte* to) {
  switch (type.kind) {
    case Kind::scalar:
      if (model::is_floating(type.scalar)) return write_floating(type, literal, to);
      return write_integer(type, literal, to);
    case Kind::enumeration:
      return write_integer(type, literal, to);
    case Kind::pointer:
      return write_pointer(type, literal, to);
    case Kind::array:
      return write_array(type, literal, to);
    case Kind::record:
      if (literal.kind != Literal::Kind::structure) return does_not_fit(literal, type);
      return write_record(*type.record, literal, to);
    default:
      return does_not_fit(literal, type);
  }
}

Result<void> ValueWriter::write_array(const Type& type, const Literal& literal, std::byte* to) {
  const std::size_t size = size_of(*type.element);
  if (literal.kind == Literal::Kind::text) {
    Result<Content> content = text_content(*type.element, literal);
    if (!content) return propagate(content);
    if (content->bytes.size() > size_of(type))
      return fail(ErrorCode::argument_range, "the text has " + std::to_string(content->bytes.size() / size) +
                                                 " characters, and `" + text_of(type) + "` has room for " +
                                                 std::to_string(type.count));
    std::memcpy(to, content->bytes.data(), content->bytes.size());
    return {};
  }
  if (literal.kind != Literal::Kind::array && literal.kind != Literal::Kind::structure)
    return does_not_fit(literal, type);
  if (literal.items.size() > type.count)
    return fail(ErrorCode::argument_range,
                std::to_string(literal.items.size()) + " elements were given for `" + text_of(type) + "`");
  for (std::size_t index = 0; index < literal.items.size(); ++index)
    if (Result<void> done = write(*type.element, literal.items[index], to + index * size); !done) return done;
  return {};
}

Result<void> ValueWriter::write_record(const model::Record& record, const Literal& literal, std::byte* to) {
  const std::string what = (record.is_union ? "union " : "struct ") + record.name;
  if (!record.complete) return refuse("nothing is known of the fields of " + what);
  std::size_t next = 0;
  for (const Literal& item : literal.items) {
    if (!item.name.empty()) {
      next = 0;
      while (next < record.fields.size() && record.fields[next].name != item.name) ++next;
      if (next == record.fields.size()) return refuse(what + " has no field " + item.name);
    }
    while (next < record.fields.size() && is_padding(record.fields[next])) ++next;
    if (next >= record.fields.size() || (record.is_union && item.name.empty() && next != 0))
      return refuse(std::to_string(literal.items.size()) + " values were given for " + what + ", which has " +
                    std::to_string(record.is_union ? 1 : record.fields.size()) + (record.is_union ? " at a time" : ""));
    Result<void> done = write_field(record, next, item, to);
    if (!done && !record.fields[next].name.empty()) done.error().message.insert(0, record.fields[next].name + ": ");
    if (!done) return done;
    ++next;
  }
  return {};
}

Result<void> ValueWriter::write_field(const model::Record& record, std::size_t index, const Literal& literal,
                                      std::byte* to) {
  const model::Field& field = record.fields[index];
  const std::uint64_t offset = record.layouts[static_cast<std::size_t>(kClient)].bit_offsets[index];
  if (!field.is_bit_field) return write(*field.type, literal, to + offset / 8);
  const Result<Integer> integer = integer_in(literal, *field.type);
  if (!integer) return std::unexpected(integer.error());
  const Result<std::uint64_t> value =
      fit(*integer, field.bits, is_signed_type(*field.type), text_of(*field.type) + " : " + std::to_string(field.bits));
  if (!value) return std::unexpected(value.error());
  for (std::uint32_t bit = 0; bit < field.bits; ++bit) {
    std::byte& byte = to[(offset + bit) / 8];
    const auto mask = static_cast<std::byte>(1U << (offset + bit) % 8);
    byte = (*value >> bit & 1) != 0 ? byte | mask : byte & ~mask;
  }
  return {};
}

// ---- pointers ----

Result<void*> ValueWriter::address(const Type& pointer, const Literal& literal) {
  if (literal.kind == Literal::Kind::null) return nullptr;
  if (literal.kind == Literal::Kind::symbol) {
    const Result<WorkerAddress> address = library_.resolve(literal.text);
    if (!address) return std::unexpected(address.error());
    return memory_.pointer_of(*address);
  }
  const Result<Integer> integer = integer_in(literal, pointer);
  if (!integer) return std::unexpected(integer.error());
  const Type& element = *pointer.element;
  const bool opaque = element.kind == Kind::void_type || element.kind == Kind::function ||
                      (element.kind == Kind::record && !element.record->complete);
  const bool hexadecimal = literal.text.find_first_of("xX") != std::string::npos;
  if (!opaque && !hexadecimal && integer->magnitude != 0)
    return refuse("`" + text_of(pointer) + "` is a pointer: write [" + literal.text +
                  "] to point to that value, inout:" + literal.text +
                  " to see it after the call too, or 0x… for an address");
  const Result<std::uint64_t> value = fit(*integer, integer->negative ? 64 : 32, integer->negative, text_of(pointer));
  if (!value) return std::unexpected(value.error());
  return memory_.pointer_of(*value);
}

Result<Content> ValueWriter::content(const Type& element, const Literal& literal) {
  using enum Literal::Kind;
  if (element.kind == Kind::function || (element.kind == Kind::record && !element.record->complete))
    return refuse("nothing is known of what `" + text_of(element) + " *` points to; give null or an address");
  if (literal.kind == text) return text_content(element, literal);
  if (literal.kind == file) {
    if (element.kind != Kind::void_type && !same_layout(element, kClient, library_.target()))
      return refuse("the bytes of a file cannot stand for `" + text_of(element) +
                    "`, which has another size in the library; write [1,2,3]");
    return file_content(literal.text);
  }
  if (element.kind == Kind::void_type)
    return refuse(std::string(kind_name(literal.kind)) +
                  " was given for `void *`, and its type is not known; write "
                  "'\"text\"', @FILE or out:N, or another type in the prototype");
  const std::size_t size = size_of(element);
  if (literal.kind != array) {
    Content content{std::vector<std::byte>(size), false};
    if (Result<void> done = write(element, literal, content.bytes.data()); !done) return propagate(done);
    return content;
  }
  Content content{std::vector<std::byte>(size * literal.items.size()), false};
  for (std::size_t index = 0; index < literal.items.size(); ++index) {
    Result<void> done = write(element, literal.items[index], content.bytes.data() + index * size);
    if (!done) return propagate(done);
  }
  return content;
}

// A pointer in a struct or an array, to something that only the library reads.
Result<void> ValueWriter::write_pointer(const Type& type, const Literal& literal, std::byte* to) {
  using enum Literal::Kind;
  void* pointer = nullptr;
  if (literal.kind == text || literal.kind == array || literal.kind == structure) {
    const Result<Content> made = content(*type.element, literal);
    if (!made) return std::unexpected(made.error());
    const bool same = type.element->kind == Kind::void_type || same_layout(*type.element, kClient, library_.target());
    const Result<std::byte*> buffer =
        memory_.allocate(made->bytes.size(), same ? Memory::Where::library : Memory::Where::client);
    if (!buffer) return std::unexpected(buffer.error());
    if (!made->bytes.empty()) std::memcpy(*buffer, made->bytes.data(), made->bytes.size());
    pointer = *buffer;
  } else {
    Result<void*> address = this->address(type, literal);
    if (!address) return propagate(address);
    pointer = *address;
  }
  std::memcpy(to, &pointer, sizeof pointer);
  return {};
}

bool same_layout(const Type& type, model::Target client, model::Target worker) {
  const std::optional<model::Layout> here = layout_of(type, client), there = layout_of(type, worker);
  if (!here || !there || here->size != there->size) return false;
  switch (type.kind) {
    case Kind::scalar:
      return type.scalar != Scalar::long_double && type.scalar != Scalar::handle;
    case Kind::enumeration:
      return true;
    case Kind::array:
      return same_layout(*type.element, client, worker);
    case Kind::record:
      break;
    default:
      return false;
  }
  const auto offsets = [&](model::Target target) -> const std::vector<std::uint64_t>& {
    return type.record->layouts[static_cast<std::size_t>(target)].bit_offsets;
  };
  if (offsets(client) != offsets(worker)) return false;
  for (const model::Field& field : type.record->fields)
    if (!same_layout(*field.type, client, worker)) return false;
  return true;
}

}  // namespace halfword::cli
