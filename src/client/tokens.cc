#include "client/tokens.h"

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace halfword {
namespace {

constexpr std::uint64_t kFirst = 256;  // small numbers are what a program passes when it passes a number
constexpr std::uint64_t kEnd = 0x10000;

// Process-wide: a token must mean the same on every lane, and programs use the same few pointers again and again.
struct Tokens {
  std::shared_mutex mutex;
  std::unordered_map<const void*, std::uint64_t> numbers;
  std::vector<const void*> pointers;
};
Tokens& tokens() {
  static Tokens all;
  return all;
}

}  // namespace

Result<std::uint64_t> token_of(const void* pointer) {
  Tokens& all = tokens();
  {
    std::shared_lock lock(all.mutex);
    if (const auto found = all.numbers.find(pointer); found != all.numbers.end()) return found->second;
  }
  std::unique_lock lock(all.mutex);
  const std::uint64_t number = kFirst + all.pointers.size();
  if (number >= kEnd) return fail(ErrorCode::no_memory, "more than 65,000 different pointers were given as user data");
  const auto [found, added] = all.numbers.emplace(pointer, number);
  if (added) all.pointers.push_back(pointer);
  return found->second;
}

std::optional<void*> value_of_token(std::uint64_t token) {
  Tokens& all = tokens();
  std::shared_lock lock(all.mutex);
  if (token < kFirst || token - kFirst >= all.pointers.size()) return std::nullopt;
  return const_cast<void*>(all.pointers[token - kFirst]);
}

void lock_tokens() { tokens().mutex.lock(); }
void unlock_tokens() { tokens().mutex.unlock(); }
void renew_tokens_lock() { std::construct_at(&tokens().mutex); }

}  // namespace halfword
