#include "cli/literal.h"

#include <charconv>

#include "cli/utf8.h"
#include "inspect/names.h"

namespace halfword::cli {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::uint64_t kMaxBuffer = std::uint64_t{2} << 30;  // half of what a 32-bit library can address

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '+' || c == '-';
}
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::argument_type, std::move(message)); }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Literal> read_all();

 private:
  Result<Literal> read_value(int depth);
  Result<Literal> read_list(int depth, char end);
  Result<Literal> read_word();
  Result<Literal> read_character();
  /// The characters up to `end`, with C's escapes.
  Result<std::string> read_quoted(char end);
  Result<void> read_escape(std::string& to);
  Result<std::uint32_t> read_hex(std::size_t most);

  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }
  std::string rest() { return std::string(text_.substr(at_)); }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<std::uint32_t> Reader::read_hex(std::size_t most) {
  std::uint32_t value = 0;
  std::size_t digits = 0;
  for (; digits < most && hex_digit(peek()) >= 0; ++digits)
    value = value * 16 + static_cast<std::uint32_t>(hex_digit(text_[at_++]));
  if (digits == 0) return refuse("a \\x or \\u in text has no hexadecimal digits behind it");
  return value;
}

Result<void> Reader::read_escape(std::string& to) {
  static constexpr std::string_view kLetters = "abefnrtv0\\\"'?";
  static constexpr std::string_view kMeanings("\a\b\x1b\f\n\r\t\v\0\\\"'?", 13);
  if (at_end()) return refuse("text ends with a backslash");
  const char letter = text_[at_++];
  if (letter == 'x' || letter == 'u' || letter == 'U') {
    const Result<std::uint32_t> value = read_hex(letter == 'x' ? 2 : letter == 'u' ? 4 : 8);
    if (!value) return std::unexpected(value.error());
    if (letter == 'x')
      to += static_cast<char>(*value);
    else if (*value > 0x10ffff)
      return refuse("a \\U in text is above 10ffff");
    else
      append_utf8(to, *value);
    return {};
  }
  const std::size_t meaning = kLetters.find(letter);
  if (meaning == std::string_view::npos)
    return refuse(std::string("\\") + letter + " in text means nothing; write \\\\ for a backslash");
  to += kMeanings[meaning];
  return {};
}

Result<std::string> Reader::read_quoted(char end) {
  std::string result;
  while (!at_end()) {
    const char c = text_[at_++];
    if (c == end) return result;
    if (c != '\\') {
      result += c;
    } else if (Result<void> read = read_escape(result); !read) {
      return propagate(read);
    }
  }
  return refuse(std::string("the closing ") + end + " is missing");
}

Result<Literal> Reader::read_character() {
  Result<std::string> inside = read_quoted('\'');
  if (!inside) return propagate(inside);
  Literal literal{Literal::Kind::character, *inside, 0, {}, {}, {}};
  const std::string& bytes = *inside;
  if (bytes.size() == 1) {
    literal.number = static_cast<unsigned char>(bytes[0]);
    return literal;
  }
  std::size_t at = 0;
  const std::optional<std::uint32_t> point = bytes.empty() ? std::nullopt : next_point(bytes, at);
  literal.number = point.value_or(0);
  if (point && at == bytes.size()) return literal;
  return refuse("'…' holds one character; text goes between \"…\"");
}

Result<Literal> Reader::read_list(int depth, char end) {
  Literal list;
  list.kind = end == '}' ? Literal::Kind::structure : Literal::Kind::array;
  for (;;) {
    skip_space();
    if (peek() == end) break;
    std::string name;
    if (peek() == '.' && at_ + 1 < text_.size() && (text_[at_ + 1] < '0' || text_[at_ + 1] > '9')) {
      const std::size_t begin = ++at_;
      while (!at_end() && is_word(text_[at_])) ++at_;
      name = std::string(text_.substr(begin, at_ - begin));
      skip_space();
      if (peek() != '=' || end != '}') return refuse("fields with names are written {.x = 1, .y = 2}");
      ++at_;
    }
    Result<Literal> item = read_value(depth + 1);
    if (!item) return item;
    item->name = std::move(name);
    list.items.push_back(std::move(*item));
    skip_space();
    if (peek() == ',') {
      ++at_;
      continue;
    }
    if (peek() != end) return refuse(std::string("a , or the closing ") + end + " is missing");
  }
  ++at_;
  return list;
}

Result<Literal> Reader::read_word() {
  const std::size_t begin = at_;
  while (!at_end() && is_word(text_[at_])) ++at_;
  const std::string word(text_.substr(begin, at_ - begin));
  Literal literal;
  if (word == "null" || word == "NULL" || word == "nullptr") return literal;
  if (word == "true" || word == "false") {
    literal.kind = Literal::Kind::boolean;
    literal.text = word;
    literal.number = word == "true" ? 1 : 0;
    return literal;
  }
  const std::size_t first = !word.empty() && (word[0] == '-' || word[0] == '+') ? 1 : 0;
  const std::string plain = word.substr(first);
  const bool digits = !plain.empty() && ((plain[0] >= '0' && plain[0] <= '9') || plain[0] == '.');
  if (digits || plain == "inf" || plain == "infinity" || plain == "nan") {
    literal.kind = Literal::Kind::number;
    literal.text = word[0] == '+' ? plain : word;
    return literal;
  }
  const std::string shown = inspect::printable(word.empty() ? rest() : std::string(text_.substr(begin)));
  return refuse("'" + shown + "' is no value; text is written '\"" + shown + "\"' (with the double quotes), a file @" +
                shown + "; see halfword call --help");
}

Result<Literal> Reader::read_value(int depth) {
  if (depth > kMaxDepth) return refuse("the value is nested too deeply");
  skip_space();
  if (at_end()) return refuse("a value is missing");
  const char first = peek();
  if (first == '{' || first == '[') {
    ++at_;
    return read_list(depth, first == '{' ? '}' : ']');
  }
  if (first == '\'') {
    ++at_;
    return read_character();
  }
  if (first == '&') {
    ++at_;
    const std::size_t begin = at_;
    while (!at_end() && peek() != ',' && peek() != '}' && peek() != ']' && !is_space(peek())) ++at_;
    if (at_ == begin) return refuse("the name of an export is missing behind &");
    return Literal{Literal::Kind::symbol, std::string(text_.substr(begin, at_ - begin)), 0, {}, {}, {}};
  }
  if (first != '"') return read_word();
  ++at_;
  Result<std::string> inside = read_quoted('"');
  if (!inside) return propagate(inside);
  return Literal{Literal::Kind::text, std::move(*inside), 0, {}, {}, {}};
}

Result<Literal> read_out(std::string_view size) {
  Literal literal{Literal::Kind::out, {}, 0, {}, {}, {}};
  std::uint64_t unit = 1;
  std::string_view digits = size;
  const std::size_t suffix = size.empty() ? std::string_view::npos : std::string_view("KMG").find(size.back());
  if (suffix != std::string_view::npos) {
    unit = std::uint64_t{1024} << (10 * suffix);
    digits.remove_suffix(1);
  }
  const Result<Integer> bytes = integer_of(digits);
  if (!bytes || bytes->negative)
    return refuse("out:" + std::string(size) + " has no size; write a number of bytes, for example out:100 or out:64K");
  if (bytes->magnitude > kMaxBuffer / unit)
    return fail(ErrorCode::argument_range, "out:" + std::string(size) + " is larger than 2G");
  literal.size = bytes->magnitude * unit;
  return literal;
}

Result<Literal> Reader::read_all() {
  if (text_ == "out") return Literal{Literal::Kind::out, {}, 0, {}, {}, {}};
  if (text_.starts_with("out:")) return read_out(text_.substr(4));
  if (text_.starts_with("inout:")) {
    Result<Literal> inside = Reader(text_.substr(6)).read_all();
    if (!inside) return inside;
    if (inside->kind == Literal::Kind::out || inside->kind == Literal::Kind::inout)
      return refuse("inout: takes a value, for example inout:5, inout:'\"text\"' or inout:@FILE");
    Literal literal{Literal::Kind::inout, {}, 0, {}, {}, {}};
    literal.items.push_back(std::move(*inside));
    return literal;
  }
  if (text_.starts_with('@')) {
    if (text_.size() == 1) return refuse("the name of a file is missing behind @");
    return Literal{Literal::Kind::file, std::string(text_.substr(1)), 0, {}, {}, {}};
  }
  Result<Literal> literal = read_value(0);
  if (!literal) return literal;
  skip_space();
  if (!at_end()) return refuse("'" + inspect::printable(rest()) + "' follows the value");
  return literal;
}

}  // namespace

Result<Literal> parse_literal(std::string_view text) { return Reader(text).read_all(); }

Result<Integer> integer_of(std::string_view text) {
  const std::string shown(text);
  Integer integer;
  integer.negative = text.starts_with('-');
  if (integer.negative) text.remove_prefix(1);
  int base = 10;
  const auto prefix = [&](std::string_view small, std::string_view large, int its_base) {
    if (!text.starts_with(small) && !text.starts_with(large)) return false;
    text.remove_prefix(small.size());
    base = its_base;
    return true;
  };
  if (!prefix("0x", "0X", 16) && !prefix("0b", "0B", 2) && text.size() > 1) prefix("0", "0", 8);
  const char* end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, integer.magnitude, base);
  if (read.ec == std::errc::result_out_of_range)
    return fail(ErrorCode::argument_range, shown + " does not fit 64 bits");
  if (read.ec != std::errc() || read.ptr != end) return refuse(inspect::printable(shown) + " is no integer");
  return integer;
}

}  // namespace halfword::cli
