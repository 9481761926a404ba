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
  const std::vector<KeptCheckpoint> all = {
      {"1", false, {"a"}}, {"2", false, {"b"}}, {"3", false, {"c"}}, {"4", false, {"d"}}, {"5", false, {"e"}}};
  const Retention retention = retain(all);
  EXPECT_THAT(keys(retention), ElementsAre("3", "4", "5"));
  EXPECT_THAT(retention.removable, ElementsAre("a", "b"));
}

TEST(Retention, KeepsSavepointsBesides) {
  const std::vector<KeptCheckpoint> all = {{"1", true, {"a"}}, {"2", false, {"b"}}, {"3", false, {"c"}},
                                           {"4", true, {"d"}}, {"5", false, {"e"}}, {"6", false, {"f"}}};
  const Retention retention = retain(all);
  EXPECT_THAT(keys(retention), ElementsAre("1", "3", "4", "5", "6"));
  EXPECT_THAT(retention.removable, ElementsAre("b"));
}

TEST(Retention, AnObjectThatAKeptCheckpointSharesStays) {
  const std::vector<KeptCheckpoint> all = {
      {"1", false, {"base", "a"}}, {"2", false, {"b"}}, {"3", false, {"c"}}, {"4", false, {"base", "d"}}};
  EXPECT_THAT(retain(all).removable, ElementsAre("a"));
}

TEST(Retention, FewerThanThreeAreAllKept) {
  const std::vector<KeptCheckpoint> all = {{"1", false, {"a"}}, {"2", false, {"b"}}};
  EXPECT_THAT(retain(all).removable, IsEmpty());
  EXPECT_THAT(retain({}).removable, IsEmpty());
}

}  // namespace
}  // namespace weir::state
