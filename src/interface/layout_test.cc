// Layouts against facts from the ABIs; layout_check compares many more with the compilers.
#include "interface/layout.h"

#include <gtest/gtest.h>

#include "interface/parser.h"

namespace halfword::model {
namespace {

RecordLayout layout(const std::string& fields, Target target) {
  const auto prototype = parse_prototype("struct s { " + fields + " }; void f(struct s)");
  if (!prototype) {
    ADD_FAILURE() << prototype.error().message;
    return {};
  }
  return prototype->function.signature.parameters[0].type->record->layouts[static_cast<std::size_t>(target)];
}

using Bits = std::vector<std::uint64_t>;

TEST(Layout, AlignsDoublesToFourOnI386LinuxOnly) {
  EXPECT_EQ(layout("char c; double d;", Target::i386_linux).bit_offsets[1], 32U);
  EXPECT_EQ(layout("char c; double d;", Target::i386_windows).bit_offsets[1], 64U);
  EXPECT_EQ(layout("char c; long long d;", Target::x86_64_linux).bit_offsets[1], 64U);
  EXPECT_EQ(layout("char c; long long d;", Target::armhf_linux).bit_offsets[1], 64U);
}

TEST(Layout, GivesLongDoubleItsSizeOfEachCompiler) {
  EXPECT_EQ(layout("char c; long double d;", Target::i386_linux).size, 16U);
  EXPECT_EQ(layout("char c; long double d;", Target::i386_windows).size, 16U);
  EXPECT_EQ(layout("char c; long double d;", Target::i386_windows_msvc).size, 16U);
  EXPECT_EQ(layout("long double d;", Target::i386_windows_msvc).size, 8U);
  EXPECT_EQ(layout("long double d;", Target::i386_windows).size, 12U);
  EXPECT_EQ(layout("char c; long double d;", Target::x86_64_linux).size, 32U);
}

TEST(Layout, KnowsLongAndPointersOfEachTarget) {
  const auto size = [](Target target) { return layout("long l; void *p; wchar_t w;", target).size; };
  EXPECT_EQ(size(Target::i386_linux), 12U);
  EXPECT_EQ(size(Target::i386_windows), 12U);
  EXPECT_EQ(size(Target::x86_64_linux), 24U);
  EXPECT_EQ(size(Target::x86_64_windows), 24U);
  EXPECT_EQ(layout("long l; void *p;", Target::x86_64_windows).bit_offsets[1], 64U);
}

TEST(Layout, SharesBitFieldUnitsAsEachCompilerDoes) {
  const std::string fields = "char a : 3; int b : 5; int c : 30;";
  EXPECT_EQ(layout(fields, Target::i386_linux).bit_offsets, (Bits{0, 3, 32}));
  EXPECT_EQ(layout(fields, Target::i386_windows).bit_offsets, (Bits{0, 32, 64}));
}

TEST(Layout, ThisProgramIsOneOfTheTargets) {
  const TargetRules& mine = rules(this_target());
  EXPECT_EQ(mine.pointer_size, sizeof(void*));
  EXPECT_EQ(mine.long_size, sizeof(long));
  EXPECT_EQ(mine.wchar_size, sizeof(wchar_t));
  EXPECT_EQ(mine.long_double_size, sizeof(long double));
  struct Wide {
    char c;
    double d;
  };
  EXPECT_EQ(mine.wide_align, offsetof(Wide, d));
  EXPECT_EQ(target_named(mine.name), this_target());
}

}  // namespace
}  // namespace halfword::model
