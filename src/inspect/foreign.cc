// Names the files that people take for a library and that are none. Called when neither reader fits; any thread.
#include <algorithm>

#include "inspect/formats.h"

namespace halfword::inspect {
namespace {

struct Magic {
  std::string_view bytes;
  const char* meaning;
};

using namespace std::string_view_literals;

constexpr Magic kMagics[] = {
    {"!<arch>\n"sv,
     "it is a static library or an import library (an ar archive), which is used by a linker; "
     "the shared library (.dll, .so) is another file"},
    {"!<thin>\n"sv, "it is a thin static library (an ar archive), which is used by a linker"},
    {"#!"sv, "it is a script"},
    {"\xcf\xfa\xed\xfe"sv, "it is a Mach-O file for macOS (64 bit)"},
    {"\xce\xfa\xed\xfe"sv, "it is a Mach-O file for macOS (32 bit)"},
    {"\xfe\xed\xfa\xcf"sv, "it is a Mach-O file for macOS (64 bit, big-endian)"},
    {"\xfe\xed\xfa\xce"sv, "it is a Mach-O file for macOS (32 bit, big-endian)"},
    {"\xca\xfe\xba\xbe"sv, "it is a Java class or a universal Mach-O file"},
    {"\0asm"sv, "it is a WebAssembly module"},
    {"PK\x03\x04"sv, "it is a zip archive"},
    {"\x1f\x8b"sv, "it is compressed with gzip"},
    {"BZh"sv, "it is compressed with bzip2"},
    {"\xfd"
     "7zXZ"sv,
     "it is compressed with xz"},
    {"MSCF"sv, "it is a Microsoft cabinet"},
    {"SZDD"sv, "it is compressed by Microsoft's compress.exe; expand.exe unpacks it"},
    {"MSFT\x02\0\x01\0"sv, "it is a COM type library"},
    {"BC\xc0\xde"sv, "it is LLVM bitcode"},
    {"Microsoft C/C++"sv, "it is a file of debug information (PDB)"},
    {"\0\0\xff\xff"sv, "it is an object file for link-time optimisation or an entry of an import library"},
};

// GNU ld takes a text in the place of a library; on development systems libc.so is one.
std::string describe_text(const Reader& reader) {
  constexpr std::uint64_t kLooked = 4096;
  const std::string text = Reader(reader).text(0, std::min(reader.size(), kLooked), true, "a text");
  for (const char* word : {"GROUP", "INPUT", "OUTPUT_FORMAT"})
    if (text.find(word) != std::string::npos)
      return "it is a linker script, a text that names the shared library; open the file that it names";
  const auto is_text = [](char c) { return c == '\n' || c == '\r' || c == '\t' || (c >= ' ' && c <= '~'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_text) ? "it is a text file" : "";
}

}  // namespace

std::string describe_foreign(const Reader& reader) {
  if (reader.size() == 0) return "it is empty";
  for (const Magic& magic : kMagics)
    if (reader.starts_with(magic.bytes)) return magic.meaning;
  if (std::string text = describe_text(reader); !text.empty()) return text;
  return "it starts neither like a Windows (PE) nor like an ELF file (at offset 0x0)";
}

}  // namespace halfword::inspect
