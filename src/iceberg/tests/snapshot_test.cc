#include "iceberg/metadata/snapshot.h"

#include <gtest/gtest.h>

namespace weir::iceberg {
namespace {

TEST(Snapshot, KeepsItsJson) {
  const std::string json =
      R"({"snapshot-id":9223372036854775807,"parent-snapshot-id":9007199254740993,"sequence-number":3,"timestamp-ms":1700000000000,)"
      R"("manifest-list":"s3://b/l.avro","summary":{"operation":"append","a":"b"},"schema-id":2})";
  const Result<Snapshot> snapshot = snapshot_from_json(json);
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().to_string();
  EXPECT_EQ(snapshot->parent_id, 9007199254740993) << "more digits than a double has";
  EXPECT_EQ(snapshot_to_json(*snapshot), json);
}

TEST(Snapshot, ReadsWhatOldWritersLeftOut) {
  const Result<Snapshot> snapshot =
      snapshot_from_json(R"({"snapshot-id":1,"parent-snapshot-id":-1,"timestamp-ms":2,"manifests":["a"]})");
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->parent_id, std::nullopt);
  EXPECT_EQ(snapshot->sequence_number, 0);
  EXPECT_EQ(snapshot->manifest_list, "");
  EXPECT_EQ(snapshot->operation, "");
}

DataFile file_in(int64_t partition, int64_t rows, int64_t bytes, FileContent content = FileContent::data) {
  return {.content = content, .path = "p", .partition = {Value(partition)}, .record_count = rows, .size_bytes = bytes};
}

TEST(SnapshotSummary, StartsTotalsAtTheFirstSnapshot) {
  SummaryCounter counter;
  counter.add_file(file_in(1, 10, 100));
  counter.add_file(file_in(2, 20, 200));
  counter.add_file(file_in(2, 30, 300));
  EXPECT_EQ(counter.finish(nullptr, {{"engine-name", "weir"}}), (StringMap{{"added-data-files", "3"},
                                                                           {"added-records", "60"},
                                                                           {"added-files-size", "600"},
                                                                           {"changed-partition-count", "2"},
                                                                           {"total-data-files", "3"},
                                                                           {"total-records", "60"},
                                                                           {"total-files-size", "600"},
                                                                           {"total-delete-files", "0"},
                                                                           {"total-position-deletes", "0"},
                                                                           {"total-equality-deletes", "0"},
                                                                           {"engine-name", "weir"}}));
}

TEST(SnapshotSummary, CarriesTotalsOn) {
  const Snapshot parent{.summary = {{"total-data-files", "5"},
                                    {"total-records", "9000000000"},
                                    {"total-files-size", "x"},
                                    {"total-delete-files", "0"}}};
  SummaryCounter counter;
  counter.remove_file(file_in(1, 10, 100));
  counter.add_file(file_in(1, 3, 50, FileContent::equality_deletes));
  counter.add_file(file_in(1, 4, 60, FileContent::position_deletes));
  const StringMap summary = counter.finish(&parent);
  EXPECT_EQ(summary.at("total-data-files"), "4");
  EXPECT_EQ(summary.at("total-records"), "8999999990");
  EXPECT_EQ(summary.at("total-delete-files"), "2");
  EXPECT_EQ(summary.at("deleted-data-files"), "1");
  EXPECT_EQ(summary.at("added-equality-deletes"), "3");
  EXPECT_EQ(summary.at("added-position-delete-files"), "1");
  EXPECT_EQ(summary.at("removed-files-size"), "100");
  EXPECT_FALSE(summary.contains("total-files-size")) << "unknown before";
  EXPECT_FALSE(summary.contains("total-equality-deletes"));
  EXPECT_FALSE(summary.contains("added-data-files"));
}

}  // namespace
}  // namespace weir::iceberg
