// Which product a well-known dependency belongs to: a missing msvcr100.dll means that a redistributable is missing.
// Called by dependencies.h and the reports. Pure tables; any thread.
#pragma once

#include <string>
#include <string_view>

#include "inspect/image.h"

namespace halfword::inspect {

/// An API set (`api-ms-win-*`, `ext-ms-*`): not a file but a name that Windows maps to one of its own libraries.
bool is_api_set(std::string_view name);

/// The product that brings the library `name`, in words: "Visual C++ 2010 runtime", "Visual Basic 6.0 runtime",
/// "MinGW-w64 runtime"; empty for others. The case of letters does not matter.
std::string product_of(std::string_view name, Format format);

/// True for the runtime libraries of Visual C++ and Visual Basic.
bool is_visual_runtime(std::string_view product);

/// What to do about `name` of that product when it is missing, as a clause; empty if there is nothing to say.
/// `bits` is the library's, since the redistributables come in both.
std::string advice_for(std::string_view product, int bits);

/// The side-by-side assembly that holds the library (`microsoft.vc90.crt`), or empty: the runtimes of Visual C++ 2005
/// and 2008 lie neither beside the program nor in the system folder but below Windows\WinSxS, one folder for each
/// version.
std::string side_by_side_assembly(std::string_view name);

}  // namespace halfword::inspect
