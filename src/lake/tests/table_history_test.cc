#include "lake/table_history.h"

#include <gtest/gtest.h>

namespace weir::lake {
namespace {

/// Snapshots `first` to `last`, each the child of the one before, with their ids as sequence numbers; main is at
/// `last`. Odd ones are of pipeline "odd", even ones of "even".
iceberg::TableMetadata chain(int64_t first, int64_t last) {
  iceberg::TableMetadata table;
  for (int64_t id = first; id <= last; ++id) {
    auto stored = std::make_shared<iceberg::StoredSnapshot>();
    stored->snapshot.id = id;
    stored->snapshot.parent_id = id == 1 ? std::nullopt : std::optional(id - 1);
    stored->snapshot.sequence_number = id;
    stored->snapshot.summary["weir.pipeline"] = id % 2 == 0 ? "even" : "odd";
    table.snapshots.push_back(std::move(stored));
  }
  table.current_snapshot_id = last;
  return table;
}

PipelineState at(int64_t snapshot) {
  return {.snapshot_id = snapshot, .sequence_number = snapshot};
}

TEST(TableHistory, ASnapshotIsAnAncestorExpiredOrElsewhere) {
  const iceberg::TableMetadata whole = chain(1, 6);
  EXPECT_EQ(ancestry_of(whole, 6, 6), Ancestry::ancestor);
  EXPECT_EQ(ancestry_of(whole, 1, 1), Ancestry::ancestor);
  EXPECT_EQ(ancestry_of(whole, 7, 7), Ancestry::elsewhere);
  EXPECT_EQ(ancestry_of(iceberg::TableMetadata(), 1, 1), Ancestry::elsewhere);
  const iceberg::TableMetadata cut = chain(4, 6);
  EXPECT_EQ(ancestry_of(cut, 3, 3), Ancestry::expired);
  EXPECT_EQ(ancestry_of(cut, 3, 0), Ancestry::expired) << "of an older property, which has no sequence number";
  EXPECT_EQ(ancestry_of(cut, 7, 7), Ancestry::elsewhere) << "too young to have been expired";
}

TEST(TableHistory, ARollbackIsSeenAlsoWhereTheHistoryIsCut) {
  for (const int64_t oldest : {1, 3}) {
    iceberg::TableMetadata table = chain(oldest, 8);
    EXPECT_FALSE(is_rolled_back(table, at(8), "even"));
    EXPECT_FALSE(is_rolled_back(table, at(7), "odd")) << "others have committed on top";
    table.current_snapshot_id = 5;  // 6 to 8 are listed, and on no branch
    EXPECT_TRUE(is_rolled_back(table, at(8), "even"));
    EXPECT_TRUE(is_rolled_back(table, at(7), "odd"));
    EXPECT_FALSE(is_rolled_back(table, at(5), "odd"));
  }
  iceberg::TableMetadata table = chain(3, 5);
  table.current_snapshot_id = 3;
  EXPECT_TRUE(is_rolled_back(table, at(4), "even")) << "its only snapshot that was left is on no branch";
  EXPECT_TRUE(is_rolled_back(chain(3, 3), at(4), "even")) << "and now it is expired, though it was too young for that";
  EXPECT_FALSE(is_rolled_back(chain(3, 3), at(2), "even")) << "expired in order";
  EXPECT_FALSE(is_rolled_back(chain(3, 3), PipelineState(), "even")) << "it never wrote here";
}

TEST(TableHistory, ATableWithoutSnapshotsHasLostThoseThatItHad) {
  EXPECT_TRUE(is_rolled_back(iceberg::TableMetadata(), at(4), "even"));
  EXPECT_FALSE(is_rolled_back(iceberg::TableMetadata(), PipelineState(), "even"));
}

}  // namespace
}  // namespace weir::lake
