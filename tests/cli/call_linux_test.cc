// `halfword call` from a Linux client on i386-linux libraries: values in, values out, in both forms.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "cli/command.h"

namespace {

using test::document_of;
using test::library;
using test::run;
using test::Run;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kPoint[] = "struct point { int x; double y; }; ";
constexpr char kCompress[] =
    "int compress(_Out_writes_bytes_to_(*n,*n) unsigned char *dst, _Inout_ unsigned long *n, "
    "_In_reads_bytes_(len) const unsigned char *src, unsigned long len)";

/// The result of a call that must succeed.
nlohmann::json result_of(const std::string& file, const std::string& prototype,
                         const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> words = {"call", "--json", file, prototype};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Run done = run(words);
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  nlohmann::json document = document_of(done);
  return document.contains("result") ? document["result"] : document;
}

/// The value of parameter `index` (from 1) after a call that must succeed.
nlohmann::json parameter_after(const std::string& file, const std::string& prototype,
                               const std::vector<std::string>& arguments, std::size_t index) {
  std::vector<std::string> words = {"call", "--json", file, prototype};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Run done = run(words);
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  for (const auto& parameter : document_of(done)["parameters"])
    if (parameter["index"] == index) return parameter["value"];
  ADD_FAILURE() << "parameter " << index << " was not shown: " << done.out;
  return {};
}

std::string values() { return library("values"); }

// ---- real libraries ----

TEST(Call, ZlibTellsItsVersionAsText) {
  const Run done = run({"call", "libz.so.1", "const char *zlibVersion(void)"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, StartsWith("result  \"1."));
  EXPECT_THAT(done.out, HasSubstr("\nerrno   0\n"));
  EXPECT_THAT(done.out, HasSubstr("\ntime    "));
  EXPECT_EQ(done.err, "");
}

TEST(Call, ABufferOfWhichNothingIsSaidLiesWhereBothSeeIt) {
  EXPECT_EQ(result_of("libz.so.1", "unsigned long crc32(unsigned long, const unsigned char *data, unsigned n)",
                      {"0", "\"hello\"", "5"}),
            0x3610a686U);
}

TEST(Call, AnOutBufferIsShownAsFarAsItWasWritten) {
  const std::vector<std::string> arguments = {"out:100", "inout:100", "\"hello hello hello\"", "17"};
  EXPECT_EQ(parameter_after("libz.so.1", kCompress, arguments, 1)["hex"], "789ccb48cdc9c957c84090003a2e067d");
  EXPECT_EQ(parameter_after("libz.so.1", kCompress, arguments, 2), 16);
}

TEST(Call, AnOutBufferWithoutASizeIsAsLargeAsThePrototypeSays) {
  EXPECT_EQ(parameter_after("libz.so.1", kCompress, {"out", "inout:64", "\"abc\"", "3"}, 2), 11);
}

TEST(Call, AFileIsPassedAsItsBytes) {
  const std::string path = testing::TempDir() + "halfword_call_" + std::to_string(getpid());
  std::ofstream(path, std::ios::binary) << "hello";
  EXPECT_EQ(result_of("libz.so.1", "unsigned long crc32(unsigned long, const unsigned char *data, unsigned n)",
                      {"0", "@" + path, "5"}),
            0x3610a686U);
  std::remove(path.c_str());
}

TEST(Call, Sqlite3GivesOutAHandle) {
  const nlohmann::json handle =
      parameter_after("libsqlite3.so.0", "int sqlite3_open(const char *name, _Outptr_ struct sqlite3 **db)",
                      {"\":memory:\"", "out"}, 2);
  EXPECT_THAT(handle.get<std::string>(), StartsWith("0x"));
}

TEST(Call, VariableArgumentsHaveTheTypesBehindTheDots) {
  EXPECT_EQ(result_of("libsqlite3.so.0", "char *sqlite3_mprintf(const char *, ..., int, double, const char *)",
                      {"\"%d %g %s\\n\"", "-5", "2.5", "\"\u00e9t\u00e9\""}),
            "-5 2.5 \u00e9t\u00e9\n");
}

TEST(Call, ErrnoHasItsNumberItsNameAndItsText) {
  const Run done = run({"call", "libc.so.6", "int open(const char *, int)", "\"/nonexistent\"", "0"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("result  -1\n"));
  EXPECT_THAT(done.out, HasSubstr("errno   2 ENOENT (No such file or directory)\n"));
}

TEST(Call, APointerIntoAnArgumentIsShownAsText) {
  EXPECT_EQ(result_of("libc.so.6", "char *strchr(const char *, int)", {"\"hello\"", "'l'"}), "llo");
  EXPECT_EQ(parameter_after("libc.so.6", "unsigned long long strtoull(const char *, char **end, int)",
                            {"\"123abc\"", "out", "10"}, 2),
            "abc");
}

TEST(Call, WhatTheLibraryPrintsStaysOutOfTheDocument) {
  const Run done = run({"call", "--json", "libc.so.6", "int puts(const char *)", "\"printed by the library\""});
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(document_of(done)["result"], 23);
  EXPECT_THAT(done.err, HasSubstr("printed by the library\n"));
}

TEST(Call, WhatTheLibraryPrintsAppearsOnStdout) {
  const Run done = run({"call", "libc.so.6", "int puts(const char *)", "\"printed by the library\""});
  EXPECT_THAT(done.out, HasSubstr("printed by the library\n"));
  EXPECT_EQ(done.err, "");
}

// ---- values ----

TEST(Call, StructsPassByValueAndCome) {
  EXPECT_EQ(result_of(values(), kPoint + std::string("double product(struct point p)"), {"{2,2.5}"}), 5.0);
  EXPECT_EQ(result_of(values(), kPoint + std::string("double product(struct point p)"), {"{.y = -1.5, .x = 4}"}), -6.0);
  const nlohmann::json point =
      result_of(values(), kPoint + std::string("struct point make_point(int x, double y)"), {"7", "0.5"});
  EXPECT_EQ(point, (nlohmann::json{{"x", 7}, {"y", 0.5}}));
}

TEST(Call, AStructBehindAPointerIsShownAfterTheCall) {
  const std::string prototype = kPoint + std::string("void move_point(_Inout_ struct point *p, int dx, double dy)");
  const Run done = run({"call", values(), prototype, "inout:{1,2}", "10", "0.25"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("{x = 11, y = 2.25}"));
}

TEST(Call, AnArrayOfStructsIsAListOfStructs) {
  EXPECT_EQ(result_of(values(), kPoint + std::string("double total(_In_reads_(n) const struct point *p, int n)"),
                      {"[{1,2},{3,4}]", "2"}),
            14.0);
}

TEST(Call, BitFieldsUnionsAndNestedArraysCanBeWritten) {
  EXPECT_EQ(result_of(values(),
                      "struct flags { unsigned low:3; unsigned high:5; int balance:8; }; "
                      "int pack_flags(struct flags f)",
                      {"{5, 17, -3}"}),
            5 + 170 - 3000);
  EXPECT_EQ(
      result_of(values(), "union number { int bits; float value; }; int bits_of(union number n)", {"{.value = 1}"}),
      0x3f800000);
  EXPECT_EQ(result_of(values(),
                      "struct label { char text[8]; const char *more; short numbers[3]; }; "
                      "int measure_label(_In_ const struct label *l)",
                      {"{\"abc\", \"de\", [1,2,3]}"}),
            324);
}

TEST(Call, ElementsThatAreSmallerInTheLibraryAreConverted) {
  const std::string prototype = "void fill_longs(_Out_writes_(n) long *values, int n)";
  EXPECT_EQ(parameter_after(values(), prototype, {"out:12", "3"}, 1), (nlohmann::json{0, -1000, -2000}));
  EXPECT_EQ(parameter_after(values(), prototype, {"out", "2"}, 1), (nlohmann::json{0, -1000}));
}

TEST(Call, ALengthThatIsTheResultLimitsWhatIsShown) {
  EXPECT_EQ(parameter_after(values(), "int fill_bytes(_Out_writes_to_(n, return) unsigned char *b, int n)",
                            {"out:8", "8"}, 1),
            (nlohmann::json{{"size", 4}, {"hex", "00010203"}}));
}

TEST(Call, TextIsChangedInPlace) {
  EXPECT_EQ(parameter_after(values(), "void upper(char *text)", {"inout:\"Hello\""}, 1), "HELLO");
  EXPECT_EQ(parameter_after(values(), "void upper(_Inout_z_ char *text)", {"inout:\"Hello\""}, 1), "HELLO");
}

TEST(Call, WideTextGoesBothWays) {
  EXPECT_EQ(result_of(values(), "const wchar_t *wide_text(void)"), "w\u00e9 \U0001f600");
  EXPECT_EQ(result_of(values(), "int wide_length(const wchar_t *)", {"\"\u00e4\U0001f600\""}), 2);
}

TEST(Call, TextThatIsNoUtf8IsShownWithItsBytes) {
  EXPECT_EQ(result_of(values(), "const char *latin_text(void)"),
            (nlohmann::json{{"text", "M\\xFCller"}, {"hex", "4dfc6c6c6572"}}));
  EXPECT_THAT(run({"call", values(), "const char *latin_text(void)"}).out, HasSubstr("\"M\\xfcller\""));
}

TEST(Call, NullsHandlesBooleansAndLargeNumbersAreShownAsSuch) {
  EXPECT_EQ(result_of(values(), "char *no_text(void)"), nullptr);
  EXPECT_THAT(result_of(values(), "void *make_handle(void)").get<std::string>(), StartsWith("0x"));
  EXPECT_EQ(result_of(values(), "bool not_truth(bool)", {"false"}), true);
  EXPECT_EQ(result_of(values(), "long long large(void)"), -9007199254740993LL);
}

TEST(Call, TheAddressOfAnExportIsAValue) {
  EXPECT_EQ(result_of(values(), "int apply(int (*function)(int), int)", {"&times_two", "21"}), 42);
}

TEST(Call, FloatsAreShownInTheDigitsThatTheyNeed) {
  EXPECT_EQ(result_of("libm.so.6", "double pow(double, double)", {"2", "0.5"}), 1.4142135623730951);
  EXPECT_THAT(run({"call", "libm.so.6", "float sqrtf(float)", "2"}).out, HasSubstr("result  1.4142135\n"));
  EXPECT_THAT(run({"call", "libm.so.6", "long double powl(long double, long double)", "2", "0.5"}).out,
              HasSubstr("result  1.4142135623730950488\n"));
  EXPECT_EQ(result_of("libm.so.6", "double sqrt(double)", {"-1"}), "-nan");
  EXPECT_EQ(result_of("libm.so.6", "double fabs(double)", {"-inf"}), "inf");
}

TEST(Call, AVoidFunctionHasNoResult) {
  const Run done = run({"call", values(), "void upper(char *text)", "\"a\""});
  EXPECT_EQ(done.status, 0);
  EXPECT_THAT(done.out, Not(HasSubstr("result")));
}

TEST(Call, ASymbolIsCalledInsteadOfThePrototypesName) {
  EXPECT_EQ(document_of(run({"call", "--json", values(), "int (int)", "21", "--symbol", "times_two"}))["result"], 42);
  EXPECT_EQ(document_of(run({"call", "--json", values(), "int f(int)", "21", "--symbol=times_two"}))["result"], 42);
}

// ---- repetition and time ----

TEST(Call, RepeatedCallsAllHaveTheSameArguments) {
  const Run done = run({"call", "--json", values(), "void upper(char *text)", "inout:\"abc\"", "--repeat", "50"});
  ASSERT_EQ(done.status, 0) << done.err;
  const nlohmann::json document = document_of(done);
  EXPECT_EQ(document["parameters"][0]["value"], "ABC");
  EXPECT_EQ(document["time"]["calls"], 50);
  EXPECT_GT(document["time"]["min_ns"], 0);
  EXPECT_LE(document["time"]["min_ns"], document["time"]["median_ns"]);
  EXPECT_LE(document["time"]["median_ns"], document["time"]["p99_ns"]);
  // The second call would otherwise find 16 bytes of room where the first found 100.
  EXPECT_EQ(document_of(run({"call", "--json", "libz.so.1", kCompress, "out:100", "inout:100", "\"hello hello hello\"",
                             "17", "--repeat", "3"}))["parameters"][1]["value"],
            16);
}

TEST(Call, RepetitionIsShownAsLeastMedianAndPercentile) {
  const Run done = run({"call", values(), "int times_two(int)", "4", "--repeat", "10"});
  EXPECT_THAT(done.out, HasSubstr("time    min "));
  EXPECT_THAT(done.out, HasSubstr(" of 10 calls\n"));
}

TEST(Call, ACallWithinItsDeadlineReturns) {
  EXPECT_EQ(run({"call", values(), "int times_two(int)", "4", "--deadline", "30s"}).status, 0);
}

// ---- the window ----

TEST(Call, WorksInAWindowAtAnotherAddress) {
  const Run done = run({"call", "--json", "libz.so.1",
                        "unsigned long crc32(unsigned long, const unsigned char *, unsigned)", "0", "\"hello\"", "5"},
                       {{"HALFWORD_WINDOW", "apart"}});
  EXPECT_EQ(document_of(done)["result"], 0x3610a686U);
}

TEST(Call, WorksWithoutASharedWindowWhereThePrototypeSaysEnough) {
  const Run done = run(
      {"call", "--json", "libz.so.1",
       "unsigned long crc32(unsigned long, _In_reads_(n) const unsigned char *p, unsigned n)", "0", "\"hello\"", "5"},
      {{"HALFWORD_WINDOW", "off"}});
  EXPECT_EQ(document_of(done)["result"], 0x3610a686U);
  EXPECT_EQ(document_of(run({"call", "--json", "libz.so.1", "const char *zlibVersion(void)"},
                            {{"HALFWORD_WINDOW", "off"}}))["result"]
                .get<std::string>()
                .substr(0, 2),
            "1.");
}

}  // namespace
