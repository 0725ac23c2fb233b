// The window in the worker's address space.
#include <windows.h>

#include "platform/heap.h"
#include "platform/program_windows.h"
#include "worker/system_windows.h"
#include "worker/worker.h"

namespace halfword::worker {
namespace {

wire::Header* window;

wire::Header* map(HANDLE section, size_t size, uint32_t place) {
  return static_cast<wire::Header*>(MapViewOfFileEx(section, FILE_MAP_ALL_ACCESS, 0, 0, size, at<void>(place)));
}

wire::Header* map_window(HANDLE section) {
  wire::Header* const header = map(section, wire::kHeaderSize, 0);
  if (header == nullptr || header->magic != wire::kMagic || header->version != wire::kProtocolVersion) {
    refuse_to_run();
    end_process(5);
  }
  wire::Header* const mapped = map(section, header->window_size, header->window_base);
  if (mapped == nullptr) {
    // The client tries the next place with a new worker.
    header->worker_state = static_cast<uint32_t>(wire::WorkerState::place_refused);
    end_process(5);
  }
  UnmapViewOfFile(header);
  return mapped;
}

}  // namespace

wire::Header& header() { return *window; }

wire::LaneBlock& lane_block(uint32_t number) {
  return reinterpret_cast<wire::LaneBlock*>(reinterpret_cast<char*>(window) + window->lanes_offset)[number];
}

void attach(int, char**) {
  const HANDLE section = open_window_section();
  window = map_window(section);
  CloseHandle(section);
  window->worker_base = address_of(window);
  window->worker_process = GetCurrentProcessId();
  if (window->heap_offset != 0)
    heap::serve_from(reinterpret_cast<char*>(window) + window->heap_offset, window->window_size - window->heap_offset);
  take_environment();
  open_wake_ups();
}

}  // namespace halfword::worker
