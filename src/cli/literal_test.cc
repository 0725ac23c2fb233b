#include "cli/literal.h"

#include <gtest/gtest.h>

namespace halfword::cli {
namespace {

using Kind = Literal::Kind;

Literal parsed(std::string_view text) {
  const Result<Literal> literal = parse_literal(text);
  EXPECT_TRUE(literal.has_value()) << text << ": " << (literal ? "" : literal.error().message);
  return literal.value_or(Literal());
}

std::string refused(std::string_view text) {
  const Result<Literal> literal = parse_literal(text);
  EXPECT_FALSE(literal.has_value()) << text;
  return literal ? "" : literal.error().message;
}

TEST(Literal, ReadsNumbersAsTheyAreWritten) {
  for (const char* text : {"5", "-5", "0x1f", "2.5", "-.5", "1e-3", "inf", "-nan"}) {
    EXPECT_EQ(parsed(text).kind, Kind::number) << text;
    EXPECT_EQ(parsed(text).text, text);
  }
  EXPECT_EQ(parsed("+5").text, "5");
}

TEST(Literal, ReadsTextWithTheEscapesOfC) {
  EXPECT_EQ(parsed("\"\"").text, "");
  EXPECT_EQ(parsed("\"a b\"").text, "a b");
  EXPECT_EQ(parsed(R"("\n\t\\\"\x41\u00e9\U0001f600")").text, "\n\t\\\"A\u00e9\U0001f600");
  EXPECT_EQ(parsed(R"("a\0b")").text, std::string("a\0b", 3));
  EXPECT_EQ(parsed("\"\\xff\"").text, "\xff");
}

TEST(Literal, ReadsOneCharacter) {
  EXPECT_EQ(parsed("'a'").number, 'a');
  EXPECT_EQ(parsed("'\\n'").number, '\n');
  EXPECT_EQ(parsed("'\u00e9'").number, 0xe9U);
  EXPECT_EQ(parsed("'\U0001f600'").number, 0x1f600U);
}

TEST(Literal, ReadsWords) {
  EXPECT_EQ(parsed("null").kind, Kind::null);
  EXPECT_EQ(parsed("NULL").kind, Kind::null);
  EXPECT_EQ(parsed("true").number, 1U);
  EXPECT_EQ(parsed("false").number, 0U);
  EXPECT_EQ(parsed("@some file").text, "some file");
  EXPECT_EQ(parsed("&_add@8").text, "_add@8");
}

TEST(Literal, ReadsStructsAndArrays) {
  const Literal point = parsed("{1, {2.5, \"x\"}, [1,2,3],}");
  ASSERT_EQ(point.kind, Kind::structure);
  ASSERT_EQ(point.items.size(), 3U);
  EXPECT_EQ(point.items[1].items[1].text, "x");
  EXPECT_EQ(point.items[2].kind, Kind::array);
  const Literal named = parsed("{.x = 1, .y=.5}");
  EXPECT_EQ(named.items[0].name, "x");
  EXPECT_EQ(named.items[1].name, "y");
  EXPECT_EQ(named.items[1].text, ".5");
  EXPECT_TRUE(parsed("[]").items.empty());
}

TEST(Literal, ReadsBuffers) {
  EXPECT_EQ(parsed("out").size, std::nullopt);
  EXPECT_EQ(parsed("out:100").size, 100U);
  EXPECT_EQ(parsed("out:64K").size, 65536U);
  EXPECT_EQ(parsed("out:0").size, 0U);
  EXPECT_EQ(parsed("inout:\"abc\"").items.at(0).text, "abc");
  EXPECT_EQ(parsed("inout:-5").items.at(0).text, "-5");
  EXPECT_EQ(parsed("inout:@x").items.at(0).kind, Kind::file);
  EXPECT_EQ(parsed("inout:{1,2}").items.at(0).items.size(), 2U);
}

TEST(Literal, SaysHowToWriteText) { EXPECT_NE(refused("hello").find("'\"hello\"'"), std::string::npos); }

TEST(Literal, RefusesWhatIsNoValue) {
  for (const char* text :
       {"",     " ",    "\"",     "\"abc",  "\"\\",   "\"\\q\"",     "\"\\x\"",       "\"\\U00110000\"", "'",   "''",
        "'ab'", "{",    "{1",     "{1 2}",  "[1",     "[1}",         "{.x}",          "[.x = 1]",        "5 6", "@",
        "&",    "out:", "out:-1", "out:5x", "inout:", "inout:out:5", "inout:inout:5", "{@file}",         "--",  "\x01"})
    refused(text);
}

TEST(Literal, RefusesBuffersAbove2GiB) {
  EXPECT_EQ(parse_literal("out:2G").value().size, 2147483648U);
  for (const char* text : {"out:2147483649", "out:3G", "out:99999999999G"})
    EXPECT_EQ(parse_literal(text).error().code, ErrorCode::argument_range) << text;
}

TEST(Literal, RefusesValuesThatAreNestedWithoutEnd) {
  refused(std::string(100000, '{'));
  refused(std::string(40, '[') + std::string(40, ']'));
}

TEST(Literal, IntegersAreWrittenAsInC) {
  EXPECT_EQ(integer_of("42").value().magnitude, 42U);
  EXPECT_EQ(integer_of("0x2A").value().magnitude, 42U);
  EXPECT_EQ(integer_of("052").value().magnitude, 42U);
  EXPECT_EQ(integer_of("0b101010").value().magnitude, 42U);
  EXPECT_EQ(integer_of("0").value().magnitude, 0U);
  EXPECT_TRUE(integer_of("-0x2a").value().negative);
  EXPECT_EQ(integer_of("18446744073709551615").value().magnitude, UINT64_MAX);
  EXPECT_EQ(integer_of("18446744073709551616").error().code, ErrorCode::argument_range);
  for (const char* text : {"", "-", "0x", "08", "1.5", "1e3", "5u", "--5", "-+5", "inf"})
    EXPECT_EQ(integer_of(text).error().code, ErrorCode::argument_type) << text;
}

}  // namespace
}  // namespace halfword::cli
