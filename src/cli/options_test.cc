// The command line as such; what the commands do with it is tested with the program itself, in tests/cli.
#include <gtest/gtest.h>

#include "cli/commands.h"

namespace halfword::cli {
namespace {

CommandLine parsed(const std::vector<std::string>& arguments) {
  Result<CommandLine> line = parse_command_line(arguments);
  EXPECT_TRUE(line.has_value()) << (line ? "" : line.error().message);
  return line.value_or(CommandLine());
}

void expect_refused(const std::vector<std::string>& arguments, ErrorCode code = ErrorCode::argument_type) {
  const Result<CommandLine> line = parse_command_line(arguments);
  ASSERT_FALSE(line.has_value()) << testing::PrintToString(arguments);
  EXPECT_EQ(line.error().code, code) << line.error().message;
}

TEST(Options, NegativeNumbersAreValuesAndNotOptions) {
  const CommandLine line = parsed({"call", "l", "p", "-5", "-.5", "-inf", "-0x1f"});
  EXPECT_EQ(line.arguments, (std::vector<std::string>{"-5", "-.5", "-inf", "-0x1f"}));
}

TEST(Options, StructsAndTextStayInOnePiece) {
  const CommandLine line = parsed({"call", "l", "p", "[1,2,3]", "{1,[2,3]}", "\"[a,b]\"", "inout:[1,2]", ""});
  EXPECT_EQ(line.arguments, (std::vector<std::string>{"[1,2,3]", "{1,[2,3]}", "\"[a,b]\"", "inout:[1,2]", ""}));
}

TEST(Options, OptionsMayStandAnywhere) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--json", "call", "--repeat", "3", "l", "p", "1"},
        {"call", "l", "p", "1", "--json", "--repeat=3"},
        {"call", "l", "--json", "p", "--repeat", "3", "1"}}) {
    const CommandLine line = parsed(words);
    EXPECT_TRUE(line.json);
    EXPECT_EQ(line.repeat, 3U);
    EXPECT_EQ(line.file, "l");
    EXPECT_EQ(line.prototype, "p");
    EXPECT_EQ(line.arguments, std::vector<std::string>{"1"});
  }
}

TEST(Options, SearchMayRepeatAndTakesOneFolderEach) {
  const CommandLine line = parsed({"inspect", "--search", "a", "--search", "b", "file"});
  EXPECT_EQ(line.search, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(line.file, "file");
}

TEST(Options, ADeadlineIsATime) {
  EXPECT_EQ(parsed({"call", "l", "p", "--deadline", "500ms"}).deadline_ns, 500'000'000);
  expect_refused({"call", "l", "p", "--deadline", "500"});
  expect_refused({"call", "l", "p", "--deadline", ""});
  expect_refused({"call", "l", "p", "--deadline", "-5ms"}, ErrorCode::argument_range);
  expect_refused({"call", "l", "p", "--deadline", "0ms"}, ErrorCode::argument_range);
}

TEST(Options, ARepetitionIsANumber) {
  for (const char* text : {"0", "-1", "x", "10000001", "3.5", "99999999999"})
    expect_refused({"call", "l", "p", "--repeat", text}, ErrorCode::argument_range);
}

TEST(Options, RefusesWhatIsNoCommandLine) {
  expect_refused({"frobnicate"});
  expect_refused({"inspect"});
  expect_refused({"inspect", "a", "b"});
  expect_refused({"inspect", "--nonsense", "a"});
  expect_refused({"call", "l"});
  expect_refused({"doctor", "x"});
  expect_refused({"help", "nothing"});
  expect_refused({"inspect", "a", "--search"});
}

TEST(Options, EveryHelpHasAnExample) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                {},
                                                {"inspect", "--help"},
                                                {"call", "-h"},
                                                {"doctor", "--help"},
                                                {"help", "--help"},
                                                {"help", "call"}}) {
    const CommandLine line = parsed(words);
    EXPECT_EQ(line.command, Command::show_text);
    EXPECT_NE(line.text.find("Example:\n  halfword "), std::string::npos) << line.text;
  }
}

TEST(Options, JsonIsWantedWhereverItStands) {
  EXPECT_TRUE(asks_for_json({"nonsense", "--json"}));
  EXPECT_FALSE(asks_for_json({"call", "--", "--json"}));
  EXPECT_FALSE(asks_for_json({}));
}

}  // namespace
}  // namespace halfword::cli
