#include "inspect/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/names.h"
#include "inspect/test_files.h"

namespace halfword::inspect {
namespace {

using testing::HasSubstr;

std::string reason(std::string_view content) {
  const auto image = read_image(as_span(bytes_of(content)), "file");
  return image ? "a library" : image.error().message;
}

TEST(Image, SaysWhatAFileIsThatIsNoLibrary) {
  EXPECT_THAT(reason(""), HasSubstr("it is empty"));
  EXPECT_THAT(reason("!<arch>\nvendor.lib"), HasSubstr("static library or an import library"));
  EXPECT_THAT(reason("/* GNU ld script */\nGROUP ( /lib/libc.so.6 )"), HasSubstr("linker script"));
  EXPECT_THAT(reason("hello\n"), HasSubstr("a text file"));
  EXPECT_THAT(reason("#!/bin/sh\n"), HasSubstr("a script"));
  EXPECT_THAT(reason("\xcf\xfa\xed\xfe...."), HasSubstr("Mach-O"));
  EXPECT_THAT(reason("PK\x03\x04...."), HasSubstr("zip archive"));
  EXPECT_THAT(reason("\x01\x02\x03\x04\x05"), HasSubstr("neither like a Windows (PE) nor like an ELF file"));
}

TEST(Image, ReadsAFileFromDisk) {
  TempFolder folder;
  const auto path = folder.write("made.dll", PeFile().make());
  const auto image = read_library(path);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->target, "i386-windows");
  EXPECT_EQ(identify_library(path)->target, "i386-windows");
  EXPECT_EQ(read_file(path, 2)->span().size(), 2u);
}

TEST(Image, ReadsNoFolderAndNoMissingFile) {
  TempFolder folder;
  const auto missing = read_library(folder.path() / "none.so");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::file_not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("none.so"));
  const auto directory = read_library(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::file_not_found);
  EXPECT_THAT(directory.error().message, HasSubstr("folder"));
}

TEST(Image, ReadsAnEmptyFileAsOne) {
  TempFolder folder;
  const auto image = read_library(folder.write("empty.so", {}));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::not_a_library);
}

}  // namespace
}  // namespace halfword::inspect
