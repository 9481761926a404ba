#include "lake/commit/snapshot_retention.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Snapshots 1 to `count`, each the child of the one before; main is at the last.
iceberg::TableMetadata chain(int64_t count) {
  iceberg::TableMetadata table;
  const auto add = [&](int64_t id, std::optional<int64_t> parent) {
    auto stored = std::make_shared<iceberg::StoredSnapshot>();
    stored->snapshot.id = id;
    stored->snapshot.parent_id = parent;
    stored->snapshot.timestamp_ms = id * 1'000;
    table.snapshots.push_back(std::move(stored));
  };
  for (int64_t id = 1; id <= count; ++id) add(id, id == 1 ? std::nullopt : std::optional(id - 1));
  table.current_snapshot_id = count;
  table.last_updated_ms = count * 1'000;
  table.refs["main"] = {.snapshot_id = count};
  return table;
}

TEST(SnapshotRetention, KeepsTheNewest) {
  EXPECT_THAT(snapshots_to_remove(chain(5), 5), IsEmpty());
  EXPECT_THAT(snapshots_to_remove(chain(7), 5), ElementsAre(2, 1));
  EXPECT_THAT(snapshots_to_remove(chain(2), 1), ElementsAre(1));
  EXPECT_THAT(snapshots_to_remove(chain(2), 0), ElementsAre(2, 1));
  EXPECT_THAT(snapshots_to_remove(iceberg::TableMetadata(), 1), IsEmpty());
}

TEST(SnapshotRetention, TheyGoInBatches) {
  EXPECT_THAT(snapshots_to_remove(chain(109), 100), IsEmpty());
  EXPECT_THAT(snapshots_to_remove(chain(110), 100), SizeIs(10));
  EXPECT_THAT(snapshots_to_remove(chain(150), 100), SizeIs(50));
}

TEST(SnapshotRetention, TagsAndBranchesHoldTheirHistory) {
  iceberg::TableMetadata table = chain(9);
  table.refs["monday"] = {.snapshot_id = 3, .kind = iceberg::RefKind::tag};
  EXPECT_THAT(snapshots_to_remove(table, 2), ElementsAre(7, 6, 5, 4));
  table.refs["audit"] = {.snapshot_id = 9};
  EXPECT_THAT(snapshots_to_remove(table, 2), IsEmpty());
}

TEST(SnapshotRetention, SnapshotsBesideMainAreNotOurs) {
  iceberg::TableMetadata table = chain(9);
  table.current_snapshot_id = 6;  // rolled back: 7 to 9 are on no branch
  table.refs["main"].snapshot_id = 6;
  EXPECT_THAT(snapshots_to_remove(table, 4), ElementsAre(2, 1));
}

TEST(SnapshotRetention, ATableWithStatisticsIsLeftAlone) {
  iceberg::TableMetadata table = chain(9);
  table.other.emplace_back("statistics", "[]");
  EXPECT_THAT(snapshots_to_remove(table, 8), ElementsAre(1));
  table.other.emplace_back("partition-statistics", R"([{"snapshot-id":1}])");
  EXPECT_THAT(snapshots_to_remove(table, 8), IsEmpty());
}

TEST(SnapshotRetention, ATableWithoutGarbageCollectionIsLeftAlone) {
  iceberg::TableMetadata table = chain(9);
  table.properties["gc.enabled"] = "false";
  EXPECT_THAT(snapshots_to_remove(table, 2), IsEmpty());
  table.properties["gc.enabled"] = "true";
  EXPECT_THAT(snapshots_to_remove(table, 2), SizeIs(7));
}

TEST(SnapshotRetention, ATableMayAskForMoreButNotForLess) {
  iceberg::TableMetadata table = chain(9);
  table.properties["history.expire.min-snapshots-to-keep"] = "6";
  EXPECT_THAT(snapshots_to_remove(table, 2), ElementsAre(3, 2, 1));
  table.refs["main"].min_snapshots_to_keep = 4;  // the branch's own setting counts before the table's
  EXPECT_THAT(snapshots_to_remove(table, 2), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(snapshots_to_remove(table, 8), ElementsAre(1));
}

TEST(SnapshotRetention, ATableMayAskForAnAge) {
  iceberg::TableMetadata table = chain(9);
  table.properties["history.expire.max-snapshot-age-ms"] = "6000";
  EXPECT_THAT(snapshots_to_remove(table, 2), ElementsAre(2, 1));
  table.refs["main"].max_snapshot_age_ms = 4'000;
  EXPECT_THAT(snapshots_to_remove(table, 2), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(snapshots_to_remove(table, 7), ElementsAre(2, 1));
  table.refs["main"].max_snapshot_age_ms = INT64_MAX;
  EXPECT_THAT(snapshots_to_remove(table, 2), IsEmpty());
}

}  // namespace
}  // namespace weir::lake
