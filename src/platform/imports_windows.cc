// Modules are redirected in the loader's notification, which comes when their imports are bound and before their entry
// point runs (LdrRegisterDllNotification in Microsoft's reference; Wine calls it at the same point). All state is
// written before `begin` or under the loader's lock.
#include "platform/imports_windows.h"

#include <windows.h>
// After windows.h, on which it depends.
#include <winternl.h>

#include <cstring>

#include "platform/c_runtimes_windows.h"

namespace halfword::imports {
namespace {

struct Table {
  const Redirection* entries;
  std::size_t count;
};

constexpr std::size_t kMostTables = 4;
constexpr std::size_t kMostEntries = 32;
constexpr const char* kSystemLibraries[] = {"kernel32.dll", "kernelbase.dll", "ntdll.dll"};
constexpr std::size_t kSystemCount = sizeof kSystemLibraries / sizeof *kSystemLibraries;

Table tables[kMostTables];
std::size_t table_count;
// Where each entry's function lies: kernel32 forwards some to ntdll, and has its own version of others.
const void* originals[kMostTables][kMostEntries][kSystemCount];

// Of the system's folder only what allocates on behalf of libraries: their blocks are a library's own.
constexpr const char* kAllocators[] = {"msvcp",  "vcruntime", "mfc",      "atl",    "concrt",
                                       "msvbvm", "ole32",     "oleaut32", "combase"};

struct Name {
  char text[64];  // lower case; longer names are none of those that are known here
};

template <class Character>
Name name_of(const Character* text, std::size_t length) {
  Name name = {};
  for (std::size_t at = 0; at < length && at + 1 < sizeof name.text && text[at] != 0; ++at) {
    const auto letter = static_cast<unsigned>(text[at]);
    name.text[at] = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32)
                    : letter < 128                 ? static_cast<char>(letter)
                                                   : '?';
  }
  return name;
}

bool is_allocator(const Name& name) {
  for (const char* prefix : kAllocators)
    if (strncmp(name.text, prefix, strlen(prefix)) == 0) return true;
  return false;
}

bool is_under(const UNICODE_STRING& path, UINT(WINAPI* get_folder)(LPWSTR, UINT)) {
  wchar_t folder[MAX_PATH];
  const UINT length = get_folder(folder, MAX_PATH);
  if (length == 0 || length >= MAX_PATH || path.Length / sizeof(wchar_t) <= length) return false;
  return CompareStringOrdinal(path.Buffer, static_cast<int>(length), folder, static_cast<int>(length), TRUE) ==
             CSTR_EQUAL &&
         path.Buffer[length] == L'\\';
}

const void* export_of(const char* library, const char* name) {
  const HMODULE module = GetModuleHandleA(library);
  return module == nullptr ? nullptr : reinterpret_cast<void*>(GetProcAddress(module, name));
}

struct Importer {
  bool is_runtime;       // the module that imports is a C run-time library
  const char* exporter;  // the one it imports from, if that is a C run-time library; else nullptr
};

bool is_original(std::size_t table, std::size_t entry, const void* function, const Importer& importer) {
  const Redirection& one = tables[table].entries[entry];
  if (one.scope == Scope::runtime)
    return importer.exporter != nullptr && !importer.is_runtime && export_of(importer.exporter, one.name) == function;
  if (one.scope == Scope::system_in_runtime && !importer.is_runtime) return false;
  for (const void* original : originals[table][entry])
    if (original != nullptr && original == function) return true;
  return false;
}

void* replacement_of(const void* function, const Importer& importer) {
  for (std::size_t table = 0; table < table_count; ++table)
    for (std::size_t entry = 0; entry < tables[table].count; ++entry)
      if (is_original(table, entry, function, importer)) return tables[table].entries[entry].replacement;
  return nullptr;
}

// Also what a library looks up by itself, as the code that binds delayed imports does.
FARPROC WINAPI get_proc_address(HMODULE module, LPCSTR name) {
  const FARPROC found = GetProcAddress(module, name);
  if (found == nullptr) return nullptr;
  void* const replacement = replacement_of(reinterpret_cast<void*>(found), {false, nullptr});
  return replacement == nullptr ? found : reinterpret_cast<FARPROC>(replacement);
}

const Redirection kOwn[] = {{"GetProcAddress", code_of(get_proc_address), Scope::system}};

void redirect_slot(void** slot, const Importer& importer) {
  void* const replacement = replacement_of(*slot, importer);
  if (replacement == nullptr) return;
  DWORD before;
  if (!VirtualProtect(slot, sizeof *slot, PAGE_READWRITE, &before)) return;
  *slot = replacement;
  VirtualProtect(slot, sizeof *slot, before, &before);
}

// Import tables as "PE Format" (Microsoft) describes them, section ".idata". The loader has just walked them itself.
void redirect_module(char* base, bool is_runtime) {
  const auto* dos = reinterpret_cast<const IMAGE_DOS_HEADER*>(base);
  const auto* headers = reinterpret_cast<const IMAGE_NT_HEADERS*>(base + dos->e_lfanew);
  if (headers->OptionalHeader.NumberOfRvaAndSizes <= IMAGE_DIRECTORY_ENTRY_IMPORT) return;
  const DWORD imports = headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
  if (imports == 0) return;
  const auto* from = reinterpret_cast<const IMAGE_IMPORT_DESCRIPTOR*>(base + imports);
  for (; from->Name != 0 && from->FirstThunk != 0; ++from) {
    const char* const exporter = base + from->Name;
    const Name name = name_of(exporter, sizeof(Name));
    const Importer importer = {is_runtime, c_runtimes::is_runtime(name.text) ? exporter : nullptr};
    for (auto** slot = reinterpret_cast<void**>(base + from->FirstThunk); *slot != nullptr; ++slot)
      redirect_slot(slot, importer);
  }
}

// LDR_DLL_NOTIFICATION_DATA (Microsoft's reference, LdrDllNotification callback function).
struct Loaded {
  ULONG flags;
  const UNICODE_STRING* full_name;
  const UNICODE_STRING* base_name;
  void* base;
  ULONG size;
};
constexpr ULONG kReasonLoaded = 1, kReasonUnloaded = 2;

void CALLBACK on_module(ULONG reason, const Loaded* module, void*) {
  const Name name = name_of(module->base_name->Buffer, module->base_name->Length / sizeof(wchar_t));
  const bool is_runtime = c_runtimes::is_runtime(name.text);
  if (reason == kReasonUnloaded && is_runtime) c_runtimes::forget(module->base);
  if (reason != kReasonLoaded) return;
  const bool of_system =
      is_under(*module->full_name, GetSystemDirectoryW) || is_under(*module->full_name, GetSystemWow64DirectoryW);
  if (of_system && !is_runtime && !is_allocator(name)) return;
  redirect_module(static_cast<char*>(module->base), is_runtime);
  if (is_runtime) c_runtimes::note(module->base);
}

}  // namespace

void add(const Redirection* table, std::size_t count) {
  for (std::size_t entry = 0; entry < count; ++entry)
    for (std::size_t library = 0; library < kSystemCount; ++library)
      originals[table_count][entry][library] = export_of(kSystemLibraries[library], table[entry].name);
  tables[table_count++] = {table, count};
}

bool begin() {
  add(kOwn, 1);
  using Register = LONG(NTAPI*)(ULONG, void(CALLBACK*)(ULONG, const Loaded*, void*), void*, void**);
  const auto register_notification =
      reinterpret_cast<Register>(const_cast<void*>(export_of("ntdll.dll", "LdrRegisterDllNotification")));
  static void* cookie;
  return register_notification != nullptr && register_notification(0, on_module, nullptr, &cookie) >= 0;
}

}  // namespace halfword::imports
