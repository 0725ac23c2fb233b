// The help and what must agree with it: the list of codes, the man pages, the completions.
#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>

#include "base/error.h"
#include "cli/command.h"
#include "test_paths.h"

namespace {

using test::document_of;
using test::run;
using test::Run;
using testing::HasSubstr;

std::string file_of_checkout(const std::string& path) {
  std::ifstream file(std::string(kTestSources) + "/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> options_in(const std::string& help) {
  std::set<std::string> options;
  const std::regex option("\n  (?:-h,)?--([a-z-]+)");
  for (std::sregex_iterator at(help.begin(), help.end(), option), end; at != end; ++at) options.insert((*at)[1]);
  EXPECT_TRUE(options.contains("help")) << help;
  return options;
}

TEST(Help, ErrorsListsEveryCodeWithItsStatusMeaningAndAdvice) {
  const Run text = run({"help", "errors"});
  EXPECT_EQ(text.status, 0);
  const nlohmann::json errors = document_of(run({"help", "errors", "--json"}))["errors"];
  const auto& codes = halfword::error_codes();
  ASSERT_EQ(errors.size(), codes.size());
  for (std::size_t at = 0; at < codes.size(); ++at) {
    EXPECT_EQ(errors[at]["code"], codes[at].name);
    EXPECT_EQ(errors[at]["number"], static_cast<std::uint32_t>(codes[at].code));
    EXPECT_EQ(errors[at]["status"], codes[at].exit_status);
    EXPECT_THAT(text.out, HasSubstr(codes[at].name));
    EXPECT_THAT(text.out, HasSubstr(codes[at].meaning));
    EXPECT_THAT(text.out, HasSubstr(codes[at].advice));
  }
}

TEST(Help, TheVersionIsTold) {
  const Run text = run({"--version"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, testing::StartsWith("halfword "));
  EXPECT_EQ("halfword " + document_of(run({"--version", "--json"}))["version"].get<std::string>() + "\n", text.out);
}

TEST(Help, WithoutACommandTheCommandsAreListed) {
  const Run done = run({});
  EXPECT_EQ(done.status, 0);
  for (const char* command : {"inspect", "call", "doctor", "help"}) EXPECT_THAT(done.out, HasSubstr(command));
}

TEST(Help, EveryOptionStandsInTheManPageAndInTheCompletions) {
  for (const std::string command : {"inspect", "call", "doctor"}) {
    const Run help = run({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.out, HasSubstr("Usage: halfword " + command));
    std::string page = file_of_checkout("docs/man/man1/halfword-" + command + ".1");
    std::erase(page, '\\');
    const std::string bash = file_of_checkout("completions/halfword.bash");
    const std::string zsh = file_of_checkout("completions/_halfword");
    const std::string fish = file_of_checkout("completions/halfword.fish");
    for (const std::string& option : options_in(help.out)) {
      EXPECT_THAT(page, HasSubstr("--" + option)) << command;
      EXPECT_THAT(bash, HasSubstr("--" + option));
      EXPECT_THAT(zsh, HasSubstr("--" + option));
      EXPECT_THAT(fish, HasSubstr("-l " + option));
    }
  }
}

TEST(Help, TheExamplesOfTheHelpWork) {
  for (const std::string topic : {"", "call"}) {
    const Run help = topic.empty() ? run({"--help"}) : run({"help", topic});
    EXPECT_THAT(help.out, HasSubstr("halfword call libz.so.1 '"));
  }
  EXPECT_EQ(run({"call", "libz.so.1", "const char *zlibVersion(void)"}).status, 0);
}

}  // namespace
