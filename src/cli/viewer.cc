#include "cli/viewer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "cli/utf8.h"
#include "client/lane.h"
#include "inspect/names.h"
#include "interface/layout.h"
#include "platform/process.h"

namespace halfword::cli {
namespace {

using model::Kind;
using model::Scalar;
using model::Type;
using model::Words;

constexpr model::Target kClient = model::this_target();
constexpr std::size_t kLongestText = 16 << 20;  // of text in the library's memory: longer is taken for something else
constexpr std::size_t kMostBytes = 32;          // that people are shown of a buffer; programs get all
constexpr std::size_t kMostElements = 32;
constexpr std::size_t kMostLetters = 2000;
constexpr int kMostDepth = 3;  // pointers to pointers to …: a list may be a ring

std::size_t size_of(const Type& type) {
  const std::optional<model::Layout> layout = layout_of(type, kClient);
  return layout ? static_cast<std::size_t>(layout->size) : 0;
}

bool is_text_unit(const Type& type) {
  return type.kind == Kind::scalar && (type.scalar == Scalar::character || type.scalar == Scalar::wide ||
                                       type.scalar == Scalar::char16 || type.scalar == Scalar::char32);
}

bool is_byte(const Type& type) {
  return type.kind == Kind::void_type || (model::is_integer(type) && size_of(type) == 1 && !is_text_unit(type));
}

std::string hexadecimal(std::uint64_t value) {
  char text[24] = "0x";
  char* end = std::to_chars(text + 2, text + sizeof text, value, 16).ptr;
  return {text, end};
}

std::string hex_of(const std::byte* bytes, std::size_t count, const char* gap) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t at = 0; at < count; ++at) {
    if (at != 0) text += gap;
    text += kDigits[static_cast<unsigned>(bytes[at]) >> 4];
    text += kDigits[static_cast<unsigned>(bytes[at]) & 15];
  }
  return text;
}

// ---- numbers ----

template <class Float>
Shown floating(const std::byte* at) {
  Float value;
  std::memcpy(&value, at, sizeof value);
  char text[64];
  const std::string shown(text, std::to_chars(text, text + sizeof text, value).ptr);
  if (!std::isfinite(value)) return {shown, shown};  // JSON has no such numbers
  const auto number = static_cast<double>(value);
  if (!std::isfinite(number)) return {shown, shown};
  // A float's own digits: 0.1f is not 0.10000000149011612 to whoever wrote it.
  return {std::is_same_v<Float, float> ? Json::parse(shown) : Json(number), shown};
}

std::uint64_t bits_at(const std::byte* at, std::uint64_t bit, std::uint32_t count) {
  std::uint64_t value = 0;
  for (std::uint32_t index = 0; index < count; ++index) {
    const std::uint64_t from = bit + index;
    if ((at[from / 8] & static_cast<std::byte>(1U << from % 8)) != std::byte{0}) value |= std::uint64_t{1} << index;
  }
  return value;
}

Shown integer(std::uint64_t bits, std::uint32_t width, const Type& type) {
  if (type.scalar == Scalar::boolean) return {bits != 0, bits != 0 ? "true" : "false"};
  if (type.scalar == Scalar::handle) return {hexadecimal(bits), hexadecimal(bits)};
  Shown shown;
  if (is_signed_type(type)) {
    const auto value = static_cast<std::int64_t>(bits << (64 - width)) >> (64 - width);
    shown = {value, std::to_string(value)};
  } else {
    shown = {bits, std::to_string(bits)};
  }
  if (type.scalar == Scalar::character && type.kind == Kind::scalar && bits >= 0x20 && bits < 0x7f)
    shown.text += std::string(" '") + static_cast<char>(bits) + "'";
  return shown;
}

Shown scalar(const Type& type, const std::byte* at) {
  if (type.scalar == Scalar::float_) return floating<float>(at);
  if (type.scalar == Scalar::double_) return floating<double>(at);
  if (type.scalar == Scalar::long_double) return floating<long double>(at);
  std::uint64_t bits = 0;
  const std::size_t size = size_of(type);
  std::memcpy(&bits, at, size);
  return integer(bits, static_cast<std::uint32_t>(size) * 8, type);
}

// ---- text and bytes ----

std::uint32_t unit_at(const std::byte* text, std::size_t unit, std::size_t index) {
  std::uint32_t value = 0;
  std::memcpy(&value, text + index * unit, unit);
  return value;
}

std::size_t units_before_zero(const std::byte* text, std::size_t unit, std::size_t most) {
  std::size_t count = 0;
  while (count < most && unit_at(text, unit, count) != 0) ++count;
  return count;
}

std::string narrow(const std::byte* text, std::size_t unit, std::size_t count) {
  if (unit == 1) return {reinterpret_cast<const char*>(text), count};
  std::string result;
  for (std::size_t at = 0; at < count; ++at) {
    std::uint32_t point = unit_at(text, unit, at);
    if (unit == 2 && point >= 0xd800 && point < 0xdc00 && at + 1 < count) {
      const std::uint32_t second = unit_at(text, unit, at + 1);
      if (second >= 0xdc00 && second < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (second - 0xdc00);
        ++at;
      }
    }
    const bool is_none = (point >= 0xd800 && point < 0xe000) || point > 0x10ffff;
    append_utf8(result, is_none ? 0xfffd : point);
  }
  return result;
}

Shown text(const std::byte* at, std::size_t unit, std::size_t count) {
  const std::string bytes = narrow(at, unit, count);
  Shown shown;
  shown.text = quoted_text(std::string_view(bytes).substr(0, kMostLetters));
  if (bytes.size() > kMostLetters) shown.text += " … (" + std::to_string(bytes.size()) + " bytes)";
  if (is_utf8(bytes))
    shown.json = bytes;
  else
    shown.json = {{"text", inspect::printable(bytes)}, {"hex", hex_of(at, count * unit, "")}};
  return shown;
}

Shown raw_bytes(const std::byte* at, std::size_t count) {
  Shown shown;
  shown.json = {{"size", count}, {"hex", hex_of(at, count, "")}};
  shown.text = std::to_string(count) + (count == 1 ? " byte" : " bytes");
  if (count == 0) return shown;
  shown.text += ": " + hex_of(at, std::min(count, kMostBytes), " ") + (count > kMostBytes ? " …" : "");
  const std::string letters(reinterpret_cast<const char*>(at), units_before_zero(at, 1, std::min(count, kMostBytes)));
  bool is_text = letters.size() > 1;
  for (const char letter : letters) is_text = is_text && letter >= 0x20 && letter < 0x7f;
  if (is_text) shown.text += "  " + quoted_text(letters);
  return shown;
}

}  // namespace

std::string quoted_text(std::string_view text) {
  static constexpr std::string_view kLetters = "\n\t\r\"\\", kNames = "ntr\"\\";
  std::string result = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::optional<std::uint32_t> point = next_point(text, at);
    const char letter = text[begin];
    const std::size_t escape = kLetters.find(letter);
    if (escape != std::string_view::npos) {
      result += std::string("\\") + kNames[escape];
    } else if (!point || *point < 0x20 || (*point >= 0x7f && *point < 0xa0)) {
      for (std::size_t byte = begin; byte < at; ++byte)
        result += "\\x" + hex_of(reinterpret_cast<const std::byte*>(&text[byte]), 1, "");
    } else {
      result += text.substr(begin, at - begin);
    }
  }
  return result + "\"";
}

Shown Viewer::value(const Type& type, const Words& words, const std::byte* at, int depth) {
  switch (type.kind) {
    case Kind::scalar:
    case Kind::enumeration:
      return scalar(type, at);
    case Kind::pointer:
      return pointer(type, words, at, depth);
    case Kind::record:
      return record(*type.record, at, depth);
    case Kind::array:
      if (is_text_unit(*type.element)) {
        const std::size_t unit = size_of(*type.element);
        return text(at, unit, units_before_zero(at, unit, static_cast<std::size_t>(type.count)));
      }
      return elements(*type.element, {}, at, static_cast<std::size_t>(type.count), depth);
    default:
      return {nullptr, "nothing"};
  }
}

Shown Viewer::record(const model::Record& record, const std::byte* at, int depth) {
  Shown shown{Json::object(), "{"};
  const model::RecordLayout& layout = record.layouts[static_cast<std::size_t>(kClient)];
  for (std::size_t index = 0; index < record.fields.size(); ++index) {
    const model::Field& field = record.fields[index];
    if (field.is_bit_field && field.name.empty()) continue;
    const std::uint64_t bit = layout.bit_offsets[index];
    const Shown one = field.is_bit_field ? integer(bits_at(at, bit, field.bits), field.bits, *field.type)
                                         : value(*field.type, field.words, at + bit / 8, depth);
    const std::string name = field.name.empty() ? "field" + std::to_string(index + 1) : field.name;
    shown.json[name] = one.json;
    shown.text += (shown.text.size() > 1 ? ", " : "") + name + " = " + one.text;
  }
  shown.text += "}";
  return shown;
}

Shown Viewer::elements(const Type& element, const Words& words, const std::byte* at, std::size_t count, int depth) {
  if (is_byte(element)) return raw_bytes(at, count);
  Shown shown{Json::array(), "["};
  const std::size_t size = size_of(element);
  for (std::size_t index = 0; index < count; ++index) {
    const Shown one = value(element, words, at + index * size, depth);
    shown.json.push_back(one.json);
    if (index < kMostElements) shown.text += (index == 0 ? "" : ", ") + one.text;
  }
  if (count > kMostElements) shown.text += ", … " + std::to_string(count - kMostElements) + " more";
  shown.text += "]";
  return shown;
}

// ---- pointers ----

bool Viewer::is_readable(const void* pointer, std::size_t size) {
  if (memory_.room_at(pointer) >= size) return true;
  return library_.session().worker()->window().address_of(pointer, size).has_value();
}

std::optional<std::size_t> Viewer::text_length(const void* pointer, std::size_t unit, bool is_string) {
  const auto* at = static_cast<const std::byte*>(pointer);
  if (const std::size_t room = memory_.room_at(pointer); room != 0) return units_before_zero(at, unit, room / unit);
  if (const auto address = library_.session().worker()->window().address_of(pointer, unit)) {
    const Result<Lane*> lane = library_.session().lane();
    if (!lane) return std::nullopt;
    const Result<std::uint64_t> units =
        (*lane)->space().measure(*address, static_cast<unsigned>(unit), kLongestText / unit);
    if (!units) return std::nullopt;
    // Measured in memory that the library goes on changing; as far as that, it can be read.
    return units_before_zero(at, unit, static_cast<std::size_t>(*units));
  }
  // The engine's own copy of what it knows to be a string.
  if (is_string && is_mapped(pointer)) return units_before_zero(at, unit, SIZE_MAX / unit);
  return std::nullopt;
}

Shown Viewer::pointer(const Type& type, const Words& words, const std::byte* at, int depth) {
  void* pointer = nullptr;
  std::memcpy(&pointer, at, sizeof pointer);
  if (pointer == nullptr) return {nullptr, "null"};
  const Type& element = *type.element;
  if (is_text_unit(element)) {
    const std::size_t unit = size_of(element);
    const std::optional<std::size_t> length = text_length(pointer, unit, element.constant || words.zero_terminated);
    if (length) return text(static_cast<const std::byte*>(pointer), unit, *length);
  }
  const std::uint64_t address = memory_.address_of(pointer);
  Shown shown{hexadecimal(address), hexadecimal(address)};
  if (address == 0) shown = {nullptr, "a pointer into an argument"};
  const bool is_data = element.kind != Kind::void_type && element.kind != Kind::function;
  const std::size_t size = is_data ? size_of(element) : 0;
  if (size == 0 || depth >= kMostDepth || !is_readable(pointer, size)) return shown;
  const Shown inside = value(element, {}, static_cast<const std::byte*>(pointer), depth + 1);
  return {{{"address", shown.json}, {"value", inside.json}}, shown.text + " -> " + inside.text};
}

Shown Viewer::buffer(const Argument& argument, const std::vector<Argument>& arguments,
                     std::optional<std::int64_t> result) {
  const Type& element = argument.element();
  const Words& words = argument.parameter->words;
  const std::size_t size = std::max<std::size_t>(size_of(element), 1);
  const auto limited = [&](const model::Expression& extent, std::size_t count) {
    if (extent.empty()) return count;
    const auto said = extent_of(extent, arguments, result);
    if (!said || !*said) return count;
    const std::uint64_t elements = words.in_bytes ? **said / size : **said;
    return static_cast<std::size_t>(std::min<std::uint64_t>(elements, count));
  };
  std::size_t count = limited(words.capacity, argument.content.size() / size);
  count = limited(words.length, count);
  if (is_text_unit(element) || (words.zero_terminated && is_byte(element))) {
    const bool counted = !words.length.empty() && !words.zero_terminated;
    return text(argument.buffer, size, counted ? count : units_before_zero(argument.buffer, size, count));
  }
  Words inner;
  inner.zero_terminated = words.result_string;
  if (words.capacity.empty() && count == 1 && element.kind != Kind::void_type)
    return value(element, inner, argument.buffer, 0);
  return elements(element, inner, argument.buffer, count, 0);
}

}  // namespace halfword::cli
