// The lexical part of C that declarations need: identifiers, integers, punctuation, comments.
#include "interface/lexer.h"

#include <limits>
#include <string>

namespace halfword::model {
namespace {

// Not <cctype>: its functions depend on the locale and are undefined for bytes above 127.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (;;) {
      if (!skip_space()) return failure("the comment does not end");
      Token token;
      token.offset = at_;
      if (at_ == text_.size()) {
        tokens.push_back(token);
        return tokens;
      }
      if (is_letter(text_[at_])) {
        token.kind = TokenKind::identifier;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
      } else if (is_digit(text_[at_])) {
        token.kind = TokenKind::number;
        if (!number(token.value)) return failure("this is not an integer that fits 63 bits");
      } else if (!punctuation()) {
        return failure(unexpected());
      } else {
        token.kind = TokenKind::punctuation;
      }
      token.text = text_.substr(token.offset, at_ - token.offset);
      tokens.push_back(token);
    }
  }

  std::size_t offset() const { return at_; }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }

  bool skip_space() {
    for (;;) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (starts("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (starts("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return false;
        at_ = end + 2;
      } else {
        return true;
      }
    }
  }

  bool number(std::uint64_t& value) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    const std::size_t begin = at_;
    unsigned base = 10;
    if (text_[at_] == '0') {
      base = 8;
      if (starts("0x") || starts("0X")) {
        base = 16;
        at_ += 2;
      }
    }
    std::size_t digits = 0;
    for (; at_ < text_.size() && digit_value(text_[at_]) < static_cast<int>(base); ++at_, ++digits) {
      const auto digit = static_cast<std::uint64_t>(digit_value(text_[at_]));
      if (value > (kMost - digit) / base) return restore(begin);
      value = value * base + digit;
    }
    while (at_ < text_.size() && (text_[at_] == 'u' || text_[at_] == 'U' || text_[at_] == 'l' || text_[at_] == 'L'))
      ++at_;
    const bool ends = at_ == text_.size() || (!is_letter(text_[at_]) && !is_digit(text_[at_]) && text_[at_] != '.');
    return (ends && digits != 0) || restore(begin);
  }
  bool restore(std::size_t begin) {
    at_ = begin;
    return false;
  }

  bool punctuation() {
    if (starts("...")) {
      at_ += 3;
      return true;
    }
    if (starts("<<")) {
      at_ += 2;
      return true;
    }
    if (std::string_view("()[]{}*,;:=+-/").find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }

  std::string unexpected() const {
    const char c = text_[at_];
    if (c == '#') return "a prototype has no preprocessor lines; for `#pragma pack(n)` write `__pack(n) struct …`";
    if (c > ' ' && c < 127) return std::string("'") + c + "' has no meaning here";
    return "byte " + std::to_string(static_cast<unsigned char>(c)) + " has no meaning here";
  }

  static std::unexpected<Error> failure(std::string message) {
    return fail(ErrorCode::argument_type, std::move(message));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text, std::size_t& error_offset) {
  Lexer lexer(text);
  auto tokens = lexer.run();
  if (!tokens) error_offset = lexer.offset();
  return tokens;
}

}  // namespace halfword::model
