#include "platform/own_memory_windows.h"

#include <windows.h>
// After windows.h, on which it depends.
#include <winternl.h>

#include <cstring>

#include "platform/text_windows.h"

extern "C" PEB* NTAPI RtlGetCurrentPeb(void);

namespace halfword {
namespace {

constexpr DWORD kReadable = PAGE_READONLY | PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READ |
                            PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
constexpr DWORD kWritable = PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
// More modules than any process has: the list may be damaged when it is read.
constexpr int kMostModules = 4096;

// How much of [begin, begin + size) has one of `protections`.
std::size_t usable(const void* begin, std::size_t size, DWORD protections) {
  const auto* at = static_cast<const char*>(begin);
  const char* const end = at + size;
  while (at < end) {
    MEMORY_BASIC_INFORMATION piece;
    if (VirtualQuery(at, &piece, sizeof piece) == 0 || piece.State != MEM_COMMIT) break;
    if ((piece.Protect & protections) == 0 || (piece.Protect & PAGE_GUARD) != 0) break;
    at = static_cast<const char*>(piece.BaseAddress) + piece.RegionSize;
  }
  return at < end ? static_cast<std::size_t>(at - static_cast<const char*>(begin)) : size;
}

// ehdata.h of Microsoft's run-time library, x86: what the throw expression passes.
struct TypeDescriptor {
  const void* virtual_table;
  void* spare;
  char name[1];
};
struct CatchableType {
  std::uint32_t properties;
  const TypeDescriptor* type;
};
struct CatchableTypes {
  std::int32_t count;
  const CatchableType* types[1];
};
struct ThrowInfo {
  std::uint32_t attributes;
  void* destructor;
  void* forward;
  const CatchableTypes* types;
};

template <class T>
bool read(const T* from, T* to) {
  if (readable(from, sizeof *from) != sizeof *from) return false;
  memcpy(to, from, sizeof *to);
  return true;
}

}  // namespace

std::size_t readable(const void* begin, std::size_t size) { return usable(begin, size, kReadable); }
std::size_t writable(const void* begin, std::size_t size) { return usable(begin, size, kWritable); }

bool module_at(const void* address, char* path, int path_size, std::uint32_t* offset) {
  MEMORY_BASIC_INFORMATION piece;
  if (VirtualQuery(address, &piece, sizeof piece) == 0 || piece.Type != MEM_IMAGE) return false;
  *offset =
      static_cast<std::uint32_t>(static_cast<const char*>(address) - static_cast<const char*>(piece.AllocationBase));
  const LIST_ENTRY* const list = &RtlGetCurrentPeb()->Ldr->InMemoryOrderModuleList;
  const LIST_ENTRY* link = list->Flink;
  for (int left = kMostModules; left != 0 && link != list; --left, link = link->Flink) {
    const auto* module = CONTAINING_RECORD(link, LDR_DATA_TABLE_ENTRY, InMemoryOrderLinks);
    if (module->DllBase == piece.AllocationBase) return narrow(module->FullDllName.Buffer, path, path_size);
  }
  return false;
}

Thrown describe_thrown(const unsigned long* arguments, std::uint32_t count) {
  Thrown thrown = {};
  ThrowInfo info;
  CatchableTypes all;
  CatchableType first;
  if (count < 3 || !read(reinterpret_cast<const ThrowInfo*>(arguments[2]), &info)) return thrown;
  thrown.object = reinterpret_cast<void*>(arguments[1]);
  thrown.destructor = info.destructor;
  if (!read(info.types, &all) || all.count < 1 || !read(all.types[0], &first)) return thrown;
  memcpy(thrown.type, first.type->name, readable(first.type->name, sizeof thrown.type - 1));
  return thrown;
}

}  // namespace halfword
