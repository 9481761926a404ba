#include "event/finished_partitions.h"

#include <map>

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir {
namespace {

TEST(FinishedPartitions, BehavesAsAMapWhateverIsDoneToCopies) {
  SeededRandom random(3);
  struct Both {
    FinishedPartitions set;
    std::map<uint64_t, FinishedPartition> model;
  };
  std::vector<Both> copies(3);
  for (int round = 0; round < 5000; ++round) {
    Both& one = copies[random.next_u64() % copies.size()];
    const Both& other = copies[random.next_u64() % copies.size()];
    const FinishedPartition entry{.name_hash = (random.next_u64() % 400) << 55 | random.next_u64() % 3,
                                  .facts_hash = random.next_u64() % 4};
    switch (random.next_u64() % 4) {
      case 0:
        one.set.erase(entry.name_hash);
        one.model.erase(entry.name_hash);
        break;
      case 1: one = Both(other); break;
      default: one.set.put(entry); one.model[entry.name_hash] = entry;
    }
    ASSERT_EQ(one.set.size(), one.model.size());
    std::vector<FinishedPartition> all;
    one.set.for_each([&](const FinishedPartition& each) { all.push_back(each); });
    std::vector<FinishedPartition> expected;
    std::vector<FinishedPartition> changed;
    for (const auto& [name, each] : one.model) {
      expected.push_back(each);
      const auto at = other.model.find(name);
      if (at == other.model.end() || at->second != each) changed.push_back(each);
    }
    ASSERT_EQ(all, expected);
    ASSERT_EQ(one.set.changed_since(other.set), changed);
    ASSERT_EQ(one.set == other.set, one.model == other.model);
  }
}

TEST(FinishedPartitions, NamesWhoseHashesDifferInTheirLowestBitsOnlyAreTold) {
  FinishedPartitions set;
  for (uint64_t name = 0; name < 300; ++name) set.put({.name_hash = name, .facts_hash = name});
  ASSERT_EQ(set.size(), 300U);
  for (uint64_t name = 0; name < 300; ++name) ASSERT_EQ(set.find(name)->facts_hash, name);
  for (uint64_t name = 0; name < 300; ++name) set.erase(name);
  EXPECT_EQ(set, FinishedPartitions());
}

/// How many entries of `set` lie in memory of its own, not in what it shares with `other`.
size_t entries_not_shared(const FinishedPartitions& set, const FinishedPartitions& other) {
  size_t count = 0;
  set.for_each([&](const FinishedPartition& entry) { count += other.find(entry.name_hash) == &entry ? 0 : 1; });
  return count;
}

// What a commit pays for: it must not depend on how many files were ever read.
TEST(FinishedPartitions, AChangeCopiesNoMoreThanItsNeighboursHoweverManyThereAre) {
  constexpr size_t kCopiedMax = 64;
  SeededRandom random(5);
  FinishedPartitions set;
  for (const size_t size : {1'000, 10'000, 200'000}) {
    while (set.size() < size) set.put({.name_hash = random.next_u64()});
    for (int i = 0; i < 100; ++i) {
      FinishedPartitions after = set;
      const FinishedPartition more{.name_hash = random.next_u64()};
      after.put(more);
      EXPECT_LE(entries_not_shared(after, set), kCopiedMax + 1) << "of " << size;
      EXPECT_EQ(after.changed_since(set), std::vector{more});
      after.erase(more.name_hash);
      EXPECT_LE(entries_not_shared(after, set), kCopiedMax) << "of " << size;
    }
  }
}

TEST(FinishedPartitions, TwoThatWereReadApartShareWhatIsEqual) {
  SeededRandom random(6);
  FinishedPartitions one;
  for (int i = 0; i < 10'000; ++i) one.put({.name_hash = random.next_u64()});
  FinishedPartitions other;
  one.for_each([&](const FinishedPartition& entry) { other.put(entry); });
  other.put({.name_hash = random.next_u64()});
  ASSERT_EQ(entries_not_shared(other, one), other.size());
  other.share_with(one);
  EXPECT_LE(entries_not_shared(other, one), 65U);
}

}  // namespace
}  // namespace weir
