// Everything that can go wrong, each with its code, its status and what it names; and never a crash of the command.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/command.h"
#include "test_paths.h"

namespace {

using test::document_of;
using test::library;
using test::run;
using test::Run;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

/// A folder of this test's own, removed with it.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(testing::TempDir() + "halfword_" + name + "_" + std::to_string(getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_; }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << content;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

/// Runs the command twice, for people and for programs, and compares code, status and a part of the message.
void expect_error(const std::vector<std::string>& arguments, const std::string& code, int status,
                  const std::string& message, const std::map<std::string, std::string>& environment = {}) {
  const Run plain = run(arguments, environment);
  EXPECT_EQ(plain.status, status) << plain.out << plain.err;
  EXPECT_THAT(plain.err, AllOf(HasSubstr("halfword: " + code + ": "), HasSubstr(message)));
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "--json");
  const Run json = run(words, environment);
  EXPECT_EQ(json.status, status) << json.err;
  const nlohmann::json error = document_of(json).value("error", nlohmann::json());
  EXPECT_EQ(error.value("code", ""), code) << json.out;
  EXPECT_EQ(error.value("status", -1), status);
  EXPECT_THAT(error.value("message", ""), HasSubstr(message));
}

// ---- 2: wrong usage and bad input ----

TEST(Errors, ACommandThatDoesNotExistIsWrongUsage) {
  expect_error({"frobnicate"}, "argument_type", 2, "there is no command 'frobnicate'");
  expect_error({"inspect"}, "argument_type", 2, "halfword inspect: FILE is required");
  expect_error({"call", "libz.so.1"}, "argument_type", 2, "PROTOTYPE is required");
  expect_error({"doctor", "--nonsense"}, "argument_type", 2, "--nonsense");
  expect_error({"help", "nothing"}, "argument_type", 2, "there is no help on nothing");
}

TEST(Errors, AFileThatIsNotThereIsNamed) {
  expect_error({"inspect", "/nonexistent/x.so"}, "file_not_found", 2, "/nonexistent/x.so");
  expect_error({"call", "/nonexistent/x.so", "int f(void)"}, "file_not_found", 2, "/nonexistent/x.so");
  expect_error({"call", "libhalfword_none.so", "int f(void)"}, "file_not_found", 2,
               "libhalfword_none.so was not found in");
  expect_error({"inspect", "/tmp"}, "file_not_found", 2, "/tmp");
}

TEST(Errors, AFileThatIsNoLibraryIsNamedAsWhatItIs) {
  const Folder folder("no_library");
  for (const std::string command : {"inspect", "call"}) {
    std::vector<std::string> words = {command, ""};
    if (command == "call") words.emplace_back("int f(void)");
    const auto expect = [&](const std::string& file, const std::string& message) {
      words[1] = file;
      expect_error(words, "not_a_library", 2, message);
    };
    expect(folder.file("script.so", "#!/bin/sh\necho\n"), "script.so is not a library");
    expect(folder.file("empty.so", ""), "empty.so");
    expect(folder.file("archive.a", "!<arch>\n"), "archive.a");
    expect(folder.file("short.so",
                       "\x7f"
                       "ELF"),
           "short.so");
    expect(folder.file("short.dll", "MZ"), "short.dll");
    expect(folder.file("noise.so", std::string(5000, '\xa5')), "noise.so");
  }
}

TEST(Errors, ADamagedLibraryIsRefusedWithoutACrash) {
  const Folder folder("damaged");
  std::ifstream file(library("add"), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GT(good.size(), 1000U);
  for (std::size_t at = 16; at < 1000; at += 37) {
    std::string bad = good;
    for (std::size_t byte = at; byte < at + 8; ++byte) bad[byte] = '\xff';
    const Run done = run({"inspect", "--no-load", "--json", folder.file("bad.so", bad)});
    EXPECT_THAT(done.status, AnyOf(0, 1, 2)) << "damaged at " << at << ": " << done.err;
    document_of(done);
  }
  for (std::size_t size = 1; size < good.size(); size += good.size() / 23) {
    const Run done = run({"inspect", "--no-load", "--json", folder.file("cut.so", good.substr(0, size))});
    EXPECT_THAT(done.status, AnyOf(0, 1, 2)) << "cut at " << size << ": " << done.err;
    document_of(done);
  }
}

TEST(Errors, APrototypeIsPointedAt) {
  const Run done = run({"call", library("add"), "int add(int a, flot b)", "1", "2"});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("column 16: \"flot\" is not a type; did you mean float?"));
  EXPECT_THAT(done.err, HasSubstr("int add(int a, flot b)\n               ^~~~"));
  for (const char* text : {"", "(", "int", "int add(int a", "int add(int a, int b) extra", "int add(struct x)", "\x80"})
    EXPECT_EQ(run({"call", library("add"), text, "1", "2"}).status, 2) << text;
  expect_error({"call", library("add"), std::string(100000, '(')}, "argument_type", 2, "prototype");
}

TEST(Errors, APrototypeWithoutANameNeedsASymbol) {
  expect_error({"call", library("add"), "int (int, int)", "1", "2"}, "argument_type", 2, "--symbol");
}

TEST(Errors, TheNumberOfArgumentsMustFit) {
  expect_error({"call", library("add"), "int add(int, int)", "1"}, "argument_type", 2,
               "has 2 parameters, and 1 argument was given");
  expect_error({"call", library("add"), "int add(int, int)", "1", "2", "3"}, "argument_type", 2,
               "3 arguments were given");
}

TEST(Errors, AValueThatDoesNotFitNamesItsArgument) {
  const auto expect = [](const std::string& prototype, const std::string& value, const std::string& message) {
    expect_error({"call", library("values"), prototype, value}, "argument_range", 2, message);
  };
  expect("int times_two(int value)", "2147483648", "argument 1 (value): 2147483648 does not fit `int`");
  expect("int times_two(int value)", "-2147483649", "-2147483648 to 2147483647");
  expect("int times_two(unsigned value)", "-1", "0 to 4294967295");
  expect("int times_two(short value)", "0xffff", "-32768 to 32767");
  expect("int times_two(bool value)", "2", "0 to 1");
  expect("int times_two(unsigned long long value)", "18446744073709551616", "does not fit 64 bits");
  expect("int times_two(float value)", "1e99", "too large");
  // What fits the client's long and not the library's is refused by the engine.
  expect("int times_two(long value)", "3000000000", "argument 1 (value)");
}

TEST(Errors, AValueOfTheWrongKindNamesItsArgument) {
  const auto expect = [](const std::string& prototype, const std::string& value, const std::string& message) {
    expect_error({"call", library("values"), prototype, value}, "argument_type", 2, message);
  };
  expect("int times_two(int value)", "\"text\"", "argument 1 (value): text was given for the type `int`");
  expect("int times_two(int value)", "1.5", "1.5 is no integer");
  expect("int times_two(int value)", "1e3", "1e3 is no integer");
  expect("int times_two(int value)", "null", "null was given");
  expect("int times_two(int value)", "out:4", "which is no pointer");
  expect("int times_two(int value)", "hello", "'\"hello\"'");
  expect("double f(double x)", "\"1\"", "text was given");
  expect("void upper(char *text)", "5", "0x… for an address");
  expect("void upper(int *p)", "\"text\"", "text was given");
  expect("void upper(void *p)", "[1,2]", "its type is not known");
  expect("void upper(struct nothing *p)", "{1}", "nothing is known");
  expect("struct point { int x; double y; }; double product(struct point p)", "{1,2,3}", "3 values were given");
  expect("struct point { int x; double y; }; double product(struct point p)", "{.z = 1}", "has no field z");
  expect("struct point { int x; double y; }; double product(struct point p)", "{\"a\",1}", "x: text was given");
  expect("struct point { int x; double y; }; double product(struct point p)", "5", "a number was given");
}

TEST(Errors, ABufferThatIsSmallerThanThePrototypeSaysIsRefused) {
  const std::string writes = "int fill_bytes(_Out_writes_(n) unsigned char *b, int n)";
  expect_error({"call", library("values"), writes, "out:4", "8"}, "argument_range", 2,
               "argument 1 (b): the buffer has 4 bytes, and the prototype says that it has 8 (n = 8)");
  const std::string reads = "int fill_bytes(_In_reads_(n) unsigned char *b, int n)";
  expect_error({"call", library("values"), reads, "\"abc\"", "8"}, "argument_range", 2, "the buffer has 3 bytes");
  expect_error({"call", library("values"), reads, "\"abc\"", "-1"}, "argument_range", 2, "negative or too large");
  expect_error({"call", library("values"), writes, "out", "2147483647"}, "argument_range", 2, "");
}

TEST(Errors, AFileInTheArgumentsMustBeThere) {
  expect_error({"call", library("values"), "void upper(char *t)", "@/nonexistent/x"}, "file_not_found", 2,
               "argument 1 (t)");
}

// ---- 3: the library cannot be loaded, or is another ----

TEST(Errors, AMissingDependencyIsNamed) {
  expect_error({"call", library("needs_absent"), "int f(void)"}, "dependency_missing", 3, "libhalfword_absent.so.1");
  const Run json = run({"--json", "call", library("needs_absent"), "int f(void)"});
  EXPECT_EQ(document_of(json)["error"]["name"], "libhalfword_absent.so.1");
}

TEST(Errors, AMissingExportHasNearNames) {
  expect_error({"call", library("names"), "int vendor_opn(void)"}, "export_missing", 3, "vendor_open");
  const Run json = run({"--json", "call", library("names"), "int vendor_opn(void)"});
  EXPECT_EQ(document_of(json)["error"]["searched"][0], "vendor_open");
  expect_error({"call", library("values"), "int apply(int (*f)(int), int)", "&times_too", "1"}, "export_missing", 3,
               "times_two");
}

TEST(Errors, ALibraryWithoutAWorkerIsOfTheWrongBitness) {
  const Folder folder("no_workers");
  expect_error({"call", library("add"), "int add(int, int)", "1", "2"}, "wrong_bitness", 3, folder.path(),
               {{"HALFWORD_WORKERS", folder.path()}});
}

// ---- 4: the call gave no result ----

TEST(Errors, ACrashSaysWhereAndTheCommandLives) {
  expect_error({"call", library("die_read"), "int die(void)"}, "library_crashed", 4, "die_read.so+0x");
  const Run json = run({"--json", "call", library("die_read"), "int die(void)"});
  EXPECT_THAT(document_of(json)["error"]["address"].get<std::string>(), HasSubstr("die_read.so+0x"));
  EXPECT_EQ(document_of(json)["error"]["function"], "die");
}

TEST(Errors, EveryWayToDieHasItsCode) {
  for (const char* name : {"die_write", "die_execute", "die_divide", "die_illegal", "die_stack", "die_abort"})
    expect_error({"call", library(name), "int die(void)"}, "library_crashed", 4, "in a call of die");
  expect_error({"call", library("die_exit"), "int die(void)"}, "library_exited", 4, "status 7");
  expect_error({"call", library("throws"), "int throw_standard(void)"}, "library_threw", 4, "std::runtime_error");
}

TEST(Errors, AWrongConventionSaysWhichOneItLooksLike) {
  expect_error({"call", library("conventions"), "int stdcall_sum(int, int, int)", "1", "2", "3"}, "convention_mismatch",
               4, "__stdcall");
}

TEST(Errors, AHangEndsWithItsDeadline) {
  expect_error({"call", library("loops"), "int loop(void)", "--deadline", "200ms"}, "deadline_exceeded", 4, "loop");
}

TEST(Errors, TheCallThatFailedAmongManyIsCounted) {
  expect_error({"call", library("die_read"), "int die(void)", "--repeat", "5"}, "library_crashed", 4, "(call 1 of 5)");
}

// ---- 5: the environment ----

TEST(Errors, AWorkerThatDoesNotStartIsTheEnvironment) {
  const Folder folder("bad_workers");
  std::filesystem::create_directories(folder.path() + "/i386-linux");
  const std::string worker = folder.file("i386-linux/halfword-worker", "#!/bin/sh\nexit 3\n");
  ASSERT_EQ(chmod(worker.c_str(), 0755), 0);
  expect_error({"call", library("add"), "int add(int, int)", "1", "2"}, "environment", 5, "halfword-worker",
               {{"HALFWORD_WORKERS", folder.path()}});
  ASSERT_EQ(chmod(worker.c_str(), 0644), 0);
  expect_error({"call", library("add"), "int add(int, int)", "1", "2"}, "environment", 5, "halfword-worker",
               {{"HALFWORD_WORKERS", folder.path()}});
}

TEST(Errors, OutputThatCannotBeWrittenIsTheEnvironment) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"help", "errors"}, {"--json", "help", "errors"}, {"inspect", library("add")}}) {
    const Run done = test::run_into("/dev/full", words);
    EXPECT_EQ(done.status, 5);
    EXPECT_THAT(done.err, HasSubstr("the output could not be written"));
  }
}

}  // namespace
