#include "inspect/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/runtime_names.h"

namespace halfword::inspect {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PlainName i386(std::string_view name) { return undecorate(name, Format::pe, Machine::i386); }
PlainName x86_64(std::string_view name) { return undecorate(name, Format::pe, Machine::x86_64); }

TEST(Undecorate, ReadsTheConventionsOf32BitWindows) {
  EXPECT_EQ(i386("_add@8").name, "add");
  EXPECT_EQ(i386("_add@8").decoration, Decoration::stdcall);
  EXPECT_EQ(i386("_add@8").argument_bytes, 8u);
  EXPECT_EQ(i386("add@8").name, "add");  // mingw
  EXPECT_EQ(i386("add@8").convention, Convention::stdcall_);
  EXPECT_EQ(i386("@add@8").name, "add");
  EXPECT_EQ(i386("@add@8").convention, Convention::fastcall_);
  EXPECT_EQ(i386("add@@16").name, "add");
  EXPECT_EQ(i386("add@@16").convention, Convention::vectorcall_);
  EXPECT_EQ(x86_64("add@@16").convention, Convention::vectorcall_);
}

TEST(Undecorate, ClaimsNothingThatANameDoesNotProve) {
  for (const char* name : {"add", "_add", "add_", "_add@", "@8", "_add@x", "_add@7", "a b@8", "@@8", "_add@99999999"}) {
    EXPECT_EQ(i386(name).name, name);
    EXPECT_EQ(i386(name).convention, Convention::unknown) << name;
    EXPECT_EQ(i386(name).decoration, Decoration::none) << name;
  }
  EXPECT_EQ(undecorate("memcpy@8", Format::elf, Machine::i386).decoration, Decoration::none);
}

TEST(Undecorate, ReadsPlainNamesOfMicrosoftsCpp) {
  const auto check = [](const char* name, const char* plain, Convention convention) {
    EXPECT_EQ(i386(name).name, plain) << name;
    EXPECT_EQ(i386(name).convention, convention) << name;
    EXPECT_EQ(i386(name).decoration, Decoration::msvc_cpp) << name;
  };
  check("?add@@YAHHH@Z", "add", Convention::cdecl_);
  check("?add@@YGHHH@Z", "add", Convention::stdcall_);
  check("?add@@YIHHH@Z", "add", Convention::fastcall_);
  check("?add@Calc@ns@@QAEHHH@Z", "ns::Calc::add", Convention::thiscall_);
  check("?get@Calc@@QBEHXZ", "Calc::get", Convention::thiscall_);
  check("?make@Calc@@SAPAV1@XZ", "Calc::make", Convention::cdecl_);
  check("?run@Calc@@UAGJXZ", "Calc::run", Convention::stdcall_);
  check("??0Calc@@QAE@XZ", "Calc::Calc", Convention::thiscall_);
  check("??1Calc@@UAE@XZ", "Calc::~Calc", Convention::thiscall_);
  check("?counter@@3HA", "counter", Convention::unknown);
  check("??4Calc@@QAEAAV0@ABV0@@Z", "??4Calc@@QAEAAV0@ABV0@@Z", Convention::thiscall_);
  check("??$max@H@@YAHHH@Z", "??$max@H@@YAHHH@Z", Convention::unknown);
  EXPECT_EQ(x86_64("?add@Calc@@QEAAHHH@Z").name, "Calc::add");
  EXPECT_EQ(x86_64("?add@Calc@@QEAAHHH@Z").convention, Convention::cdecl_);
}

TEST(Undecorate, ReadsPlainNamesOfItaniumCpp) {
  const auto plain = [](const char* name) { return undecorate(name, Format::elf, Machine::i386).name; };
  EXPECT_EQ(plain("_Z3addii"), "add");
  EXPECT_EQ(plain("_ZN2ns4Calc3addEii"), "ns::Calc::add");
  EXPECT_EQ(plain("_ZNK4Calc3getEv"), "Calc::get");
  EXPECT_EQ(plain("_ZN4CalcC1Ev"), "Calc::Calc");
  EXPECT_EQ(plain("_ZN4CalcD2Ev"), "Calc::~Calc");
  EXPECT_EQ(plain("_ZNSt6vectorIiE4pushEv"), "_ZNSt6vectorIiE4pushEv");
  EXPECT_EQ(plain("_Z99add"), "_Z99add");
  EXPECT_EQ(plain("_Z"), "_Z");
  EXPECT_EQ(i386("__Z3addii").name, "add");
}

std::vector<Export> exports(std::initializer_list<const char*> names, Machine machine = Machine::i386) {
  std::vector<Export> list;
  for (const char* name : names) {
    list.emplace_back().name = name;
    list.back().plain = undecorate(name, Format::pe, machine);
  }
  return list;
}

TEST(NearestNames, PutsDecoratedFormsFirst) {
  const auto list = exports({"odd", "ADD", "adds", "_add@8", "?add@Calc@@QAEHHH@Z", "add_", "sub"});
  EXPECT_THAT(nearest_names(list, "add", 4), ElementsAre("_add@8", "?add@Calc@@QAEHHH@Z", "add_", "ADD"));
}

TEST(NearestNames, FindsThePlainNameOfADecoratedOne) {
  EXPECT_THAT(nearest_names(exports({"sub", "add"}), "_add@8"), ElementsAre("add"));
}

TEST(NearestNames, KnowsTheTwoFormsOfWindowsFunctions) {
  EXPECT_THAT(nearest_names(exports({"MessageBoxA", "MessageBoxW", "MessageBeep"}), "MessageBox", 2),
              ElementsAre("MessageBoxA", "MessageBoxW"));
}

TEST(NearestNames, ForgivesTypingErrors) {
  EXPECT_THAT(nearest_names(exports({"deflate", "inflate", "crc32"}), "defalte"), Contains("deflate"));
  EXPECT_THAT(nearest_names(exports({"compress"}), "comprss"), ElementsAre("compress"));
  EXPECT_THAT(nearest_names(exports({"compress"}), "decrypt"), IsEmpty());
  EXPECT_THAT(nearest_names(exports({"b", "c"}), "a"), IsEmpty());
}

TEST(NearestNames, StaysQuickAmongManyLongAndSimilarNames) {
  std::vector<Export> list(300'000);
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].name = std::string(80, 'a') + std::to_string(1'000'000 + i);
    list[i].plain.name = list[i].name;
  }
  // The bound is on the work, not on the time: without it this takes minutes.
  EXPECT_EQ(nearest_names(list, std::string(88, 'a')).size(), 0u);
}

TEST(NearestNames, MakeTheErrorForAMissingExport) {
  Image image;
  image.exports = exports({"_add@8"});
  const Error error = export_missing(image, "vendor.dll", "add");
  EXPECT_EQ(error.code, ErrorCode::export_missing);
  EXPECT_EQ(error.message, "vendor.dll has no export `add`; the nearest are `_add@8`");
  EXPECT_THAT(error.searched, ElementsAre("_add@8"));
  EXPECT_THAT(export_missing(image, "vendor.dll", "zzz").message, HasSubstr("nor one like it among its 1"));
  EXPECT_THAT(export_missing(Image(), "vendor.dll", "zzz").message, HasSubstr("it exports nothing"));
}

TEST(Printable, WritesOutWhatDisturbsATerminalOrADocument) {
  EXPECT_EQ(printable("add"), "add");
  EXPECT_EQ(printable("Größe"), "Größe");
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable(std::string_view("a\0b\n", 4)), "a\\x00b\\x0a");
  EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(printable("\xc3"), "\\xc3");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "x"),
            "\\xe2\\x80\\xaex");                   // right to left
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // a control sequence of one character
}

TEST(RuntimeNames, PointOutTheVisualRuntimes) {
  const auto product = [](const char* name) { return product_of(name, Format::pe); };
  EXPECT_EQ(product("MSVCR100.dll"), "Visual C++ 2010 runtime");
  EXPECT_EQ(product("msvcp90.dll"), "Visual C++ 2008 runtime");
  EXPECT_EQ(product("VCRUNTIME140.dll"), "Visual C++ 2015-2022 runtime");
  EXPECT_EQ(product("vcruntime140_1.dll"), "Visual C++ 2015-2022 runtime");
  EXPECT_EQ(product("msvcp140_atomic_wait.dll"), "Visual C++ 2015-2022 runtime");
  EXPECT_EQ(product("mfc42u.dll"), "Visual C++ 6.0 runtime");
  EXPECT_EQ(product("mfc100deu.dll"), "Visual C++ 2010 runtime");
  EXPECT_EQ(product("MSVCR120D.dll"), "Visual C++ 2013 runtime, debug");
  EXPECT_EQ(product("msvbvm60.dll"), "Visual Basic 6.0 runtime");
  EXPECT_EQ(product("ucrtbase.dll"), "Universal C runtime");
  EXPECT_EQ(product("libgcc_s_dw2-1.dll"), "MinGW-w64 runtime");
  for (const char* other : {"msvcrt.dll", "kernel32.dll", "msvcp_win.dll", "vendor.dll", "msvcr100.txt", "msvcr.dll"})
    EXPECT_EQ(product(other), "") << other;
  EXPECT_EQ(product_of("libc.musl-x86.so.1", Format::elf), "musl C library (Alpine Linux)");
}

TEST(RuntimeNames, SayWhatToInstall) {
  EXPECT_EQ(advice_for("Visual C++ 2010 runtime", 32), "install Microsoft's Visual C++ 2010 redistributable (x86)");
  EXPECT_EQ(advice_for("Visual C++ 2010 runtime", 64), "install Microsoft's Visual C++ 2010 redistributable (x64)");
  EXPECT_THAT(advice_for("Visual C++ 2010 runtime, debug", 32), HasSubstr("release build"));
  EXPECT_EQ(advice_for("", 32), "");
}

TEST(RuntimeNames, KnowSideBySideAssembliesAndApiSets) {
  EXPECT_EQ(side_by_side_assembly("MSVCR90.dll"), "microsoft.vc90.crt");
  EXPECT_EQ(side_by_side_assembly("mfc80u.dll"), "microsoft.vc80.mfc");
  EXPECT_EQ(side_by_side_assembly("msvcr100.dll"), "");
  EXPECT_TRUE(is_api_set("API-MS-Win-Core-Heap-L1-1-0.dll"));
  EXPECT_TRUE(is_api_set("ext-ms-win-gdi-draw-l1-1-0"));
  EXPECT_FALSE(is_api_set("apisets.dll"));
}

}  // namespace
}  // namespace halfword::inspect
