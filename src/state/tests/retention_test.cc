#include "state/retention.h"

#include <gmock/gmock.h>

namespace weir::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> keys(const Retention& retention) {
  std::vector<std::string> names;
  for (const KeptCheckpoint& checkpoint : retention.kept) names.push_back(checkpoint.commit_key);
  return names;
}

TEST(Retention, KeepsTheNewestThree) {
  const std::vector<KeptCheckpoint> all = {{"1", {"a"}}, {"2", {"b"}}, {"3", {"c"}}, {"4", {"d"}}, {"5", {"e"}}};
  const Retention retention = retain(all);
  EXPECT_THAT(keys(retention), ElementsAre("3", "4", "5"));
  EXPECT_THAT(retention.removable, ElementsAre("a", "b"));
}

TEST(Retention, AnObjectThatAKeptCheckpointSharesStays) {
  const std::vector<KeptCheckpoint> all = {{"1", {"base", "a"}}, {"2", {"b"}}, {"3", {"c"}}, {"4", {"base", "d"}}};
  EXPECT_THAT(retain(all).removable, ElementsAre("a"));
}

TEST(Retention, FewerThanThreeAreAllKept) {
  const std::vector<KeptCheckpoint> all = {{"1", {"a"}}, {"2", {"b"}}};
  EXPECT_THAT(retain(all).removable, IsEmpty());
  EXPECT_THAT(retain({}).removable, IsEmpty());
}

}  // namespace
}  // namespace weir::state
