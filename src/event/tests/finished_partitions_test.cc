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
    const FinishedPartition entry{.name_hash = (random.next_u64() % 40) << 55 | random.next_u64() % 3,
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

}  // namespace
}  // namespace weir
