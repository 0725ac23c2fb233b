// Decorations of names, and hostile text made printable. Called as names.h says; pure functions; any thread.
#include "inspect/names.h"

#include <cstdint>
#include <optional>

namespace halfword::inspect {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier(std::string_view text) {
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    if (!letter && !is_digit(c) && static_cast<unsigned char>(c) < 0x80) return false;
  }
  return !text.empty() && !is_digit(text[0]);
}

std::optional<std::uint32_t> decimal(std::string_view text) {
  if (text.empty() || text.size() > 6) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

// `_f@8`, `f@8`, `@f@8` of 32-bit x86, and `f@@16` of both widths.
bool undecorate_c(std::string_view name, Machine machine, PlainName& plain) {
  const std::size_t at = name.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const auto bytes = decimal(name.substr(at + 1));
  if (!bytes) return false;
  std::string_view stem = name.substr(0, at);
  if (stem.ends_with('@')) {
    plain.decoration = Decoration::vectorcall;
    plain.convention = Convention::vectorcall_;
    stem.remove_suffix(1);
  } else if (machine != Machine::i386 || *bytes % 4 != 0) {
    return false;
  } else if (stem.starts_with('@')) {
    plain.decoration = Decoration::fastcall;
    plain.convention = Convention::fastcall_;
    stem.remove_prefix(1);
  } else {
    plain.decoration = Decoration::stdcall;
    plain.convention = Convention::stdcall_;
    // mingw's linker drops the underscore of an exported name and keeps the number.
    if (stem.size() > 1 && stem.starts_with('_')) stem.remove_prefix(1);
  }
  if (!is_identifier(stem)) {
    plain.decoration = Decoration::none;
    plain.convention = Convention::unknown;
    return false;
  }
  plain.name = stem;
  plain.argument_bytes = bytes;
  return true;
}

// The conventions' letters behind the kind of function; the second of each pair is the exported form of old compilers.
Convention msvc_convention(char letter) {
  switch (letter) {
    case 'A':
    case 'B':
      return Convention::cdecl_;
    case 'E':
    case 'F':
      return Convention::thiscall_;
    case 'G':
    case 'H':
      return Convention::stdcall_;
    case 'I':
    case 'J':
      return Convention::fastcall_;
    case 'Q':
      return Convention::vectorcall_;
    default:
      return Convention::unknown;
  }
}

// `rest` is what follows the qualified name: `YAHHH@Z` of a function, `QAEHH@Z` of a member, `3HA` of a variable.
Convention msvc_function_convention(std::string_view rest) {
  if (rest.empty()) return Convention::unknown;
  const char kind = rest[0];
  std::size_t at = 1;
  if (kind < 'A' || kind > 'Z') return Convention::unknown;
  if (kind != 'Y' && kind != 'Z') {
    // Members come in groups of eight by access; the third pair of each group is static and has no `this`, and the
    // fourth pair are thunks, whose offsets stand first.
    const int member = (kind - 'A') % 8;
    if (member >= 6) return Convention::unknown;
    if (member != 2 && member != 3) {
      while (at < rest.size() && std::string_view("EFGHI").find(rest[at]) != std::string_view::npos && at < 4) ++at;
      ++at;  // the qualifiers of `this`
    }
  }
  return at < rest.size() ? msvc_convention(rest[at]) : Convention::unknown;
}

// `Calc::add` of `add@Calc`: names from the inside out. Empty if a template, an operator or a back reference needs
// more.
std::string msvc_qualified(std::string_view names, std::string_view prefix_of_last) {
  std::string qualified;
  std::string_view innermost;
  while (!names.empty()) {
    const std::size_t at = names.find('@');
    const std::string_view part = names.substr(0, at);
    if (!is_identifier(part)) return {};
    if (innermost.empty()) innermost = part;
    qualified = qualified.empty() ? std::string(part) : std::string(part) + "::" + qualified;
    names = at == std::string_view::npos ? std::string_view() : names.substr(at + 1);
  }
  if (prefix_of_last.empty()) return qualified;
  return qualified + "::" + std::string(prefix_of_last.substr(1)) + std::string(innermost);
}

// `?add@Calc@ns@@…`, `??0Calc@@…` (constructor), `??1Calc@@…` (destructor), `??4Calc@@…` (an operator).
void undecorate_msvc(std::string_view name, PlainName& plain) {
  constexpr std::size_t kLongest = 4096;  // the compiler replaces longer names by a hash
  plain.decoration = Decoration::msvc_cpp;
  const std::size_t end = name.find("@@");
  if (end == std::string_view::npos || name.size() > kLongest) return;
  std::string_view names = name.substr(1, end - 1);
  std::string_view structor;
  bool named = true;
  if (names.size() > 2 && names.starts_with('?')) {
    if (names[1] == '$') return;  // a template
    structor = names[1] == '0' ? "+" : "+~";
    named = names[1] == '0' || names[1] == '1';
    names.remove_prefix(names[1] == '_' ? 3 : 2);
  }
  const std::string qualified = msvc_qualified(names, structor);
  // Only behind a name that was understood do the next letters mean what they seem to.
  if (qualified.empty()) return;
  plain.convention = msvc_function_convention(name.substr(end + 2));
  if (named) plain.name = qualified;
}

// `3add`: a length and as many letters.
std::optional<std::string_view> itanium_part(std::string_view& rest) {
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  const auto length = decimal(rest.substr(0, digits));
  if (!length || *length == 0 || *length > rest.size() - digits) return std::nullopt;
  const std::string_view part = rest.substr(digits, *length);
  rest.remove_prefix(digits + *length);
  return part;
}

// `_Z3addii`, `_ZN2ns4Calc3addEii`, `_ZNK4CalcC1Ev`. Anything with templates or substitutions stays as it is.
void undecorate_itanium(std::string_view name, PlainName& plain) {
  plain.decoration = Decoration::itanium_cpp;
  std::string_view rest = name.substr(2);
  if (!rest.starts_with('N')) {
    const auto part = itanium_part(rest);
    if (part && is_identifier(*part) && !rest.starts_with('I')) plain.name = *part;
    return;
  }
  rest.remove_prefix(1);
  while (rest.starts_with('K') || rest.starts_with('V')) rest.remove_prefix(1);
  std::string qualified;
  std::string_view last;
  while (!rest.empty() && !rest.starts_with('E')) {
    if ((rest.starts_with('C') || rest.starts_with('D')) && rest.size() > 1 && is_digit(rest[1]) && !last.empty()) {
      qualified += (rest[0] == 'C' ? "::" : "::~") + std::string(last);
      rest.remove_prefix(2);
      continue;
    }
    const auto part = itanium_part(rest);
    if (!part || !is_identifier(*part)) return;
    last = *part;
    if (!qualified.empty()) qualified += "::";
    qualified += last;
  }
  if (!rest.empty() && !qualified.empty()) plain.name = qualified;
}

// The length of the UTF-8 sequence at the start of `text`, or 0. Overlong forms, surrogates and control characters of
// the C1 set, which some terminals obey, count as none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (lead == 0xc2 && byte(1) < 0xa0) return 0;
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;
  if (lead == 0xed && byte(1) >= 0xa0) return 0;
  // Marks that reverse the direction of text would show a name as another one.
  if (lead == 0xe2 && byte(1) == 0x80 && (byte(2) >= 0xaa && byte(2) <= 0xae)) return 0;
  if (lead == 0xf0 && byte(1) < 0x90) return 0;
  if (lead == 0xf4 && byte(1) >= 0x90) return 0;
  return length;
}

}  // namespace

PlainName undecorate(std::string_view name, Format format, Machine machine) {
  PlainName plain;
  plain.name = name;
  if (format == Format::pe && name.size() > 1 && name[0] == '?')
    undecorate_msvc(name, plain);
  else if (name.starts_with("_Z") && name.size() > 2)
    undecorate_itanium(name, plain);
  // 32-bit Darwin and mingw put the C underscore before C++ names too.
  else if (format == Format::pe && name.starts_with("__Z") && name.size() > 3)
    undecorate_itanium(name.substr(1), plain);
  else if (format == Format::pe)
    undecorate_c(name, machine, plain);
  return plain;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const unsigned char byte = static_cast<unsigned char>(text[0]);
    const std::size_t length = byte < 0x20 || byte == 0x7f ? 0 : utf8_length(text);
    if (length == 0) {
      result += "\\x";
      result += "0123456789abcdef"[byte / 16];
      result += "0123456789abcdef"[byte % 16];
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

std::string path_text(const std::filesystem::path& path) {
  // A Windows path that is not well-formed UTF-16 has no UTF-8; the conversion throws.
  try {
    const std::u8string text = path.u8string();
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  } catch (const std::exception&) {
    return "(a path that is not Unicode)";
  }
}

}  // namespace halfword::inspect
