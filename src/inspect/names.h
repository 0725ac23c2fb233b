// Names of exports: what decorations say, which export somebody meant, and how hostile text is shown.
// Called by the readers, by the client for `export_missing`, by the reports. Pure functions; any thread; trusts no
// name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/image.h"

namespace halfword::inspect {

/// Takes the decoration off `name`. Only what the name proves is said: on i386-windows `_f@8` is stdcall with 8 bytes
/// of arguments, whereas `f` may be anything. Sources: Microsoft, "Decorated names" and "Calling conventions"; the
/// Itanium C++ ABI, "Mangling". C++ names give the qualified name of plain functions and variables (`ns::Class::add`);
/// where templates or operators make more of a parser necessary the name is left as it is.
PlainName undecorate(std::string_view name, Format format, Machine machine);

/// The exports that somebody who asked for `wanted` may have meant, best first, at most `limit`: first those that are
/// `wanted` in another decoration (`_add@8`, `add@8`, `?add@@YAHHH@Z`, `_add`, `add_`), then those of other case or
/// with Windows's A or W behind, then those a few letters away. Time is bounded whatever the exports are.
std::vector<std::string> nearest_names(const std::vector<Export>& exports, std::string_view wanted,
                                       std::size_t limit = 5);

/// The `export_missing` error for `wanted` in the library at `file`, with the nearest names in the message and in
/// Error::searched.
Error export_missing(const Image& image, std::string_view file, std::string_view wanted);

/// `text` with everything that could disturb a terminal or a JSON document (control characters, bytes that are not
/// UTF-8) written as `\xNN`.
std::string printable(std::string_view text);

/// A path in UTF-8, on every system.
std::string path_text(const std::filesystem::path& path);

}  // namespace halfword::inspect
