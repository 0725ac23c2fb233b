// `halfword inspect` with its test load, `halfword doctor`, and the help.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "cli/command.h"
#include "test_paths.h"

namespace {

using test::document_of;
using test::library;
using test::run;
using test::Run;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

TEST(Inspect, ALibraryThatAWorkerLoadsCanBeCalled) {
  const Run done = run({"inspect", "libz.so.1"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("ELF32 shared library for i386-linux"));
  EXPECT_THAT(done.out, HasSubstr("cannot load it. It is built for i386-linux."));
  EXPECT_THAT(done.out, HasSubstr("Test load: a worker for i386-linux loaded it."));
  EXPECT_THAT(done.out, HasSubstr("zlibVersion"));
  EXPECT_THAT(done.out, HasSubstr("It can be called from here.\n"));
}

TEST(Inspect, TheDocumentHasTheSameAnswer) {
  const Run done = run({"inspect", "--json", "libsqlite3.so.0"});
  EXPECT_EQ(done.status, 0) << done.err;
  const nlohmann::json document = document_of(done);
  EXPECT_EQ(document["callable"], true);
  EXPECT_EQ(document["loadable_here"], false);
  EXPECT_EQ(document["test_load"]["loaded"], true);
  EXPECT_EQ(document["target"], "i386-linux");
  EXPECT_GT(document["exports"].size(), 100U);
}

TEST(Inspect, ALibraryWithoutItsDependencyCannotBeCalled) {
  const Run done = run({"inspect", library("needs_absent")});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, HasSubstr("libhalfword_absent.so.1"));
  EXPECT_THAT(done.out, HasSubstr("MISSING"));
  EXPECT_THAT(done.out, HasSubstr("Test load: a worker for i386-linux could not load it"));
  EXPECT_THAT(done.out, HasSubstr("It cannot be called from here.\n"));
  const nlohmann::json document = document_of(run({"inspect", "--json", library("needs_absent")}));
  EXPECT_EQ(document["callable"], false);
  EXPECT_EQ(document["test_load"]["loaded"], false);
  EXPECT_EQ(document["test_load"]["error"]["code"], "dependency_missing");
}

TEST(Inspect, SearchFindsADependency) {
  const std::string folder = testing::TempDir() + "halfword_search_" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(library("absent"), folder + "/libhalfword_absent.so.1",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(run({"inspect", "--search", folder, library("needs_absent")}).status, 0);
  EXPECT_EQ(run({"inspect", library("needs_absent")}, {{"HALFWORD_LIBRARY_PATH", folder}}).status, 0);
  std::filesystem::remove_all(folder);
}

TEST(Inspect, AProgramCannotBeCalled) {
  const Run done = run({"inspect", "/bin/true"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, HasSubstr("It is a program, not a library."));
}

TEST(Inspect, ALibraryOfThisProcessNeedsNoWorker) {
  const Run done = run({"inspect", library("add", "x86_64-linux")});
  EXPECT_EQ(done.status, 0);
  EXPECT_THAT(done.out, HasSubstr("This process (x86_64-linux) can load it."));
}

TEST(Inspect, ALibraryThatEndsItsProcessWhenItIsCalledIsLoadedAllTheSame) {
  EXPECT_EQ(run({"inspect", library("die_at_once")}).status, 0);
}

TEST(Inspect, WithoutAWorkerItSaysSo) {
  const Run done = run({"inspect", library("add")}, {{"HALFWORD_WORKERS", "/nonexistent"}});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, HasSubstr("No test load was made: "));
  EXPECT_THAT(done.out, HasSubstr("/nonexistent/i386-linux/halfword-worker"));
  const nlohmann::json document =
      document_of(run({"inspect", "--json", library("add")}, {{"HALFWORD_WORKERS", "/nonexistent"}}));
  EXPECT_EQ(document["test_load"]["made"], false);
  EXPECT_EQ(document["test_load"]["error"]["code"], "wrong_bitness");
}

TEST(Inspect, NothingOfALibraryRunsWithoutALoad) {
  const Run done = run({"inspect", "--no-load", library("add")}, {{"HALFWORD_WORKERS", "/nonexistent"}});
  EXPECT_EQ(done.status, 0);
  EXPECT_THAT(done.out, HasSubstr("--no-load"));
}

TEST(Inspect, AWindowsLibraryHasItsConventions) {
  const nlohmann::json document =
      document_of(run({"inspect", "--no-load", "--json", library("values", "i386-windows")}));
  EXPECT_EQ(document["format"], "pe");
  EXPECT_EQ(document["target"], "i386-windows");
}

TEST(Output, NoColoursWithoutATerminal) {
  EXPECT_THAT(run({"inspect", "libz.so.1"}).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(run({"call", "x", "y"}).err, Not(HasSubstr("\x1b[")));
}

// ---- doctor ----

TEST(Doctor, TheLinuxWorkerIsStarted) {
  const Run done = run({"doctor", "--json"});
  EXPECT_THAT(done.status, testing::AnyOf(0, 1)) << done.out;
  const nlohmann::json document = document_of(done);
  const nlohmann::json& worker = document["workers"][0];
  EXPECT_EQ(worker["target"], "i386-linux");
  EXPECT_EQ(worker["works"], true) << worker;
  EXPECT_GT(worker["start_ns"], 0);
  EXPECT_EQ(worker["wake_up"], "futex");
  EXPECT_EQ(worker["window"]["same_addresses"], true);
  EXPECT_THAT(worker["missing"], testing::IsEmpty());
  EXPECT_EQ(document["works"], done.status == 0);
  EXPECT_EQ(document["sandbox"].size(), 3U);
  EXPECT_TRUE(document["wine"].contains("prefix"));
}

TEST(Doctor, TheTextSaysTheSame) {
  const Run done = run({"doctor"});
  EXPECT_THAT(done.out, HasSubstr("i386-linux        yes  started in "));
  EXPECT_THAT(done.out, HasSubstr("MiB at 0x"));
  EXPECT_THAT(done.out, HasSubstr("wake-up: futex"));
  EXPECT_THAT(done.out, HasSubstr("Wine"));
  EXPECT_THAT(done.out, HasSubstr("seccomp"));
}

TEST(Doctor, WithoutAnyWorkerItIsTheEnvironment) {
  const Run done = run({"doctor", "--json"}, {{"HALFWORD_WORKERS", "/nonexistent"}});
  EXPECT_EQ(done.status, 5);
  for (const nlohmann::json& worker : document_of(done)["workers"]) {
    EXPECT_EQ(worker["works"], false);
    EXPECT_THAT(worker["missing"][0]["command"].get<std::string>(), HasSubstr("HALFWORD_WORKERS"));
  }
}

TEST(Doctor, WithoutWineTheCommandThatInstallsItIsGiven) {
  // Debian's wine is found through PATH; with none in it the Windows worker cannot start.
  const Run done = run({"doctor", "--json"}, {{"PATH", "/nonexistent"}});
  const nlohmann::json document = document_of(done);
  EXPECT_EQ(document["wine"]["found"], false);
  EXPECT_EQ(document["workers"][0]["works"], true);
}

TEST(Doctor, FoldersThatAreNotThereAreTold) {
  const nlohmann::json document =
      document_of(run({"doctor", "--json", "--search", "/nonexistent/a"}, {{"HALFWORD_LIBRARY_PATH", "/tmp"}}));
  EXPECT_EQ(document["search"][0], (nlohmann::json{{"folder", "/nonexistent/a"}, {"exists", false}}));
  EXPECT_EQ(document["search"][1], (nlohmann::json{{"folder", "/tmp"}, {"exists", true}}));
}

}  // namespace
