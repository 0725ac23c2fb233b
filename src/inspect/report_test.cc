#include "inspect/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

using testing::HasSubstr;
using testing::Not;

Report report_on(const PeFile& file, const std::string& own_target, const Places& places = {}) {
  TempFolder folder;
  const auto path = folder.write("vendor.dll", file.make());
  return make_report(path, must_read(file.make()), places, own_target);
}

Places empty_windows() {
  Places places;
  places.windows = true;
  return places;
}

TEST(Report, SaysThatAnotherBitnessNeedsAWorker) {
  const Report report = report_on(PeFile(), "x86_64-windows");
  EXPECT_FALSE(report.loadable_here);
  EXPECT_TRUE(report.loadable_by_worker);
  EXPECT_EQ(report.obstacle, "It is built for i386-windows.");
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("PE32 DLL for i386-windows (32 bit)"));
  EXPECT_THAT(text, HasSubstr("This process (x86_64-windows) cannot load it. It is built for i386-windows."));
  EXPECT_THAT(text, HasSubstr("A worker for i386-windows can"));
}

TEST(Report, SaysThatThisProcessCanLoadItsOwnTarget) {
  const Report report = report_on(PeFile(), "i386-windows");
  EXPECT_TRUE(report.loadable_here);
  EXPECT_EQ(report.obstacle, "");
  EXPECT_THAT(to_text(report), HasSubstr("This process (i386-windows) can load it."));
}

TEST(Report, NamesTheMissingLibraryAsTheReason) {
  PeFile file;
  file.needs = {{"MSVCR100.dll", {"malloc"}}};
  const Report report = report_on(file, "x86_64-linux", empty_windows());
  EXPECT_FALSE(report.loadable_by_worker);
  EXPECT_THAT(report.worker_obstacle,
              HasSubstr("needs MSVCR100.dll, the Visual C++ 2010 runtime, which was not found"));
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("A worker for i386-windows cannot either."));
  EXPECT_THAT(text, HasSubstr("MSVCR100.dll: Visual C++ 2010 runtime"));
  EXPECT_THAT(text, HasSubstr("MISSING"));
}

TEST(Report, NamesTheMissingNameAsTheReason) {
  TempFolder folder;
  PeFile file;
  file.needs = {{"other.dll", {"gone"}}};
  folder.write("other.dll", PeFile().make());
  const auto path = folder.write("vendor.dll", file.make());
  const Report report = make_report(path, must_read(file.make()), empty_windows(), "i386-windows");
  EXPECT_EQ(report.obstacle, "vendor.dll imports gone from other.dll, which does not export it.");
}

TEST(Report, SaysThatAProgramIsNoLibrary) {
  PeFile file;
  file.characteristics = 0x0102;
  const Report report = report_on(file, "i386-windows");
  EXPECT_FALSE(report.loadable_here);
  EXPECT_FALSE(report.loadable_by_worker);
  EXPECT_EQ(report.obstacle, "It is a program, not a library.");
}

TEST(Report, ShowsExportsWithTheirConvention) {
  PeFile file;
  file.exports = {{"_add@8"}, {"HeapAlloc", "NTDLL.RtlAllocateHeap"}, {""}};
  const std::string text = to_text(report_on(file, "i386-windows"));
  EXPECT_THAT(text, HasSubstr("_add@8   add, stdcall, 8 bytes of arguments"));
  EXPECT_THAT(text, HasSubstr("-> NTDLL.RtlAllocateHeap"));
  EXPECT_THAT(text, HasSubstr("(by ordinal only)"));
}

TEST(Report, UsesColourOnlyWhereAsked) {
  const Report report = report_on(PeFile(), "i386-windows");
  EXPECT_THAT(to_text(report), Not(HasSubstr("\x1b")));
  EXPECT_THAT(to_text(report, {.colour = true}), HasSubstr("\x1b[32m"));
}

TEST(Report, LetsNoNameOutOfAFileReachTheTerminalAsItIs) {
  PeFile file;
  file.exports = {{"\x1b]0;owned\x07"}};
  file.own_name = "\x1b[2J";
  file.needs = {{"\x1b[31m.dll", {"\x1b[0m"}}};
  const std::string text = to_text(report_on(file, "i386-windows", empty_windows()));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\\x1b[31m.dll"));
}

TEST(Report, CountsWhatItLeavesOutOfALongList) {
  PeFile file;
  for (int i = 0; i < 10; ++i) file.exports.push_back({"f" + std::to_string(i)});
  const std::string text = to_text(report_on(file, "i386-windows"), {.most_names = 3});
  EXPECT_THAT(text, HasSubstr("… and 7 more"));
  EXPECT_THAT(text, HasSubstr("f2"));
  EXPECT_THAT(text, Not(HasSubstr("f3")));
}

TEST(Report, ShowsTheAnswerOfTheRealLoader) {
  Report report = report_on(PeFile(), "x86_64-windows");
  report.loader = LoaderAnswer{false, "i386-windows", 126, "Module not found."};
  EXPECT_THAT(to_text(report), HasSubstr("a worker for i386-windows could not load it: Module not found. (126)"));
  report.loader = LoaderAnswer{true, "i386-windows", 0, ""};
  EXPECT_THAT(to_text(report), HasSubstr("a worker for i386-windows loaded it."));
}

TEST(Report, OfAFileIsMadeInOneStep) {
  TempFolder folder;
  const auto report = inspect_file(folder.write("vendor.dll", PeFile().make()));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->image.target, "i386-windows");
  EXPECT_EQ(inspect_file(folder.path() / "none.dll").error().code, ErrorCode::file_not_found);
}

}  // namespace
}  // namespace halfword::inspect
