// The client's functions that libraries may call, and how a message from the worker finds them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "interface/callback_plan.h"

namespace halfword {

/// What the program gives: its function reads `arguments` and stores its result, both in its own representation.
using CallbackFunction = void (*)(void* user, void* result, void* const* arguments);

struct Callback {
  model::CallbackPlan plan;
  CallbackFunction function;
  void* user;
  std::string name;
};

/// The live callbacks of one session by the numbers that its workers' thunks carry. Numbers are never used twice.
class CallbackTable {
 public:
  /// Around a fork: holds every other thread off.
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }
  /// In the child: a lock remembers the thread that took it, which has another number here, so a new one takes its
  /// place.
  void renew_lock() { std::construct_at(&mutex_); }

  std::uint32_t add(std::shared_ptr<const Callback> callback) {
    std::unique_lock lock(mutex_);
    live_.emplace(++last_, std::move(callback));
    return last_;
  }
  void remove(std::uint32_t number) {
    std::unique_lock lock(mutex_);
    live_.erase(number);
  }
  /// nullptr for one that is gone, or that never was: the number comes from the worker.
  std::shared_ptr<const Callback> find(std::uint32_t number) const {
    std::shared_lock lock(mutex_);
    const auto found = live_.find(number);
    return found == live_.end() ? nullptr : found->second;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::uint32_t, std::shared_ptr<const Callback>> live_;
  std::uint32_t last_ = 0;
};

}  // namespace halfword
