// Which of the client's memory is what a dead worker left behind: it stays mapped, so that it can be read, but a handle
// that points there means nothing to the new worker.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "supervisor/worker.h"

namespace halfword {

class StaleMemory {
 public:
  /// `worker` is gone; what was kept before is returned, and no longer known. Any thread.
  std::shared_ptr<Worker> replace(std::shared_ptr<Worker> worker) {
    std::lock_guard lock(mutex_);
    return std::exchange(worker_, std::move(worker));
  }

  bool contains(const void* pointer) const {
    std::lock_guard lock(mutex_);
    return worker_ != nullptr && worker_->window().address_of(pointer, 1).has_value();
  }

  void before_fork() {
    mutex_.lock();
    if (worker_ != nullptr) worker_->before_fork();
  }
  void after_fork(bool in_child) {
    if (worker_ != nullptr) worker_->after_fork(in_child);
    mutex_.unlock();
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Worker> worker_;
};

}  // namespace halfword
