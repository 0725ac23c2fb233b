// Prototypes, good and bad: what the model holds afterwards, and where errors point.
#include "interface/parser.h"

#include <gtest/gtest.h>

#include "interface/layout.h"

namespace halfword::model {
namespace {

Prototype parse(const std::string& text) {
  Position position;
  auto prototype = parse_prototype(text, &position);
  EXPECT_TRUE(prototype.has_value()) << prototype.error().message << "\n" << caret(text, position);
  return prototype ? std::move(*prototype) : Prototype();
}

// The whole function in C's own notation, rebuilt from the model.
std::string round_trip(const std::string& text) {
  const Prototype prototype = parse(text);
  if (prototype.model == nullptr) return "";
  Type type;
  type.kind = Kind::function;
  type.signature = &prototype.function.signature;
  return text_of(type);
}

struct Bad {
  std::size_t column;
  std::string message;
  std::string name;
};

Bad bad(const std::string& text) {
  Position position;
  const auto prototype = parse_prototype(text, &position);
  if (prototype) return {0, "", ""};
  EXPECT_EQ(prototype.error().code, ErrorCode::argument_type);
  return {position.column, prototype.error().message, prototype.error().name};
}

const Value& parameter(const Prototype& prototype, std::size_t index) {
  return prototype.function.signature.parameters.at(index);
}

TEST(Parser, ReadsNamesTypesAndConvention) {
  const Prototype prototype = parse("int __stdcall add(int a, unsigned short b)");
  EXPECT_EQ(prototype.function.name, "add");
  EXPECT_EQ(prototype.function.signature.convention, Convention::stdcall_call);
  ASSERT_EQ(prototype.function.signature.parameters.size(), 2U);
  EXPECT_EQ(parameter(prototype, 0).name, "a");
  EXPECT_EQ(parameter(prototype, 1).type->scalar, Scalar::unsigned_short);
  EXPECT_EQ(parameter(prototype, 1).column, 41U);
}

TEST(Parser, ReadsEveryArithmeticType) {
  EXPECT_EQ(round_trip("void f(_Bool, bool, char, signed char, unsigned char, short, unsigned short int, int, signed,"
                       "unsigned, long, long unsigned, long long int, unsigned long long, float, double, long double)"),
            "void (bool, bool, char, signed char, unsigned char, short, unsigned short, int, int, unsigned int, long, "
            "unsigned long, long long, unsigned long long, float, double, long double)");
  EXPECT_EQ(round_trip("size_t f(uint8_t, int64_t, wchar_t, DWORD, HANDLE, LPCSTR, unsigned __int64)"),
            "size_t (uint8_t, int64_t, wchar_t, DWORD, HANDLE, LPCSTR, unsigned long long)");
}

TEST(Parser, ReadsNestedDeclarators) {
  EXPECT_EQ(round_trip("void (*signal(int, void (*)(int)))(int)"), "void (*(int, void (*)(int)))(int)");
  EXPECT_EQ(round_trip("int f(int (*table[4])(char *const *, const char (*)[8]))"),
            "int (int (**)(char *const *, const char (*)[8]))");
  EXPECT_EQ(round_trip("int (add)(int (a), int)"), "int (int, int)");
}

TEST(Parser, TakesFunctionsWithoutANameAndPointersToFunctions) {
  EXPECT_EQ(round_trip("int(int, int)"), "int (int, int)");
  EXPECT_EQ(round_trip("int (*)(void *, int, char **, char **)"), "int (void *, int, char **, char **)");
  EXPECT_EQ(round_trip("int __stdcall (DWORD)"), "int (DWORD)");
  EXPECT_EQ(round_trip("typedef int compare(const void *, const void *); compare *c"),
            "int (const void *, const void *)");
}

TEST(Parser, PutsConventionsWhereTheyAreSaid) {
  const auto convention = [](const std::string& text) { return parse(text).function.signature.convention; };
  EXPECT_EQ(convention("int WINAPI f(void)"), Convention::stdcall_call);
  EXPECT_EQ(convention("__attribute__((fastcall)) int f(int)"), Convention::fastcall_call);
  EXPECT_EQ(convention("int (__thiscall *f)(void *)"), Convention::thiscall_call);
  EXPECT_EQ(convention("int (__attribute__((__stdcall__)) f)(int)"), Convention::stdcall_call);
  EXPECT_EQ(convention("int f(int) __attribute__((stdcall));"), Convention::stdcall_call);
  EXPECT_EQ(convention("int __cdecl f(int)"), Convention::cdecl_call);
  const Prototype prototype = parse("void f(int (CALLBACK *done)(int), int (*plain)(int))");
  EXPECT_EQ(prototype.function.signature.convention, Convention::cdecl_call);
  EXPECT_EQ(parameter(prototype, 0).type->element->signature->convention, Convention::stdcall_call);
  EXPECT_EQ(parameter(prototype, 1).type->element->signature->convention, Convention::cdecl_call);
}

TEST(Parser, GivesVariadicFunctionsTheTypesOfThisCallPromoted) {
  const Prototype prototype = parse("int __stdcall printf(const char *format, ..., char, float, long)");
  const Signature& signature = prototype.function.signature;
  EXPECT_TRUE(signature.variadic);
  EXPECT_EQ(signature.fixed, 1U);
  EXPECT_EQ(signature.convention, Convention::cdecl_call);
  ASSERT_EQ(signature.parameters.size(), 4U);
  EXPECT_EQ(signature.parameters[1].type->scalar, Scalar::int_);
  EXPECT_EQ(signature.parameters[2].type->scalar, Scalar::double_);
  EXPECT_EQ(signature.parameters[3].type->scalar, Scalar::long_int);
}

TEST(Parser, ReadsStructsUnionsEnumerationsAndTypedefs) {
  const Prototype prototype = parse(
      "enum color { red, green = 1 << 4, blue };\n"
      "typedef struct point { int x; double y; } point;\n"
      "struct shape { enum color c; point corners[blue - 15]; union { float f; unsigned u; }; struct shape *next; };\n"
      "double area(struct shape s, _Inout_ point *p)");
  const Record& shape = *parameter(prototype, 0).type->record;
  ASSERT_EQ(shape.fields.size(), 4U);
  EXPECT_EQ(shape.fields[1].type->count, 2U);
  EXPECT_EQ(layout_of(*parameter(prototype, 0).type, Target::i386_linux)->size, 4U + 24 + 4 + 4);
  EXPECT_EQ(layout_of(*parameter(prototype, 0).type, Target::x86_64_linux)->size, 56U);
  EXPECT_EQ(parameter(prototype, 1).words.direction, Direction::inout);
}

TEST(Parser, ReadsPackedStructsAndBitFields) {
  const Prototype prototype = parse(
      "__pack(2) struct a { char c; int i; };\n"
      "struct b { char c; int i; } __attribute__((packed));\n"
      "struct c { unsigned low : 3, : 0, high : 5; };\n"
      "void f(struct a, struct b, struct c)");
  EXPECT_EQ(layout_of(*parameter(prototype, 0).type, Target::i386_windows)->size, 6U);
  EXPECT_EQ(layout_of(*parameter(prototype, 1).type, Target::x86_64_linux)->size, 5U);
  const RecordLayout& bits = parameter(prototype, 2).type->record->layouts[0];
  EXPECT_EQ(bits.bit_offsets, (std::vector<std::uint64_t>{0, 32, 32}));
}

TEST(Parser, ReadsWordsBeforeAndAfterTheType) {
  const Prototype prototype = parse(
      "int compress(_Out_writes_bytes_to_(*n,*n) unsigned char *dst, unsigned long * _Inout_ n,"
      " _In_reads_bytes_opt_(rows * (columns + 1)) const void *src, size_t rows, int columns)");
  const Signature& signature = prototype.function.signature;
  const auto capacity = [&](std::size_t index) {
    return text_of(signature.parameters[index].words.capacity, signature.parameters);
  };
  EXPECT_EQ(capacity(0), "*n");
  EXPECT_EQ(text_of(signature.parameters[0].words.length, signature.parameters), "*n");
  EXPECT_TRUE(signature.parameters[0].words.in_bytes);
  EXPECT_EQ(signature.parameters[0].words.direction, Direction::out);
  EXPECT_EQ(signature.parameters[1].words.direction, Direction::inout);
  EXPECT_EQ(capacity(2), "rows*(columns+1)");
  EXPECT_TRUE(signature.parameters[2].words.optional);
}

TEST(Parser, ReadsWordsOfTheResultAndOfCallbacks) {
  const Prototype prototype = parse(
      "_Ret_z_ char *f(int (*row)(_Token_ void *, int n, _In_reads_z_(n) char **v), _Token_ _Retained_(close) void *u,"
      " _Outptr_result_z_ char **message, _Out_writes_to_(8, return) char *name)");
  const Signature& signature = prototype.function.signature;
  EXPECT_TRUE(signature.result.words.zero_terminated);
  const Signature& row = *signature.parameters[0].type->element->signature;
  EXPECT_TRUE(row.parameters[0].words.token);
  EXPECT_TRUE(row.parameters[2].words.zero_terminated);
  EXPECT_EQ(signature.parameters[1].words.retained, "close");
  EXPECT_TRUE(signature.parameters[2].words.outptr);
  EXPECT_TRUE(signature.parameters[2].words.result_string);
  EXPECT_EQ(signature.parameters[3].words.length.at(0).kind, Term::Kind::result);
}

TEST(Parser, IgnoresCommentsAndStorageClasses) {
  EXPECT_EQ(round_trip("/* a */ extern __declspec(dllimport) int f(int) __attribute__((nonnull(1))); // end"),
            "int (int)");
  EXPECT_EQ(round_trip("/* a */ static inline int // b\n f(volatile int);"), "int (int)");
}

TEST(Parser, PointsAtATypeThatIsNotKnown) {
  const Bad found = bad("int add(flot a)");
  EXPECT_EQ(found.column, 9U);
  EXPECT_EQ(found.name, "flot");
  EXPECT_EQ(found.message, "prototype: column 9: \"flot\" is not a type; did you mean float?");
  EXPECT_NE(bad("int open(sqlite3 **db)").message.find("struct sqlite3 *"), std::string::npos);
}

TEST(Parser, ShowsTheLineAndACaret) {
  const std::string text = "struct s { int a; };\nint f(struct s x,\tsruct y)";
  Position position;
  ASSERT_FALSE(parse_prototype(text, &position));
  EXPECT_EQ(position.line, 2U);
  EXPECT_EQ(caret(text, position), "int f(struct s x,\tsruct y)\n                 \t^~~~~");
}

TEST(Parser, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    std::size_t column;
    const char* part;
  } cases[] = {
      {"", 1, "there is no function"},
      {"int x", 5, "is not a function"},
      {"int", 1, "this is a type, not a function"},
      {"int f(", 7, "expected a type"},
      {"int f(int a", 12, "expected ','"},
      {"int f(int a,)", 13, "expected a type"},
      {"int f(int) g", 12, "follows"},
      {"int f(unsigned float)", 7, "these words together are no type"},
      {"int f(void v)", 7, "cannot be void"},
      {"int f(int int)", 7, "no type"},
      {"int f(int a[0])", 12, "at least one element"},
      {"int f(_In_reads_(m) const int *a, int n)", 18, "not a parameter"},
      {"int f(_In_reads_(n) int a, int n)", 7, "no pointer"},
      {"int f(_In_reads_(n) int *a, int *n)", 18, "write *n"},
      {"int f(_In_reads_(*n) int *a, int n)", 19, "not a pointer to an integer"},
      {"int f(_In_reads_ int *a)", 7, "needs its size"},
      {"int f(_In_reads_() int *a)", 18, "expected a number or a name"},
      {"int f(_In_reads_(1,2) int *a)", 19, "expected ')'"},
      {"int f(_Out_writes_to_(1) int *a)", 24, "a capacity and a length"},
      {"int f(_In_reeds_(1) int *a)", 7, "did you mean _In_reads_?"},
      {"int f(_In_ _Out_ int *a)", 12, "two words"},
      {"int f(_Out_ const int *a)", 7, "points to const"},
      {"int f(_In_z_ int *a)", 7, "needs a pointer to characters"},
      {"int f(_Outptr_ int *a)", 7, "pointer to a pointer"},
      {"int f(_Out_writes_(*n) char *a, _Out_ int *n)", 30, "before the call"},
      {"_In_ int *f(void)", 1, "belongs to a parameter"},
      {"struct s f(void)", 10, "not declared with its fields"},
      {"int f(struct s a)", 7, "not declared with its fields"},
      {"struct s { struct s a; }; int f(void)", 21, "no size"},
      {"struct s { struct s { int a; } b; }; int f(void)", 21, "inside itself"},
      {"struct s { int a; int a; }; int f(void)", 23, "declared twice"},
      {"struct s { }; int f(struct s *)", 10, "no fields"},
      {"struct s { int a : 33; }; int f(void)", 18, "at most 32 bits"},
      {"struct s { int a[]; }; int f(void)", 16, "without a length"},
      {"struct s { int a;", 10, "not closed"},
      {"enum e { a = 1 << 40 }; int f(void)", 10, "32 bits"},
      {"int f(enum e)", 12, "not declared"},
      {"__pack(3) struct s { int a; }; int f(void)", 8, "packing limit"},
      {"int f(int) __attribute__((regparm(3)))", 27, "not supported"},
      {"__attribute__((regparm(3))) int f(int)", 16, "not supported"},
      {"int f(char a[1 << 62])", 12, "more than 64 MiB"},
      {"int __stdcall *x", 15, "is no function"},
      {"int f(int __stdcall x)", 21, "is no function"},
      {"int f(\"x\")", 7, "has no meaning"},
      {"#pragma pack(1)\nint f(void)", 1, "__pack(n)"},
      {"int f(int a /* b", 13, "does not end"},
      {"int f(char a[99999999999999999999])", 14, "63 bits"},
      {"int f(\x80)", 7, "byte 128"},
  };
  for (const auto& entry : cases) {
    const Bad found = bad(entry.text);
    EXPECT_EQ(found.column, entry.column) << entry.text << "\n" << found.message;
    EXPECT_NE(found.message.find(entry.part), std::string::npos) << entry.text << "\n" << found.message;
  }
}

TEST(Parser, BoundsNestingAndSize) {
  EXPECT_NE(bad("int f(" + std::string(5000, '(') + ")").message, "");
  EXPECT_NE(bad("int f(int " + std::string(5000, '*') + "p)").message.find("more than 64"), std::string::npos);
  std::string chain = "struct s0 { int a; };";
  for (int level = 1; level < 300; ++level)
    chain += "struct s" + std::to_string(level) + " { struct s" + std::to_string(level - 1) + " a, b; };";
  EXPECT_NE(bad(chain + "int f(void)").message, "");
  std::string typedefs = "typedef int t0;";
  for (int level = 1; level < 300; ++level)
    typedefs += "typedef t" + std::to_string(level - 1) + " *t" + std::to_string(level) + ";";
  EXPECT_NE(bad(typedefs + "int f(void)").message.find("nested more than"), std::string::npos);
  std::string many = "int f(";
  for (int count = 0; count < 300; ++count) many += count == 0 ? "int" : ",int";
  EXPECT_NE(bad(many + ")").message.find("255 parameters"), std::string::npos);
  EXPECT_NE(bad(std::string(kMaxPrototypeText + 1, ' ')).message.find("at most"), std::string::npos);
}

}  // namespace
}  // namespace halfword::model
