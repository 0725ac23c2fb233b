// The headers of PE and COFF files: what the file is and where its tables lie; pe_tables.cc reads those.
// Called by read_image; one thread; trusts nothing. Source of every offset: Microsoft's "PE Format".
#include <algorithm>

#include "inspect/formats.h"

namespace halfword::inspect {
namespace {

constexpr std::uint64_t kCoffHeaderSize = 20;
constexpr std::uint64_t kSectionHeaderSize = 40;
constexpr std::uint64_t kPageSize = 4096;

// DOS programs and all later executables of Microsoft's systems start with the same two letters.
void fail_as_other_executable(Reader& reader, std::uint64_t header) {
  struct Signature {
    const char* letters;
    const char* meaning;
  };
  constexpr Signature kSignatures[] = {
      {"NE", "it is a 16-bit Windows library or program (NE), which needs a 16-bit Windows"},
      {"LE", "it is a driver for Windows 9x (LE)"},
      {"LX", "it is a library or program for OS/2 (LX)"},
  };
  if (!reader.holds(header, 2)) return reader.fail(0x3c, "it is a DOS program, or the file is cut off");
  for (const Signature& signature : kSignatures)
    if (reader.u8(header) == signature.letters[0] && reader.u8(header + 1) == signature.letters[1])
      return reader.fail(header, signature.meaning);
  reader.fail(header, "it is a DOS program: it has no PE signature");
}

Piece headers_piece(const Reader& reader, std::uint64_t size_of_headers) {
  Piece piece;
  piece.memory_size = std::max<std::uint64_t>(size_of_headers, 1);
  piece.file_size = std::min(piece.memory_size, reader.size());
  return piece;
}

// As the system maps a section: whole pages, at most the bytes that the file has, zeros behind them.
Piece section_piece(Reader& reader, std::uint64_t header, bool pages, PeLayout& layout) {
  constexpr std::uint32_t kExecutable = 0x20000000;  // IMAGE_SCN_MEM_EXECUTE
  const std::uint64_t virtual_size = reader.u32(header + 8);
  std::uint64_t raw_size = reader.u32(header + 16);
  Piece piece;
  piece.address = reader.u32(header + 12);
  piece.offset = reader.u32(header + 20);
  // The system reads whole sectors and drops the low bits; some packers rely on that.
  if (pages) piece.offset &= ~std::uint64_t{511};
  piece.memory_size = virtual_size ? virtual_size : raw_size;
  piece.memory_size = (piece.memory_size + kPageSize - 1) / kPageSize * kPageSize;
  if (raw_size != 0 && !reader.holds(piece.offset, std::min(raw_size, piece.memory_size))) {
    if (layout.cut_off == 0) layout.cut_off = header;
    raw_size = piece.offset < reader.size() ? reader.size() - piece.offset : 0;
  }
  piece.file_size = std::min(raw_size, piece.memory_size);
  piece.executable = reader.u32(header + 36) & kExecutable;
  return piece;
}

void read_sections(Reader& reader, std::uint64_t table, std::uint64_t count, std::uint64_t optional, PeLayout& layout,
                   Image& image) {
  const std::uint32_t section_alignment = reader.u32(optional + 32);
  const std::uint64_t size_of_headers = reader.u32(optional + 60);
  if (!reader.require(table, count * kSectionHeaderSize, "the section table")) return;
  std::vector<Piece> pieces = {headers_piece(reader, size_of_headers)};
  if (section_alignment < kPageSize) {
    // Drivers: too finely aligned for pages, so the file is mapped as it lies.
    pieces[0].memory_size = std::max<std::uint64_t>(image.pe.image_size, reader.size());
    pieces[0].file_size = reader.size();
  }
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint64_t header = table + i * kSectionHeaderSize;
    Piece piece = section_piece(reader, header, section_alignment >= kPageSize, layout);
    if (piece.memory_size != 0) pieces.push_back(piece);
  }
  layout.map = AddressMap(std::move(pieces));
}

void read_optional_header(Reader& reader, std::uint64_t optional, PeLayout& layout, Image& image) {
  constexpr std::uint16_t kDynamicBase = 0x40;  // IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE
  layout.image_base = layout.wide ? reader.u64(optional + 24) : reader.u32(optional + 28);
  image.bits = layout.wide ? 64 : 32;
  image.pe.image_base = layout.image_base;
  image.pe.subsystem_major = reader.u16(optional + 48);
  image.pe.subsystem_minor = reader.u16(optional + 50);
  image.pe.image_size = reader.u32(optional + 56);
  image.pe.subsystem = reader.u16(optional + 68);
  image.pe.dynamic_base = reader.u16(optional + 70) & kDynamicBase;
  const std::uint64_t directories = optional + (layout.wide ? 112 : 96);
  const std::uint32_t count = std::min<std::uint32_t>(reader.u32(directories - 4), 16);
  if (!reader.require(directories, count * 8, "the table of directories")) return;
  for (std::uint32_t i = 0; i < count; ++i)
    layout.directories[i] = {reader.u32(directories + i * 8), reader.u32(directories + i * 8 + 4)};
}

void read_wine_marks(Reader& reader, std::uint64_t pe_header, Image& image) {
  constexpr std::uint64_t kMark = 0x40;  // where winebuild writes its mark: dlls/ntdll of Wine looks there
  if (pe_header < kMark + 32) return;
  const std::string mark = reader.text(kMark, 32, true, "Wine's mark");
  image.pe.wine_builtin = mark.starts_with("Wine builtin DLL");
  image.pe.wine_placeholder = mark.starts_with("Wine placeholder DLL");
}

// Not needed to load the file, so damage is a note.
void read_dotnet(Reader reader, const PeLayout& layout, Image& image) {
  constexpr int kDirectory = 14;
  if (layout.directories[kDirectory].address == 0) return;
  DotNet dotnet;
  const auto header = layout.map.find(layout.directories[kDirectory].address);
  const std::uint64_t offset = header && header->bytes >= 72 ? header->offset : reader.size();
  const std::uint32_t flags = reader.u32(offset + 16);
  dotnet.il_only = flags & 1;
  dotnet.requires_32bit = flags & 2;
  const auto metadata = layout.map.find(reader.u32(offset + 8));
  const std::uint64_t root = metadata && metadata->bytes >= 16 ? metadata->offset : reader.size();
  constexpr std::uint32_t kMetadataSignature = 0x424a5342;  // ECMA-335 II.24.2.1
  if (reader.u32(root) == kMetadataSignature)
    dotnet.runtime = reader.text(root + 16, std::min<std::uint64_t>(reader.u32(root + 12), 256), true, "a version");
  if (reader.failed()) image.notes.push_back("the .NET header is damaged: " + reader.failure_reason());
  image.pe.dotnet = std::move(dotnet);
}

}  // namespace

bool read_pe_headers(Reader& reader, Image& image, PeLayout& layout) {
  constexpr std::uint32_t kSignature = 0x00004550;  // "PE\0\0"
  constexpr std::uint16_t kRelocationsStripped = 0x0001, kLargeAddressAware = 0x0020, kDll = 0x2000;
  if (!reader.require(0, 64, "the DOS header")) return false;
  const std::uint64_t signature = reader.u32(0x3c);
  if (!reader.holds(signature, 4) || reader.u32(signature) != kSignature) {
    fail_as_other_executable(reader, signature);
    return false;
  }
  const std::uint64_t coff = signature + 4;
  const std::uint64_t optional = coff + kCoffHeaderSize;
  if (!reader.require(coff, kCoffHeaderSize + 2, "the PE header")) return false;
  name_pe_machine(reader.u16(coff), image);
  const std::uint16_t characteristics = reader.u16(coff + 18);
  image.pe.dll = characteristics & kDll;
  image.pe.large_address_aware = characteristics & kLargeAddressAware;
  image.pe.relocatable = !(characteristics & kRelocationsStripped);
  image.kind = image.pe.dll ? Kind::shared_library : Kind::executable;

  const std::uint16_t magic = reader.u16(optional);
  if (magic != 0x10b && magic != 0x20b) reader.fail(optional, "its optional header is neither PE32 nor PE32+");
  layout.wide = magic == 0x20b;
  read_optional_header(reader, optional, layout, image);
  read_sections(reader, optional + reader.u16(coff + 16), reader.u16(coff + 2), optional, layout, image);
  image.pe.thread_local_storage = layout.directories[9].address != 0;
  read_wine_marks(reader, signature, image);
  return !reader.failed();
}

void read_pe(Reader& reader, Image& image) {
  PeLayout layout;
  if (!read_pe_headers(reader, image, layout)) return;
  if (layout.cut_off != 0)
    return reader.fail(layout.cut_off, "it is cut off: a section ends behind the end of the file");
  read_pe_exports(reader, layout, image);
  read_pe_imports(reader, layout, image);
  read_pe_delayed_imports(reader, layout, image);
  read_dotnet(reader, layout, image);
}

bool looks_like_coff_object(Reader reader) {
  if (!reader.holds(0, kCoffHeaderSize)) return false;
  Image image;
  name_pe_machine(reader.u16(0), image);
  const std::uint64_t sections = reader.u16(2);
  const std::uint64_t symbols = reader.u32(8);
  constexpr std::uint64_t kSymbolSize = 18;
  return image.machine_kind != Machine::other && sections != 0 && reader.u16(16) == 0 &&
         reader.holds(kCoffHeaderSize, sections * kSectionHeaderSize) &&
         (symbols == 0 || reader.holds(symbols, reader.u32(12) * kSymbolSize));
}

void read_coff_object(Reader& reader, Image& image) {
  name_pe_machine(reader.u16(0), image);
  image.kind = Kind::object;
  image.bits = image.machine_kind == Machine::x86_64 || image.machine_kind == Machine::aarch64 ? 64 : 32;
}

}  // namespace halfword::inspect
