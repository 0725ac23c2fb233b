// Tells the formats apart and reads files. Called by whoever inspects a library; any thread; trusts no file.
#include "inspect/image.h"

#include <cerrno>
#include <fstream>
#include <new>
#include <system_error>

#include "inspect/formats.h"
#include "inspect/names.h"
#include "inspect/reader.h"

namespace halfword::inspect {
namespace {

// More than any library; also what a 32-bit process can hope to hold.
constexpr std::uint64_t kMaxFileSize = 0x7fff0000;

std::string hexadecimal(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value % 16]);
    value /= 16;
  } while (value != 0);
  return "0x" + digits;
}

std::unexpected<Error> not_a_library(std::string_view name, const std::string& reason) {
  Error error;
  error.code = ErrorCode::not_a_library;
  error.file = std::string(name);
  error.message = printable(name) + " is not a library: " + reason;
  return fail(std::move(error));
}

std::unexpected<Error> file_error(ErrorCode code, const std::string& name, const std::string& reason) {
  Error error;
  error.code = code;
  error.file = name;
  error.message = printable(name) + ": " + reason;
  return fail(std::move(error));
}

using ReadFormat = void (*)(Reader&, Image&);

Result<Image> read(Reader reader, std::string_view name, ReadFormat elf, ReadFormat pe) {
  Image image;
  if (reader.starts_with("\x7f"
                         "ELF")) {
    image.format = Format::elf;
    elf(reader, image);
  } else if (reader.starts_with("MZ")) {
    image.format = Format::pe;
    pe(reader, image);
  } else if (looks_like_coff_object(reader)) {
    image.format = Format::pe;
    read_coff_object(reader, image);
  } else {
    return not_a_library(name, describe_foreign(reader));
  }
  if (reader.failed())
    return not_a_library(name, reader.failure_reason() + " (at offset " + hexadecimal(reader.failure_offset()) + ")");
  return image;
}

}  // namespace

Result<Image> read_image(std::span<const std::byte> bytes, std::string_view name) {
  return read(Reader(bytes), name, &read_elf, &read_pe);
}

Result<Image> identify_image(std::span<const std::byte> start, std::string_view name) {
  return read(
      Reader(start), name, [](Reader& reader, Image& image) { read_elf_header(reader, image); },
      [](Reader& reader, Image& image) {
        PeLayout layout;
        read_pe_headers(reader, image, layout);
      });
}

Result<FileBytes> read_file(const std::filesystem::path& path, std::uint64_t at_most) {
  const std::string name = path_text(path);
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    auto failure = file_error(ErrorCode::file_not_found, name, error ? error.message() : "there is no such file");
    failure.error().system_number = static_cast<std::uint64_t>(error.value());
    return failure;
  }
  // A pipe or a device would block or never end.
  if (std::filesystem::is_directory(status))
    return file_error(ErrorCode::file_not_found, name, "this is a folder, not a file");
  if (!std::filesystem::is_regular_file(status))
    return file_error(ErrorCode::file_not_found, name, "this is not a regular file");
  const std::uintmax_t whole = std::filesystem::file_size(path, error);
  if (error) return file_error(ErrorCode::file_not_found, name, error.message());
  const std::uint64_t size = std::min<std::uint64_t>(whole, at_most);
  if (size > kMaxFileSize) return file_error(ErrorCode::limit_exceeded, name, "files above 2 GiB are not read");
  std::ifstream file(path, std::ios::binary);
  if (!file) return file_error(ErrorCode::file_not_found, name, "the file cannot be opened; check its permissions");
  std::unique_ptr<std::byte[]> bytes(new (std::nothrow) std::byte[static_cast<std::size_t>(size) + 1]);
  if (!bytes) return file_error(ErrorCode::no_memory, name, "no memory for " + std::to_string(size) + " bytes");
  file.read(reinterpret_cast<char*>(bytes.get()), static_cast<std::streamsize>(size));
  if (static_cast<std::uint64_t>(file.gcount()) != size)
    return file_error(ErrorCode::environment, name, "reading stopped before the end of the file");
  return FileBytes(std::move(bytes), static_cast<std::size_t>(size));
}

Result<Image> read_library(const std::filesystem::path& path) {
  auto bytes = read_file(path);
  if (!bytes) return propagate(bytes);
  return read_image(bytes->span(), path_text(path));
}

Result<Image> identify_library(const std::filesystem::path& path) {
  constexpr std::uint64_t kStart = 4096;
  auto start = read_file(path, kStart);
  if (!start) return propagate(start);
  auto image = identify_image(start->span(), path_text(path));
  // A PE header may lie behind a large DOS program.
  if (!image && start->span().size() == kStart) return read_library(path);
  return image;
}

const char* to_string(Format format) { return format == Format::pe ? "pe" : "elf"; }

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::shared_library:
      return "shared_library";
    case Kind::executable:
      return "executable";
    case Kind::object:
      return "object";
    case Kind::core:
      return "core";
  }
  return "unknown";
}

const char* to_string(Decoration decoration) {
  switch (decoration) {
    case Decoration::none:
      return "none";
    case Decoration::stdcall:
      return "stdcall";
    case Decoration::fastcall:
      return "fastcall";
    case Decoration::vectorcall:
      return "vectorcall";
    case Decoration::msvc_cpp:
      return "msvc_cpp";
    case Decoration::itanium_cpp:
      return "itanium_cpp";
  }
  return "none";
}

const char* to_string(Convention convention) {
  switch (convention) {
    case Convention::unknown:
      return "unknown";
    case Convention::cdecl_:
      return "cdecl";
    case Convention::stdcall_:
      return "stdcall";
    case Convention::fastcall_:
      return "fastcall";
    case Convention::thiscall_:
      return "thiscall";
    case Convention::vectorcall_:
      return "vectorcall";
  }
  return "unknown";
}

const char* to_string(SymbolType type) {
  switch (type) {
    case SymbolType::unknown:
      return "unknown";
    case SymbolType::function:
      return "function";
    case SymbolType::data:
      return "data";
    case SymbolType::thread_local_data:
      return "thread_local_data";
    case SymbolType::indirect_function:
      return "indirect_function";
  }
  return "unknown";
}

}  // namespace halfword::inspect
