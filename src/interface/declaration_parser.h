// The grammar of prototypes: C declarations of types, then one function. The parts of one recursive-descent parser;
// parser.h is the way in. One object parses one text, on one thread.
//
// After the first error every function returns false (or nothing) at once, and failure() holds that first error.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "interface/lexer.h"
#include "interface/model.h"
#include "interface/sal.h"

namespace halfword::model {

struct ParseFailure {
  std::string message;
  std::size_t offset = 0;
  std::string_view text;  ///< the offending token
};

class DeclarationParser {
 public:
  DeclarationParser(std::string_view source, std::vector<Token> tokens, Model& model)
      : source_(source), tokens_(std::move(tokens)), model_(model) {}

  /// Parses the whole text. False: failure() says why.
  bool run(Function& function);
  const ParseFailure& failure() const { return *failure_; }

 private:
  /// A SAL word as it was said, its parentheses not yet read: they may name parameters that follow.
  struct Said {
    const SalWord* word;
    Token at;
    std::size_t begin;  // of the tokens in the parentheses
    std::size_t end;
  };
  using SaidWords = std::vector<Said>;

  struct Specifiers {
    const Type* type = nullptr;
    bool is_typedef = false;
    bool is_record_or_enum = false;  // a declaration of it may stand alone
    std::optional<Convention> convention;
    SaidWords words;
    Token first;
  };

  /// One step from a declared name outwards: `*`, `[4]`, `(int)`.
  struct Derivation {
    Kind kind;
    bool constant = false;
    std::uint64_t count = 0;
    Signature signature;
  };
  struct Declarator {
    Token name;  // of kind `end` where there is none
    std::vector<Derivation> parts;
    std::optional<Convention> convention;  // said, and not yet used by a function
    SaidWords words;
    Token first;
  };

  /// The words of C's arithmetic types, counted, since they may come in any order.
  struct Arithmetic {
    unsigned signs = 0, unsigneds = 0, shorts = 0, longs = 0, ints = 0, others = 0;
    Scalar other = Scalar::int_;  // char, float, double, bool
    bool is_void = false;
    bool any() const { return signs + unsigneds + shorts + longs + ints + others != 0; }
  };

  // Tokens.
  const Token& peek(std::size_t ahead = 0) const;
  Token next();
  bool at(std::string_view punctuation) const;
  bool accept(std::string_view punctuation);
  bool expect(std::string_view punctuation, std::string_view where);
  bool at_word(std::string_view word) const;
  bool skip_parentheses(std::size_t& begin, std::size_t& end);
  bool fail_at(const Token& token, std::string message);
  bool enter();  // one level of nesting deeper
  void leave() { --depth_; }
  static std::string quoted(const Token& token);
  std::uint32_t column_of(const Token& token) const;

  // declaration_parser.cc: declarations and declarators
  bool declaration(Function& function, bool& found);
  bool finish_function(const Specifiers& specifiers, const Declarator& declarator, const Type* type,
                       Function& function);
  bool declarator(Declarator& out);
  bool prefix(Declarator& out);
  bool direct(Declarator& out);
  bool suffixes(Declarator& out, std::optional<Convention> convention);
  bool array_suffix(Declarator& out);
  bool parameters(Signature& signature);
  bool parameter(Value& value, SaidWords& words);
  const Type* adjusted(const Type* type);
  const Type* promoted(const Type* type);
  const Type* build(const Type* base, Declarator& declarator, const SaidWords& words,
                    std::optional<Convention> convention);
  const Type* derive(const Type* inner, Derivation& part, const Token& at);
  bool starts_type(const Token& token);

  // specifiers.cc: what stands before a declarator
  bool specifiers(Specifiers& out);
  bool specifier(Specifiers& out, Arithmetic& arithmetic, bool& constant, bool& done);
  bool arithmetic_word(Arithmetic& arithmetic, const Token& token, bool& taken);
  const Type* arithmetic_type(const Arithmetic& arithmetic, const Token& at);
  bool convention_word(std::string_view word, std::optional<Convention>& out) const;
  bool attribute(std::optional<Convention>& convention, bool& packed);
  bool one_attribute(std::optional<Convention>& convention, bool& packed);
  bool said_word(SaidWords& out);
  bool pack_limit();
  const Type* record_specifier(bool is_union);
  bool record_body(Record& record);
  bool field_declaration(Record& record);
  bool field(Record& record, const Specifiers& specifiers);
  bool bit_width(Field& field);
  bool add_field(Record& record, Field field, const Token& at);
  const Type* enum_specifier();
  bool enumerators();
  const Type* named_type(std::string_view name);
  const Type* with_const(const Type* type);
  static bool is_keyword(std::string_view word);

  // expressions.cc: constants, and the extents of SAL's words
  bool constant(std::int64_t& value, std::string_view what);
  bool apply_words(const SaidWords& said, const std::vector<Value>& parameters, Value& value, bool to_result);
  bool apply_word(const Said& said, const std::vector<Value>& parameters, Value& value);
  bool check_extents(const std::vector<Value>& parameters);
  bool extent(std::size_t end, const std::vector<Value>* parameters, Expression& out);
  bool sum(const std::vector<Value>* parameters, Expression& out);
  bool product(const std::vector<Value>* parameters, Expression& out);
  bool operand(const std::vector<Value>* parameters, Expression& out);
  bool name_operand(const Token& token, bool dereferenced, const std::vector<Value>* parameters, Expression& out);

  std::string_view source_;
  std::vector<Token> tokens_;
  Model& model_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  std::uint32_t pack_ = 0;  // of the next record, by __pack(n)
  std::optional<ParseFailure> failure_;
  std::map<std::string_view, const Type*> typedefs_;
  std::map<std::string_view, const Type*> known_;  // of known_types.h, as far as used
  std::map<std::string_view, Record*> tags_;
  std::set<const Record*> open_records_;  // whose fields are being read
  std::map<std::string_view, const Type*> enums_;
  std::map<std::string_view, std::int64_t> enumerators_;
};

}  // namespace halfword::model
