#include "inspect/report_json.h"

#include <gtest/gtest.h>

#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

Report report_on(const PeFile& file) {
  TempFolder folder;
  Places places;
  places.windows = true;
  const auto path = folder.write("vendor.dll", file.make());
  return make_report(path, must_read(file.make()), places, "x86_64-linux");
}

TEST(ReportJson, HoldsWhatScriptsAskFor) {
  PeFile file;
  file.exports = {{"_add@8"}, {"HeapAlloc", "NTDLL.RtlAllocateHeap"}};
  file.needs = {{"MSVCR100.dll", {"malloc", "#7"}}, {"late.dll", {"f"}, true}};
  const auto json = to_json(report_on(file));
  EXPECT_EQ(json["format"], "pe");
  EXPECT_EQ(json["kind"], "shared_library");
  EXPECT_EQ(json["target"], "i386-windows");
  EXPECT_EQ(json["bits"], 32);
  EXPECT_EQ(json["loadable_here"], false);
  EXPECT_EQ(json["loadable_by_worker"], false);
  EXPECT_EQ(json["exports"][0]["name"], "_add@8");
  EXPECT_EQ(json["exports"][0]["ordinal"], kFirstOrdinal);
  EXPECT_EQ(json["exports"][0]["address"], "0x1000");
  EXPECT_EQ(json["exports"][0]["undecorated"], "add");
  EXPECT_EQ(json["exports"][0]["convention"], "stdcall");
  EXPECT_EQ(json["exports"][0]["argument_bytes"], 8);
  EXPECT_EQ(json["exports"][1]["forwarder"], "NTDLL.RtlAllocateHeap");
  EXPECT_EQ(json["imports"][0]["name"], "MSVCR100.dll");
  EXPECT_EQ(json["imports"][0]["names"][0]["name"], "malloc");
  EXPECT_EQ(json["imports"][0]["names"][1]["ordinal"], 7);
  EXPECT_EQ(json["imports"][1]["delayed"], true);
  EXPECT_EQ(json["dependencies"]["list"][0]["place"], "missing");
  EXPECT_EQ(json["dependencies"]["list"][0]["product"], "Visual C++ 2010 runtime");
  EXPECT_EQ(json["pe"]["subsystem"], "console");
  EXPECT_FALSE(json.contains("test_load"));
}

TEST(ReportJson, HoldsElfDetailsAndVersions) {
  ElfFile file;
  file.soname = "libvendor.so.1";
  file.needed = {"libc.so.6"};
  file.symbols = {{.name = "add", .version = "@V1"},
                  {.name = "malloc", .defined = false, .version = "GLIBC_2.0", .from = "libc.so.6"}};
  const auto json = to_json(make_report("libvendor.so", must_read(file.make()), Places(), "x86_64-linux"));
  EXPECT_EQ(json["own_name"], "libvendor.so.1");
  EXPECT_EQ(json["exports"][0]["version"], "V1");
  EXPECT_EQ(json["exports"][0]["default_version"], false);
  EXPECT_EQ(json["imports"][0]["versions"][0]["name"], "GLIBC_2.0");
  EXPECT_EQ(json["elf"]["dynamic"], true);
}

TEST(ReportJson, IsAValidDocumentWhateverTheNamesAre) {
  PeFile file;
  file.exports = {{"\xff\xfe\x1b[31m"}, {"\xc3\x28"}};
  file.own_name = "\x80";
  file.needs = {{"\xed\xa0\x80.dll", {"\xf8"}}};
  const std::string text = to_json(report_on(file)).dump();
  const auto again = nlohmann::json::parse(text);
  EXPECT_EQ(again["exports"][0]["name"], "\\xff\\xfe\\x1b[31m");
}

TEST(ReportJson, HoldsTheAnswerOfTheRealLoader) {
  Report report = report_on(PeFile());
  report.loader = LoaderAnswer{false, "i386-windows", 193, "%1 is not a valid Win32 application."};
  const auto json = to_json(report);
  EXPECT_EQ(json["test_load"]["loaded"], false);
  EXPECT_EQ(json["test_load"]["system_number"], 193);
}

}  // namespace
}  // namespace halfword::inspect
