// Loading a library, and moving its memory onto the window's file, so that the client can map it at the same address:
// its constants and its variables become memory that both see, as its heap is.
//
// Only what came with this load is moved, and only if the load started no thread: a thread could write between the copy
// and the new mapping. What is not moved the client reads and writes through the worker.
#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/pages.h"
#include "worker/system_linux.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

constexpr uint32_t kMostModules = 512;
constexpr uint32_t kPage = 4096;

struct Module {
  uint32_t begin, end;  // of its loaded segments; 0: unused entry
  uint32_t base;
  bool has_constants;  // segments that are readable and neither writable nor executable
  char path[256];
};

// Guarded by load_lock, but for the fault guard, which reads it whatever happens.
Module modules[kMostModules];
uint32_t module_count;
uint32_t next_image_page;
int region_protection[wire::kMaxRegions];
pages::Lock load_lock;

int count_threads() {
  DIR* folder = opendir("/proc/self/task");
  if (folder == nullptr) return -1;
  int count = 0;
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

bool known(uint32_t begin) {
  for (uint32_t at = 0; at < module_count; ++at)
    if (modules[at].begin == begin) return true;
  return false;
}

Module describe(const dl_phdr_info& info) {
  Module module = {~0U, 0, static_cast<uint32_t>(info.dlpi_addr), false, {}};
  for (int at = 0; at < info.dlpi_phnum; ++at) {
    const ElfW(Phdr)& segment = info.dlpi_phdr[at];
    if (segment.p_type != PT_LOAD) continue;
    const auto begin = static_cast<uint32_t>(info.dlpi_addr + segment.p_vaddr) & ~(kPage - 1);
    const auto end =
        static_cast<uint32_t>(info.dlpi_addr + segment.p_vaddr + segment.p_memsz + kPage - 1) & ~(kPage - 1);
    if (begin < module.begin) module.begin = begin;
    if (end > module.end) module.end = end;
    module.has_constants |= segment.p_flags == PF_R;
  }
  strncpy(module.path, info.dlpi_name, sizeof module.path - 1);
  return module;
}

// Runs through the objects of the process in the loader's order; adds those that are new to `modules`.
int note_module(dl_phdr_info* info, size_t, void*) {
  const Module module = describe(*info);
  if (module.end == 0 || known(module.begin)) return 0;
  if (module_count == kMostModules) return 1;
  modules[module_count++] = module;
  return 0;
}

struct Mapping {
  uint32_t begin, end;
  int protection;
  bool shared;
};

/// One line of /proc/self/maps: "f7c00000-f7c1a000 r--p …".
bool parse_mapping(const char* line, Mapping* mapping) {
  unsigned begin, end;
  char flags[5];
  if (sscanf(line, "%x-%x %4s", &begin, &end, flags) != 3) return false;
  const int protection =
      (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) | (flags[2] == 'x' ? PROT_EXEC : 0);
  *mapping = {begin, end, protection, flags[3] == 's'};
  return true;
}

wire::Region* new_region() {
  wire::Header& window = header();
  for (uint32_t at = 0; at < window.region_count; ++at)
    if (window.regions[at].size == 0) return &window.regions[at];
  return window.region_count < wire::kMaxRegions ? &window.regions[window.region_count] : nullptr;
}

bool write_all(int file, const char* from, size_t size, off64_t offset) {
  while (size != 0) {
    const ssize_t written = pwrite64(file, from, size, offset);
    if (written <= 0) return false;
    from += written;
    size -= static_cast<size_t>(written);
    offset += written;
  }
  return true;
}

void move_mapping(int file, const Mapping& mapping) {
  const uint32_t size = mapping.end - mapping.begin;
  const uint32_t page = next_image_page;
  wire::Region* region = new_region();
  if (region == nullptr || page + size / kPage > header().image_page_count) return;
  const off64_t offset = (off64_t{header().image_pages} + page) * kPage;
  if (!write_all(file, at<char>(mapping.begin), size, offset)) return;
  if (mmap64(at<void>(mapping.begin), size, mapping.protection, MAP_SHARED | MAP_FIXED, file, offset) == MAP_FAILED)
    return;
  next_image_page = page + size / kPage;
  *region = {mapping.begin, size, header().image_pages + page, (mapping.protection & PROT_WRITE) != 0 ? 1U : 0U};
  region_protection[region - header().regions] = mapping.protection;
  // Published after its fields: the client reads regions up to the count.
  if (region == &header().regions[header().region_count])
    __atomic_store_n(&header().region_count, header().region_count + 1, __ATOMIC_RELEASE);
}

bool should_move(const Module& module, const Mapping& mapping) {
  if (mapping.begin < module.begin || mapping.end > module.end || mapping.shared) return false;
  if ((mapping.protection & PROT_READ) == 0) return false;
  // Old libraries keep their constants in the segment with the code.
  return (mapping.protection & PROT_EXEC) == 0 || !module.has_constants;
}

void move_modules(uint32_t first) {
  const int file = open_window_file();
  FILE* maps = file < 0 ? nullptr : fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  // All lines first: moving changes the file that is being read.
  static Mapping found[1024];
  uint32_t count = 0;
  char line[512];
  while (count < 1024 && fgets(line, sizeof line, maps) != nullptr) {
    Mapping mapping;
    if (!parse_mapping(line, &mapping)) continue;
    for (uint32_t at = first; at < module_count; ++at)
      if (should_move(modules[at], mapping)) found[count++] = mapping;
  }
  fclose(maps);
  for (uint32_t at = 0; at < count; ++at) move_mapping(file, found[at]);
}

int find_module(dl_phdr_info* info, size_t, void* begin) {
  return describe(*info).begin == *static_cast<uint32_t*>(begin) ? 1 : 0;
}

// After dlclose: what is no longer there is forgotten, and its part of the file is emptied.
void forget_modules() {
  for (uint32_t at = 0; at < module_count; ++at) {
    if (modules[at].begin == 0 || dl_iterate_phdr(find_module, &modules[at].begin) != 0) continue;
    for (uint32_t region = 0; region < header().region_count; ++region) {
      wire::Region& one = header().regions[region];
      if (one.address < modules[at].begin || one.address >= modules[at].end) continue;
      fallocate64(open_window_file(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  off64_t{one.file_offset_pages} * kPage, one.size);
      one.size = 0;
    }
    modules[at].begin = modules[at].end = 0;
  }
}

}  // namespace

void* load_module(const char* path, uint32_t flags, char* text, uint32_t* system_number) {
  pages::Locked locked(load_lock);
  dl_iterate_phdr(note_module, nullptr);
  const uint32_t first = module_count;
  const int threads_before = count_threads();
  void* module = dlopen(path, RTLD_NOW | static_cast<int>(flags));
  if (module == nullptr) {
    *system_number = static_cast<uint32_t>(errno);
    const char* reason = dlerror();
    strncpy(text, reason == nullptr ? "" : reason, wire::kTextBytes - 1);
    text[wire::kTextBytes - 1] = 0;
    return nullptr;
  }
  dl_iterate_phdr(note_module, nullptr);
  if (header().heap_offset != 0 && count_threads() == threads_before) move_modules(first);
  return module;
}

void unload_module(void* module) {
  pages::Locked locked(load_lock);
  dlclose(module);
  forget_modules();
}

void* resolve(void* module, const char* name, uint32_t) {
  dlerror();
  return dlsym(module, name);
}

bool module_at(uint32_t address, char* path, uint32_t path_size, uint32_t* offset) {
  for (uint32_t at = 0; at < module_count; ++at) {
    if (address < modules[at].begin || address >= modules[at].end) continue;
    strncpy(path, modules[at].path, path_size - 1);
    *offset = address - modules[at].base;
    return true;
  }
  return false;
}

void for_shared_memory(void (*run)(const SharedPiece& piece)) {
  run({header().worker_base, header().worker_base + header().window_size, 0, PROT_READ | PROT_WRITE});
  for (uint32_t at = 0; at < header().region_count; ++at) {
    const wire::Region& one = header().regions[at];
    if (one.size != 0)
      run({one.address, one.address + one.size, uint64_t{one.file_offset_pages} * kPage, region_protection[at]});
  }
}

}  // namespace halfword::worker
