// What the worker's Windows files share.
#pragma once

namespace halfword::worker {

/// Opens the way by which client and worker wake each other; the window is mapped.
void open_wake_ups();

}  // namespace halfword::worker
