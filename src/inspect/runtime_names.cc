// The names of runtime libraries. Called as runtime_names.h says; pure tables; any thread.
// Source: Microsoft, "C runtime (CRT) and C++ standard library (STL) .lib files" and "Redistribute an MFC app".
#include "inspect/runtime_names.h"

#include <optional>

namespace halfword::inspect {
namespace {

std::string lowered(std::string_view name) {
  std::string result(name);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

struct Release {
  std::string_view digits;
  const char* product;
};

// The version numbers in the names of the libraries of Visual C++.
constexpr Release kVisualReleases[] = {
    {"42", "Visual C++ 6.0 runtime"},   {"50", "Visual C++ 5.0 runtime"},        {"60", "Visual C++ 6.0 runtime"},
    {"70", "Visual C++ 2002 runtime"},  {"71", "Visual C++ 2003 runtime"},       {"80", "Visual C++ 2005 runtime"},
    {"90", "Visual C++ 2008 runtime"},  {"100", "Visual C++ 2010 runtime"},      {"110", "Visual C++ 2012 runtime"},
    {"120", "Visual C++ 2013 runtime"}, {"140", "Visual C++ 2015-2022 runtime"},
};

constexpr std::string_view kVisualStems[] = {"msvcr", "msvcp", "msvcm",  "vcruntime", "mfc",  "mfcm", "mfcc", "atl",
                                             "vcomp", "vcamp", "concrt", "vccorlib",  "mfco", "mfcd", "mfcn"};

struct Known {
  std::string_view start;
  const char* product;
};

constexpr Known kWindowsProducts[] = {
    {"ucrtbased.dll", "Universal C runtime, debug"},
    {"ucrtbase.dll", "Universal C runtime"},
    {"msvbvm50.dll", "Visual Basic 5.0 runtime"},
    {"msvbvm60.dll", "Visual Basic 6.0 runtime"},
    {"vb40032.dll", "Visual Basic 4.0 runtime"},
    {"vb6", "Visual Basic 6.0 runtime"},
    {"msvcirt", "Visual C++ 6.0 runtime"},
    {"msvcrtd.dll", "Visual C++ 6.0 runtime, debug"},
    {"libgcc_s_", "MinGW-w64 runtime"},
    {"libstdc++-", "MinGW-w64 runtime"},
    {"libwinpthread-", "MinGW-w64 runtime"},
    {"libgomp-", "MinGW-w64 runtime"},
    {"libssp-", "MinGW-w64 runtime"},
    {"libatomic-", "MinGW-w64 runtime"},
    {"libquadmath-", "MinGW-w64 runtime"},
    {"libgfortran-", "MinGW-w64 Fortran runtime"},
    {"cygwin1.dll", "Cygwin"},
    {"msys-2.0.dll", "MSYS2"},
    {"libifcoremd", "Intel Fortran runtime"},
    {"libifportmd", "Intel Fortran runtime"},
    {"libiomp5md", "Intel OpenMP runtime"},
    {"libmmd", "Intel compiler runtime"},
    {"svml_disp", "Intel compiler runtime"},
    {"borlndmm.dll", "Delphi and C++Builder runtime"},
    {"cc32", "C++Builder runtime"},
    {"d3dx9_", "DirectX end-user runtime"},
    {"d3dx10_", "DirectX end-user runtime"},
    {"d3dx11_", "DirectX end-user runtime"},
    {"xinput1_3.dll", "DirectX end-user runtime"},
    {"mscoree.dll", ".NET Framework"},
    {"jvm.dll", "Java runtime"},
};

constexpr Known kLinuxProducts[] = {
    {"libc.musl-", "musl C library (Alpine Linux)"},
    {"ld-musl-", "musl C library (Alpine Linux)"},
    {"libstdc++.so.6", "GNU C++ runtime"},
    {"libstdc++.so.5", "C++ runtime of GCC 3.3"},
    {"libstdc++-libc6", "C++ runtime of GCC 2.95"},
    {"libgcc_s.so", "GCC runtime"},
    {"libgfortran.so", "GNU Fortran runtime"},
    {"libquadmath.so", "GNU Fortran runtime"},
    {"libg2c.so", "Fortran 77 runtime of GCC 3"},
    {"libgomp.so", "GNU OpenMP runtime"},
    {"libc++.so", "LLVM C++ runtime"},
    {"libc++abi.so", "LLVM C++ runtime"},
    {"libifcore.so", "Intel Fortran runtime"},
    {"libifport.so", "Intel Fortran runtime"},
    {"libimf.so", "Intel compiler runtime"},
    {"libsvml.so", "Intel compiler runtime"},
    {"libirc.so", "Intel compiler runtime"},
    {"libiomp5.so", "Intel OpenMP runtime"},
};

// `msvcr100.dll`, `mfc140u.dll`, `mfc90deu.dll`, `msvcp140_1.dll`, and `msvcr100d.dll` of a debug build.
std::optional<std::string> visual_product(std::string_view name) {
  for (const std::string_view stem : kVisualStems) {
    if (!name.starts_with(stem) || !name.ends_with(".dll")) continue;
    std::string_view rest = name.substr(stem.size(), name.size() - stem.size() - 4);
    std::size_t digits = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
    for (const Release& release : kVisualReleases) {
      if (release.digits != rest.substr(0, digits)) continue;
      rest.remove_prefix(digits);
      // Behind the version: u for Unicode, d for debug, a language, or a part as in `_1`.
      const bool debug = rest == "d" || rest == "ud" || rest.starts_with("d_");
      return std::string(release.product) + (debug ? ", debug" : "");
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_api_set(std::string_view name) {
  const std::string text = lowered(name);
  return text.starts_with("api-ms-") || text.starts_with("ext-ms-");
}

std::string product_of(std::string_view name, Format format) {
  const std::string text = lowered(name);
  if (format == Format::elf) {
    for (const Known& known : kLinuxProducts)
      if (text.starts_with(known.start)) return known.product;
    return {};
  }
  if (auto product = visual_product(text)) return *product;
  for (const Known& known : kWindowsProducts)
    if (text.starts_with(known.start)) return known.product;
  if (text.starts_with("python") && text.ends_with(".dll")) return "Python";
  return {};
}

bool is_visual_runtime(std::string_view product) {
  return product.starts_with("Visual ") || product.starts_with("Universal C");
}

std::string advice_for(std::string_view product, int bits) {
  const std::string width = bits == 64 ? "x64" : "x86";
  if (product.ends_with(", debug")) return "it comes only with Visual Studio: ask for a release build of the library";
  if (product.starts_with("Visual C++ 20"))
    return "install Microsoft's " + std::string(product.substr(0, product.size() - 8)) + " redistributable (" + width +
           ")";
  if (product.starts_with("Visual C++") || product.starts_with("Visual Basic"))
    return "install Microsoft's " + std::string(product);
  if (product.starts_with("Universal C")) return "install Windows updates, or the Visual C++ 2015-2022 redistributable";
  if (product.starts_with("MinGW"))
    return "copy it from the bin folder of the compiler that built the library to the library's folder";
  if (product.starts_with("musl")) return "the library is built for Alpine Linux; ask for a glibc build";
  if (product.empty()) return {};
  return "install the " + std::string(product);
}

std::string side_by_side_assembly(std::string_view name) {
  const std::string text = lowered(name);
  const std::string product = product_of(text, Format::pe);
  std::string version = product.starts_with("Visual C++ 2005")   ? "vc80"
                        : product.starts_with("Visual C++ 2008") ? "vc90"
                                                                 : "";
  if (version.empty()) return {};
  const std::string kind = text.starts_with("mfc")     ? "mfc"
                           : text.starts_with("atl")   ? "atl"
                           : text.starts_with("vcomp") ? "openmp"
                                                       : "crt";
  return "microsoft." + version + (product.ends_with(", debug") ? ".debug" : ".") + kind;
}

}  // namespace halfword::inspect
