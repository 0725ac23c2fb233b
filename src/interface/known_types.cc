// Tables of names. Windows' names have their Windows meaning at every target: a DWORD has 32 bits in a client on Linux
// too, where `unsigned long` has 64, and a WCHAR is a UTF-16 unit, where wchar_t has 32 bits.
#include "interface/known_types.h"

#include <algorithm>
#include <vector>

namespace halfword::model {
namespace {

struct ScalarName {
  std::string_view name;
  Scalar scalar;
};

constexpr ScalarName kScalars[] = {
    {"size_t", Scalar::size},
    {"uintptr_t", Scalar::size},
    {"ssize_t", Scalar::signed_size},
    {"ptrdiff_t", Scalar::signed_size},
    {"intptr_t", Scalar::signed_size},
    {"int8_t", Scalar::signed_char},
    {"uint8_t", Scalar::unsigned_char},
    {"int16_t", Scalar::short_int},
    {"uint16_t", Scalar::unsigned_short},
    {"int32_t", Scalar::int_},
    {"uint32_t", Scalar::unsigned_int},
    {"int64_t", Scalar::long_long},
    {"uint64_t", Scalar::unsigned_long_long},
    {"intmax_t", Scalar::long_long},
    {"uintmax_t", Scalar::unsigned_long_long},
    {"wchar_t", Scalar::wide},
    {"char16_t", Scalar::char16},
    {"char32_t", Scalar::char32},
    {"__int8", Scalar::signed_char},
    {"__int16", Scalar::short_int},
    {"__int32", Scalar::int_},
    {"__int64", Scalar::long_long},
    // Windows
    {"BOOL", Scalar::int_},
    {"BOOLEAN", Scalar::unsigned_char},
    {"BYTE", Scalar::unsigned_char},
    {"CHAR", Scalar::character},
    {"UCHAR", Scalar::unsigned_char},
    {"WCHAR", Scalar::char16},
    {"SHORT", Scalar::short_int},
    {"USHORT", Scalar::unsigned_short},
    {"WORD", Scalar::unsigned_short},
    {"ATOM", Scalar::unsigned_short},
    {"INT", Scalar::int_},
    {"UINT", Scalar::unsigned_int},
    {"LONG", Scalar::int_},
    {"ULONG", Scalar::unsigned_int},
    {"DWORD", Scalar::unsigned_int},
    {"INT32", Scalar::int_},
    {"UINT32", Scalar::unsigned_int},
    {"LONG32", Scalar::int_},
    {"ULONG32", Scalar::unsigned_int},
    {"DWORD32", Scalar::unsigned_int},
    {"COLORREF", Scalar::unsigned_int},
    {"LCID", Scalar::unsigned_int},
    {"HRESULT", Scalar::int_},
    {"NTSTATUS", Scalar::int_},
    {"LSTATUS", Scalar::int_},
    {"LONGLONG", Scalar::long_long},
    {"ULONGLONG", Scalar::unsigned_long_long},
    {"LONG64", Scalar::long_long},
    {"ULONG64", Scalar::unsigned_long_long},
    {"INT64", Scalar::long_long},
    {"UINT64", Scalar::unsigned_long_long},
    {"DWORD64", Scalar::unsigned_long_long},
    {"DWORDLONG", Scalar::unsigned_long_long},
    {"FLOAT", Scalar::float_},
    {"DOUBLE", Scalar::double_},
    {"SIZE_T", Scalar::size},
    {"SSIZE_T", Scalar::signed_size},
    {"INT_PTR", Scalar::signed_size},
    {"UINT_PTR", Scalar::size},
    {"LONG_PTR", Scalar::signed_size},
    {"ULONG_PTR", Scalar::size},
    {"DWORD_PTR", Scalar::size},
    {"WPARAM", Scalar::size},
    {"LPARAM", Scalar::signed_size},
    {"LRESULT", Scalar::signed_size},
    {"HANDLE", Scalar::handle},
    {"HMODULE", Scalar::handle},
    {"HINSTANCE", Scalar::handle},
    {"HWND", Scalar::handle},
    {"HDC", Scalar::handle},
    {"HKEY", Scalar::handle},
    {"HICON", Scalar::handle},
    {"HCURSOR", Scalar::handle},
    {"HBITMAP", Scalar::handle},
    {"HBRUSH", Scalar::handle},
    {"HPEN", Scalar::handle},
    {"HFONT", Scalar::handle},
    {"HMENU", Scalar::handle},
    {"HRSRC", Scalar::handle},
    {"HGLOBAL", Scalar::handle},
    {"HLOCAL", Scalar::handle},
    {"HGDIOBJ", Scalar::handle},
    {"SC_HANDLE", Scalar::handle},
};

struct PointerName {
  std::string_view name;
  std::string_view element;  // a known scalar's name, or "void"
  bool constant;
};

constexpr PointerName kPointers[] = {
    {"LPSTR", "CHAR", false},
    {"PSTR", "CHAR", false},
    {"LPCSTR", "CHAR", true},
    {"PCSTR", "CHAR", true},
    {"LPWSTR", "WCHAR", false},
    {"PWSTR", "WCHAR", false},
    {"LPCWSTR", "WCHAR", true},
    {"PCWSTR", "WCHAR", true},
    {"PCHAR", "CHAR", false},
    {"PWCHAR", "WCHAR", false},
    {"LPVOID", "void", false},
    {"PVOID", "void", false},
    {"LPCVOID", "void", true},
    {"LPBOOL", "BOOL", false},
    {"PBOOL", "BOOL", false},
    {"LPBYTE", "BYTE", false},
    {"PBYTE", "BYTE", false},
    {"PUCHAR", "UCHAR", false},
    {"LPWORD", "WORD", false},
    {"PWORD", "WORD", false},
    {"PUSHORT", "USHORT", false},
    {"LPINT", "INT", false},
    {"PINT", "INT", false},
    {"PUINT", "UINT", false},
    {"LPLONG", "LONG", false},
    {"PLONG", "LONG", false},
    {"PULONG", "ULONG", false},
    {"LPDWORD", "DWORD", false},
    {"PDWORD", "DWORD", false},
    {"PSIZE_T", "SIZE_T", false},
    {"PHANDLE", "HANDLE", false},
    {"LPHANDLE", "HANDLE", false},
    {"PHKEY", "HKEY", false},
    {"PULONGLONG", "ULONGLONG", false},
    {"PLONGLONG", "LONGLONG", false},
    {"PDWORD_PTR", "DWORD_PTR", false},
    {"PULONG_PTR", "ULONG_PTR", false},
};

const Type* named_scalar(std::string_view name, Model& model, bool constant) {
  Type type;
  type.constant = constant;
  if (name == "void") return model.add(std::move(type));
  for (const ScalarName& entry : kScalars) {
    if (entry.name != name) continue;
    type.kind = Kind::scalar;
    type.scalar = entry.scalar;
    type.name = name;
    return model.add(std::move(type));
  }
  return nullptr;
}

}  // namespace

const Type* known_type(std::string_view name, Model& model) {
  if (name == "VOID") return named_scalar("void", model, false);
  if (const Type* scalar = named_scalar(name, model, false)) return scalar;
  for (const PointerName& entry : kPointers) {
    if (entry.name != name) continue;
    Type type;
    type.kind = Kind::pointer;
    type.element = named_scalar(entry.element, model, entry.constant);
    type.name = name;
    return model.add(std::move(type));
  }
  if (name == "FARPROC" || name == "PROC") {
    Type function;
    function.kind = Kind::function;
    Signature signature;
    signature.convention = Convention::stdcall_call;
    signature.result.type = model.scalar(Scalar::signed_size);
    function.signature = model.add(std::move(signature));
    Type type;
    type.kind = Kind::pointer;
    type.element = model.add(std::move(function));
    type.name = name;
    return model.add(std::move(type));
  }
  return nullptr;
}

unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<unsigned> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    unsigned diagonal = row[0];
    row[0] = static_cast<unsigned>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const unsigned changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return std::min(row[b.size()], limit + 1);
}

std::string nearest_known_type(std::string_view name) {
  constexpr std::string_view kBuiltIn[] = {"char",   "short", "int",  "long",     "float",
                                           "double", "void",  "bool", "unsigned", "signed"};
  const unsigned limit = name.size() < 4 ? 1 : 2;
  std::string_view best;
  unsigned distance = limit + 1;
  const auto consider = [&](std::string_view candidate) {
    const unsigned found = edit_distance(name, candidate, limit);
    if (found < distance) {
      distance = found;
      best = candidate;
    }
  };
  for (const std::string_view candidate : kBuiltIn) consider(candidate);
  for (const ScalarName& entry : kScalars) consider(entry.name);
  for (const PointerName& entry : kPointers) consider(entry.name);
  return std::string(best);
}

}  // namespace halfword::model
