#include "platform/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "platform/pages.h"

namespace halfword {
namespace {

constexpr std::size_t kWindow = 64 << 20;

// The heap is one for the process, so all tests share the window that the first of them gives it.
char* window() {
  static char* begin = [] {
    auto* memory = static_cast<char*>(pages::take(kWindow, heap::kChunk));
    heap::serve_from(memory, kWindow);
    return memory;
  }();
  return begin;
}

bool in_window(const void* block) {
  const auto* byte = static_cast<const char*>(block);
  return byte >= window() && byte < window() + kWindow;
}

class Heap : public testing::Test {
 protected:
  void SetUp() override { window(); }
};

TEST_F(Heap, ServesBlocksOfEverySizeFromTheWindow) {
  std::vector<void*> blocks;
  for (std::size_t size = 0; size < 200'000; size = size * 9 / 8 + 1) {
    void* block = heap::allocate(size);
    ASSERT_NE(block, nullptr);
    EXPECT_TRUE(in_window(block)) << size;
    EXPECT_GE(heap::usable_size(block), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % heap::kAlignment, 0U);
    std::memset(block, 0xab, size);
    blocks.push_back(block);
  }
  for (void* block : blocks) heap::release(block);
}

TEST_F(Heap, AlignsBlocksAsAskedUpToMegabytes) {
  for (std::size_t alignment = 16; alignment <= 1 << 20; alignment *= 2) {
    void* block = heap::allocate(100, alignment);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0U) << alignment;
    heap::release(block);
  }
}

TEST_F(Heap, ZeroesMemoryThatWasUsedBefore) {
  for (const std::size_t size : {std::size_t{48}, std::size_t{5000}, std::size_t{300'000}, std::size_t{8'000'000}}) {
    void* used = heap::allocate(size);
    std::memset(used, 0xff, size);
    heap::release(used);
    auto* zeroed = static_cast<unsigned char*>(heap::allocate_zeroed(size));
    ASSERT_NE(zeroed, nullptr);
    EXPECT_TRUE(std::all_of(zeroed, zeroed + size, [](unsigned char byte) { return byte == 0; })) << size;
    heap::release(zeroed);
  }
}

TEST_F(Heap, KeepsContentsWhenABlockIsResized) {
  std::string text(70'000, 'x');
  auto* block = static_cast<char*>(heap::allocate(10));
  std::memcpy(block, "0123456789", 10);
  for (const std::size_t size :
       {std::size_t{100}, std::size_t{40'000}, std::size_t{70'000}, std::size_t{700'000}, std::size_t{20}}) {
    block = static_cast<char*>(heap::resize(block, size));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(std::memcmp(block, "0123456789", 10), 0) << size;
  }
  heap::release(block);
}

TEST_F(Heap, SpillsIntoPrivateMemoryWhenTheWindowIsFull) {
  std::vector<void*> blocks;
  for (std::size_t total = 0; total < kWindow + (16 << 20); total += 1 << 20) blocks.push_back(heap::allocate(1 << 20));
  EXPECT_TRUE(in_window(blocks.front()));
  EXPECT_FALSE(in_window(blocks.back()));
  void* small = heap::allocate(24);
  ASSERT_NE(small, nullptr);
  heap::release(small);
  for (void* block : blocks) heap::release(block);
  void* again = heap::allocate(1 << 20);
  EXPECT_TRUE(in_window(again));
  heap::release(again);
}

TEST_F(Heap, RefusesWhatNoAddressSpaceHolds) {
  EXPECT_EQ(heap::allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(heap::allocate(SIZE_MAX - 70'000), nullptr);
}

// Random operations against a map of what should be there; no two blocks may overlap, none may lose its contents.
TEST_F(Heap, KeepsEveryBlockIntactUnderRandomUse) {
  std::mt19937 random(1);
  std::map<unsigned char*, std::pair<std::size_t, unsigned char>> live;
  for (int step = 0; step < 60'000; ++step) {
    if (live.size() < 500 || random() % 2 == 0) {
      const std::size_t size = random() % (random() % 10 == 0 ? 150'000 : 600);
      auto* block = static_cast<unsigned char*>(heap::allocate(size));
      ASSERT_NE(block, nullptr);
      const auto after = live.lower_bound(block);
      if (after != live.end()) {
        ASSERT_LE(block + size, after->first);
      }
      if (after != live.begin()) {
        ASSERT_LE(std::prev(after)->first + std::prev(after)->second.first, block);
      }
      const auto mark = static_cast<unsigned char>(random());
      std::memset(block, mark, size);
      live[block] = {size, mark};
    } else {
      auto it = std::next(live.begin(), static_cast<long>(random() % live.size()));
      const auto [size, mark] = it->second;
      ASSERT_TRUE(std::all_of(it->first, it->first + size, [m = mark](unsigned char byte) { return byte == m; }));
      heap::release(it->first);
      live.erase(it);
    }
  }
  for (const auto& [block, rest] : live) heap::release(block);
}

TEST_F(Heap, ServesManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 8; ++seed)
    threads.emplace_back([seed] {
      std::mt19937 random(seed);
      std::vector<std::pair<unsigned char*, std::size_t>> mine;
      for (int step = 0; step < 20'000; ++step) {
        const std::size_t size = random() % 3000 + 1;
        auto* block = static_cast<unsigned char*>(heap::allocate(size));
        std::memset(block, static_cast<int>(seed), size);
        mine.emplace_back(block, size);
        if (mine.size() < 50) continue;
        const auto [old, old_size] = mine[random() % mine.size()];
        for (std::size_t at = 0; at < old_size; ++at) ASSERT_EQ(old[at], seed);
        std::erase_if(mine, [&, o = old](const auto& one) { return one.first == o; });
        heap::release(old);
      }
      for (const auto& [block, size] : mine) heap::release(block);
    });
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Heap, NoticesAPointerThatIsFreedTwice) {
  void* block = heap::allocate(32);
  heap::release(block);
  EXPECT_DEATH(heap::release(block), "freed twice");
}

TEST_F(Heap, NoticesAPointerIntoTheMiddleOfABlock) {
  auto* block = static_cast<char*>(heap::allocate(100));
  EXPECT_DEATH(heap::release(block + 16), "not allocated");
  auto* large = static_cast<char*>(heap::allocate(1'000'000));
  EXPECT_DEATH(heap::release(large + heap::kChunk), "not a block");
  heap::release(block);
  heap::release(large);
}

TEST_F(Heap, IsUnharmedByAnOverrun) {
  auto* first = static_cast<unsigned char*>(heap::allocate(64));
  std::memset(first, 0xff, 4096);  // over its neighbours: nothing of the heap's own lies there
  void* second = heap::allocate(64);
  EXPECT_NE(second, nullptr);
  heap::release(second);
  heap::release(first);
}

}  // namespace
}  // namespace halfword
