#include "inspect/dependencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/names.h"
#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const ResolvedDependency& entry(const Dependencies& dependencies, std::string_view name) {
  for (const ResolvedDependency& dependency : dependencies.list)
    if (dependency.name == name) return dependency;
  ADD_FAILURE() << name << " is not in the list";
  static const ResolvedDependency none;
  return none;
}

Bytes elf(const std::string& soname, const std::vector<std::string>& needed = {}, bool wide = false) {
  ElfFile file;
  file.soname = soname;
  file.needed = needed;
  file.wide = wide;
  file.machine = wide ? 62 : 3;
  return file.make();
}

class ElfDependencies : public testing::Test {
 protected:
  ElfDependencies() {
    places_.elf = true;
    places_.root = folder_.path() / "root";
    places_.current = folder_.path();
  }
  Dependencies find(const fs::path& path) {
    auto image = read_library(path);
    EXPECT_TRUE(image) << image.error().message;
    return find_dependencies(path, *image, places_);
  }
  fs::path write(const std::string& name, const Bytes& bytes) { return folder_.write(name, bytes); }

  TempFolder folder_;
  Places places_;
};

TEST_F(ElfDependencies, AreFoundThroughOthersAndNamedWhenMissing) {
  const fs::path first = write("app/libfirst.so", elf("libfirst.so", {"libsecond.so"}));
  write("root/usr/lib/i386-linux-gnu/libsecond.so", elf("libsecond.so", {"libthird.so", "libgone.so.3"}));
  write("root/lib/libthird.so", elf("libthird.so"));
  const Dependencies found = find(first);
  ASSERT_EQ(found.list.size(), 3u);
  EXPECT_EQ(entry(found, "libsecond.so").place, Place::found);
  EXPECT_TRUE(entry(found, "libsecond.so").direct);
  EXPECT_EQ(entry(found, "libthird.so").path, places_.root / "lib" / "libthird.so");
  const ResolvedDependency& gone = entry(found, "libgone.so.3");
  EXPECT_EQ(gone.place, Place::missing);
  EXPECT_FALSE(gone.direct);
  EXPECT_THAT(gone.needed_by, ElementsAre("libsecond.so"));
  EXPECT_THAT(gone.searched, Contains(path_text(places_.root / "lib")));
  ASSERT_EQ(first_obstacle(found), &gone);
  const Error error = dependency_error(first, gone);
  EXPECT_EQ(error.code, ErrorCode::dependency_missing);
  EXPECT_EQ(error.name, "libgone.so.3");
  EXPECT_THAT(error.message, HasSubstr("needs libgone.so.3 (through libsecond.so) which was not found"));
}

TEST_F(ElfDependencies, FollowOriginInTheRunpathOfTheLibraryThatHasIt) {
  ElfFile file;
  file.needed = {"libnear.so"};
  file.runpath = "$ORIGIN/../private";
  const fs::path first = write("app/lib/libfirst.so", file.make());
  write("app/private/libnear.so", elf("libnear.so", {"libdeep.so"}));
  write("app/private/libdeep.so", elf("libdeep.so"));
  const Dependencies found = find(first);
  EXPECT_EQ(entry(found, "libnear.so").why, "RUNPATH of libfirst.so");
  // A RUNPATH holds for the library's own dependencies only, an RPATH for theirs too.
  EXPECT_EQ(entry(found, "libdeep.so").place, Place::missing);
  file.rpath = file.runpath;
  file.runpath.clear();
  write("app/lib/libfirst.so", file.make());
  EXPECT_EQ(entry(find(first), "libdeep.so").why, "RPATH of libfirst.so");
}

TEST_F(ElfDependencies, PreferGivenFoldersToTheSystemsAndRunpathsBehindThem) {
  ElfFile file;
  file.needed = {"libz.so"};
  file.runpath = "$ORIGIN/runpath";
  const fs::path first = write("libfirst.so", file.make());
  write("root/lib/libz.so", elf("libz.so"));
  EXPECT_EQ(entry(find(first), "libz.so").why, "the system's folders");
  write("runpath/libz.so", elf("libz.so"));
  EXPECT_EQ(entry(find(first), "libz.so").why, "RUNPATH of libfirst.so");
  write("given/libz.so", elf("libz.so"));
  places_.given = {{"given", "--search"}};
  EXPECT_EQ(entry(find(first), "libz.so").why, "--search");
}

TEST_F(ElfDependencies, PassOverLibrariesOfAnotherClassAndRememberThem) {
  const fs::path first = write("libfirst.so", elf("libfirst.so", {"libz.so"}));
  const fs::path wide = write("given/libz.so", elf("libz.so", {}, true));
  places_.given = {{folder_.path() / "given", "--search"}};
  const Dependencies found = find(first);
  const ResolvedDependency& missing = entry(found, "libz.so");
  EXPECT_EQ(missing.place, Place::missing);
  ASSERT_EQ(missing.misfits.size(), 1u);
  EXPECT_EQ(missing.misfits[0].path, wide);
  EXPECT_EQ(missing.misfits[0].reason, "x86_64-linux");
  EXPECT_THAT(dependency_error(first, missing).message, HasSubstr("does not fit (x86_64-linux)"));
  write("root/lib/libz.so", elf("libz.so"));
  EXPECT_EQ(entry(find(first), "libz.so").place, Place::found);
}

TEST_F(ElfDependencies, EndAtAFileThatIsNoLibrary) {
  const fs::path first = write("libfirst.so", elf("libfirst.so", {"libz.so"}));
  write("given/libz.so", bytes_of("INPUT(libz.so.1)"));
  places_.given = {{folder_.path() / "given", "--search"}};
  const Dependencies found = find(first);
  EXPECT_EQ(entry(found, "libz.so").place, Place::damaged);
  EXPECT_THAT(entry(found, "libz.so").misfits[0].reason, HasSubstr("linker script"));
  EXPECT_NE(first_obstacle(found), nullptr);
}

TEST_F(ElfDependencies, PointAtALibraryThatLiesBesideButIsNotLookedFor) {
  const fs::path first = write("app/libfirst.so", elf("libfirst.so", {"libbeside.so"}));
  const fs::path beside = write("app/libbeside.so", elf("libbeside.so"));
  const Dependencies found = find(first);
  EXPECT_EQ(entry(found, "libbeside.so").place, Place::missing);
  EXPECT_THAT(entry(found, "libbeside.so").nearby, ElementsAre(beside));
  EXPECT_THAT(entry(found, "libbeside.so").advice, HasSubstr("name that folder with --search"));
}

TEST_F(ElfDependencies, AreKnownByTheNameThatALibraryGivesItself) {
  const fs::path first = write("libfirst.so", elf("libfirst.so", {"libalias.so", "libreal.so.1"}));
  write("root/lib/libalias.so", elf("libreal.so.1"));
  const Dependencies found = find(first);
  EXPECT_EQ(found.list.size(), 1u);
  EXPECT_EQ(first_obstacle(found), nullptr);
}

TEST_F(ElfDependencies, MayGoInCircles) {
  const fs::path first = write("libfirst.so", elf("libfirst.so", {"libsecond.so"}));
  write("root/lib/libsecond.so", elf("libsecond.so", {"libfirst.so", "libsecond.so"}));
  const Dependencies found = find(first);
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_THAT(found.list[0].needed_by, ElementsAre("libfirst.so", "libsecond.so"));
}

TEST_F(ElfDependencies, HaveTheirVersionsAndNamesChecked) {
  ElfFile file;
  file.soname = "libfirst.so";
  file.needed = {"libc.so.6"};
  file.symbols = {{.name = "old", .defined = false, .version = "GLIBC_2.0", .from = "libc.so.6"},
                  {.name = "fresh", .defined = false, .version = "GLIBC_2.38", .from = "libc.so.6"},
                  {.name = "unversioned", .defined = false},
                  {.name = "nowhere", .defined = false},
                  {.name = "optional", .defined = false, .weak = true}};
  const fs::path first = write("libfirst.so", file.make());
  ElfFile libc;
  libc.soname = "libc.so.6";
  libc.symbols = {
      {.name = "old", .version = "GLIBC_2.0"}, {.name = "fresh", .version = "GLIBC_2.0"}, {.name = "unversioned"}};
  write("root/lib/libc.so.6", libc.make());
  const Dependencies found = find(first);
  ASSERT_EQ(found.missing_versions.size(), 1u);
  EXPECT_EQ(found.missing_versions[0].name, "GLIBC_2.38");
  EXPECT_EQ(found.missing_versions[0].expected_in, "libc.so.6");
  ASSERT_EQ(found.missing_symbols.size(), 2u);
  EXPECT_EQ(found.missing_symbols[0].name, "fresh");
  EXPECT_EQ(found.missing_symbols[0].version, "GLIBC_2.38");
  EXPECT_EQ(found.missing_symbols[1].name, "nowhere");
}

TEST_F(ElfDependencies, AreNotCalledMissingWhereThereIsNoSuchSystem) {
  const fs::path first = write("libfirst.so", elf("libfirst.so", {"libc.so.6"}));
  places_.elf = false;
  const Dependencies found = find(first);
  EXPECT_EQ(entry(found, "libc.so.6").place, Place::unknown);
  EXPECT_EQ(first_obstacle(found), nullptr);
}

TEST_F(ElfDependencies, OfAHostileLibraryEndInTime) {
  ElfFile file;
  for (int i = 0; i < 5000; ++i) file.needed.push_back("lib" + std::to_string(i) + ".so");
  for (int i = 0; i < 5000; ++i) file.runpath += "r" + std::to_string(i) + ":";
  const Dependencies found = find(write("libfirst.so", file.make()));
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.list.size(), 1000u);
  EXPECT_LE(found.list[0].searched.size(), 256u);
}

class PeDependencies : public testing::Test {
 protected:
  PeDependencies() {
    places_.windows = true;
    places_.windows_32 = {{folder_.path() / "system", "the system folder"}};
    places_.windows_last = {{folder_.path() / "windows", "the Windows folder"}};
    places_.side_by_side = folder_.path() / "windows" / "WinSxS";
    places_.current = folder_.path();
  }
  Dependencies find(const PeFile& file) {
    const fs::path path = folder_.write("app/first.dll", file.make());
    return find_dependencies(path, must_read(file.make()), places_);
  }
  fs::path write(const std::string& name, const PeFile& file) { return folder_.write(name, file.make()); }
  static PeFile with_exports(const std::vector<PeExport>& exports) {
    PeFile file;
    file.exports = exports;
    return file;
  }
  static PeFile with_needs(const std::vector<PeNeed>& needs) {
    PeFile file;
    file.needs = needs;
    return file;
  }

  TempFolder folder_;
  Places places_;
};

TEST_F(PeDependencies, AreFoundBesideTheLibraryBeforeTheSystem) {
  write("system/vendor.dll", with_exports({{"f"}}));
  EXPECT_EQ(entry(find(with_needs({{"vendor.dll", {"f"}}})), "vendor.dll").why, "the system folder");
  write("app/vendor.dll", with_exports({{"f"}}));
  EXPECT_EQ(entry(find(with_needs({{"vendor.dll", {"f"}}})), "vendor.dll").why, "the folder of first.dll");
}

TEST_F(PeDependencies, MeanTheSameFileInCapitalsAndWithoutAnEnding) {
  write("app/Vendor.DLL", with_exports({{"f"}}));
  const Dependencies found = find(with_needs({{"VENDOR.dll", {"f"}}, {"vendor", {"f"}}}));
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_EQ(found.list[0].place, Place::found);
}

TEST_F(PeDependencies, PointOutTheVisualRuntimeThatIsMissing) {
  const Dependencies found = find(with_needs({{"MSVCR100.dll", {"malloc"}}}));
  const ResolvedDependency& runtime = entry(found, "MSVCR100.dll");
  EXPECT_EQ(runtime.place, Place::missing);
  EXPECT_EQ(runtime.product, "Visual C++ 2010 runtime");
  EXPECT_THAT(dependency_error("first.dll", runtime).message,
              HasSubstr("needs MSVCR100.dll, the Visual C++ 2010 runtime, which was not found; install Microsoft's "
                        "Visual C++ 2010 redistributable (x86)"));
}

TEST_F(PeDependencies, FindTheOldRuntimesAmongTheSideBySideAssemblies) {
  write("windows/WinSxS/x86_microsoft.vc90.crt_1fc8b3b9a1e18e3b_9.0.21022.8_none_x/msvcr90.dll", with_exports({{"f"}}));
  const fs::path newest =
      write("windows/WinSxS/x86_microsoft.vc90.crt_1fc8b3b9a1e18e3b_9.0.30729.6161_none_y/msvcr90.dll",
            with_exports({{"f"}}));
  EXPECT_EQ(entry(find(with_needs({{"msvcr90.dll", {"f"}}})), "msvcr90.dll").path, newest);
}

TEST_F(PeDependencies, KnowApiSetsToBeTheSystems) {
  const Dependencies found = find(with_needs({{"api-ms-win-core-heap-l1-1-0.dll", {"HeapAlloc"}}}));
  EXPECT_EQ(found.list[0].place, Place::system);
  EXPECT_EQ(first_obstacle(found), nullptr);
}

TEST_F(PeDependencies, OfAnotherBitnessStopWindowsButNotWine) {
  PeFile wide = with_exports({{"f"}});
  wide.wide = true;
  wide.machine = 0x8664;
  write("app/vendor.dll", wide);
  write("system/vendor.dll", with_exports({{"f"}}));
  const PeFile first = with_needs({{"vendor.dll", {"f"}}});
  const Dependencies under_wine = find(first);
  EXPECT_EQ(under_wine.list[0].why, "the system folder");
  EXPECT_EQ(under_wine.list[0].misfits[0].reason, "x86_64-windows");
  places_.stops_at_wrong_target = true;
  const Dependencies on_windows = find(first);
  EXPECT_EQ(on_windows.list[0].place, Place::wrong_target);
  const Error error = dependency_error("first.dll", *first_obstacle(on_windows));
  EXPECT_EQ(error.code, ErrorCode::wrong_bitness);
  EXPECT_THAT(error.message, HasSubstr("which is built for x86_64-windows"));
}

TEST_F(PeDependencies, HaveTheirNamesAndOrdinalsChecked) {
  write("app/vendor.dll", with_exports({{"there"}, {""}}));
  const Dependencies found = find(with_needs({{"vendor.dll", {"there", "gone", "#5", "#6", "#99"}}}));
  ASSERT_EQ(found.missing_symbols.size(), 2u);
  EXPECT_EQ(found.missing_symbols[0].name, "gone");
  EXPECT_EQ(found.missing_symbols[0].expected_in, "vendor.dll");
  EXPECT_EQ(found.missing_symbols[1].name, "#99");
}

TEST_F(PeDependencies, AreFollowedThroughForwarders) {
  write("system/front.dll", with_exports({{"good", "back.good"},
                                          {"bad", "back.bad"},
                                          {"lost", "nowhere.f"},
                                          {"set", "api-ms-win-core-heap-l1-1-0.HeapAlloc"},
                                          {"round", "front.round"}}));
  write("system/back.dll", with_exports({{"good"}}));
  const Dependencies found = find(with_needs({{"front.dll", {"good", "bad", "lost", "set", "round"}}}));
  EXPECT_EQ(entry(found, "back").place, Place::found);
  EXPECT_THAT(entry(found, "back").needed_by, ElementsAre("front.dll"));
  EXPECT_EQ(entry(found, "nowhere").place, Place::missing);
  ASSERT_EQ(found.missing_symbols.size(), 2u);
  EXPECT_EQ(found.missing_symbols[0].name, "bad");
  EXPECT_EQ(found.missing_symbols[1].name, "round");
}

TEST_F(PeDependencies, ThatAreDelayedDoNotKeepALibraryFromLoading) {
  write("app/late.dll", with_needs({{"later.dll", {"f"}}}));
  const Dependencies found = find(with_needs({{"late.dll", {"g"}, true}, {"latest.dll", {"f"}, true}}));
  EXPECT_EQ(first_obstacle(found), nullptr);
  EXPECT_TRUE(entry(found, "later.dll").delayed);
  EXPECT_EQ(entry(found, "later.dll").place, Place::missing);
  ASSERT_EQ(found.missing_symbols.size(), 1u);
  EXPECT_TRUE(found.missing_symbols[0].delayed);
  const Dependencies both = find(with_needs({{"late.dll", {}, true}, {"later.dll", {"f"}}}));
  EXPECT_EQ(first_obstacle(both)->name, "later.dll");
}

TEST_F(PeDependencies, OfPartsOfTheSystemAreFollowedButNotTheDelayedOnes) {
  write("system/system.dll", with_needs({{"inner.dll", {}}, {"telemetry.dll", {}, true}}));
  write("system/inner.dll", with_exports({{"f"}}));
  const Dependencies found = find(with_needs({{"system.dll", {}}}));
  ASSERT_EQ(found.list.size(), 2u);
  EXPECT_TRUE(entry(found, "inner.dll").from_system);
}

TEST_F(PeDependencies, PassOverWinesPlaceholders) {
  PeFile placeholder = with_exports({});
  placeholder.wine_mark = "Wine placeholder DLL";
  write("system/vendor.dll", placeholder);
  const fs::path real = write("wine/vendor.dll", with_exports({{"f"}}));
  places_.windows_32.push_back({folder_.path() / "wine", "Wine's own libraries"});
  EXPECT_EQ(entry(find(with_needs({{"vendor.dll", {"f"}}})), "vendor.dll").path, real);
}

TEST_F(PeDependencies, ThatArePathsAreNotFollowed) {
  write("app/vendor.dll", with_exports({{"f"}}));
  const Dependencies found = find(with_needs({{"\\\\evil\\share\\vendor.dll", {"f"}}, {"..\\app\\vendor.dll", {"f"}}}));
  EXPECT_EQ(found.list[0].place, Place::missing);
  EXPECT_EQ(found.list[1].place, Place::missing);
  EXPECT_THAT(found.list[0].searched, IsEmpty());
}

TEST(Places, OfThisSystemHoldTheUsersFoldersFirst) {
  const Places places = system_places({.search = {"one", "two"}, .wine_prefix = {}});
  ASSERT_GE(places.given.size(), 2u);
  EXPECT_EQ(places.given[0].path, fs::path("one"));
  EXPECT_EQ(places.given[1].why, "--search");
  EXPECT_FALSE(places.current.empty());
}

TEST(Places, KnowTheTargetOfThisProcess) {
  const std::string target = own_target();
  EXPECT_THAT(target, Not(IsEmpty()));
  EXPECT_EQ(sizeof(void*) == 8, target.starts_with("x86_64") || target.starts_with("aarch64")) << target;
}

}  // namespace
}  // namespace halfword::inspect
