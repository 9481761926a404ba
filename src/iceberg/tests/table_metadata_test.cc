#include "iceberg/metadata/table_metadata.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "iceberg/metadata/metadata_update.h"

namespace weir::iceberg {
namespace {

using Json = nlohmann::json;

/// As Java writes a table of version 2, with things that we do not know.
const char* const kJavaStyle = R"({
  "format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": "s3://bucket/test/location",
  "last-sequence-number": 34, "last-updated-ms": 1602638573590, "last-column-id": 3, "current-schema-id": 1,
  "schemas": [
    {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "x", "required": true, "type": "timestamp_ns"}]},
    {"type": "struct", "schema-id": 1, "identifier-field-ids": [1, 2], "fields": [
      {"id": 1, "name": "x", "required": true, "type": "long", "initial-default": 5},
      {"id": 2, "name": "y", "required": true, "type": "long", "doc": "comment"},
      {"id": 3, "name": "z", "required": true, "type": "long"}]}],
  "default-spec-id": 0,
  "partition-specs": [{"spec-id": 0, "fields": [{"name": "x", "transform": "identity", "source-id": 1, "field-id": 1000}]}],
  "last-partition-id": 1000, "default-sort-order-id": 3,
  "sort-orders": [{"order-id": 3, "fields": [{"transform": "identity", "source-id": 2, "direction": "asc", "null-order": "nulls-first"}]}],
  "properties": {"read.split.target.size": "134217728"},
  "current-snapshot-id": 3055729675574597004,
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "sequence-number": 0, "summary": {"operation": "append"}, "manifest-list": "s3://a/b/1.avro"},
    {"snapshot-id": 3055729675574597004, "parent-snapshot-id": 3051729675574597004, "timestamp-ms": 1555100955770, "sequence-number": 1,
     "summary": {"operation": "append", "weird": 7}, "manifest-list": "s3://a/b/2.avro", "schema-id": 1, "future": {"a": [1]}}],
  "refs": {"main": {"snapshot-id": 3055729675574597004, "type": "branch", "min-snapshots-to-keep": 5},
           "t": {"snapshot-id": 3051729675574597004, "type": "tag", "max-ref-age-ms": 10000000}},
  "snapshot-log": [{"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770}, {"snapshot-id": 3055729675574597004, "timestamp-ms": 1555100955770}],
  "metadata-log": [{"metadata-file": "s3://bucket/.../v1.json", "timestamp-ms": 1515100}],
  "statistics": [{"snapshot-id": 3055729675574597004, "statistics-path": "s3://a/b/stats.puffin", "file-size-in-bytes": 413, "file-footer-size-in-bytes": 42, "blob-metadata": []}],
  "partition-statistics": [], "row-lineage-of-tomorrow": {"x": 1}
})";

const char* const kVersion1 = R"({
  "format-version": 1, "location": "s3://bucket/v1", "last-updated-ms": 1602638573874, "last-column-id": 2,
  "schema": {"type": "struct", "fields": [{"id": 1, "name": "a", "required": false, "type": "int"}, {"id": 2, "name": "d", "required": false, "type": "date"}]},
  "partition-spec": [{"name": "d_day", "transform": "day", "source-id": 2}, {"name": "a_bucket", "transform": "bucket[4]", "source-id": 1}],
  "properties": {}, "current-snapshot-id": -1, "snapshots": []
})";

/// `text` with the member at `pointer` replaced, or removed for a discarded value.
std::string changed(const char* text, const std::string& key, const Json& value) {
  Json json = Json::parse(text);
  if (value.is_discarded())
    json.erase(key);
  else
    json[key] = value;
  return json.dump();
}
const Json kRemoved = Json(Json::value_t::discarded);

Error error_of(const std::string& text) {
  const Result<TableMetadata> metadata = table_metadata_from_json(text);
  return metadata.ok() ? Error(ErrorKind::internal, "was read") : metadata.error();
}

TEST(TableMetadata, ReadsWhatJavaWrites) {
  const Result<TableMetadata> read = table_metadata_from_json(kJavaStyle);
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  const TableMetadata& metadata = *read;
  EXPECT_EQ(metadata.table_uuid, "9c12d441-03fe-4693-9a96-a0705ddf69c1");
  EXPECT_EQ(metadata.current_schema().schema->size(), 3U);
  EXPECT_EQ(metadata.find_schema(0)->schema, nullptr) << "of types we do not support, but not the current one";
  EXPECT_EQ(metadata.default_spec().fields[0].transform, Transform());
  EXPECT_EQ(metadata.current_snapshot()->id, 3055729675574597004);
  EXPECT_EQ(metadata.current_snapshot()->parent_id, 3051729675574597004);
  EXPECT_EQ(metadata.current_snapshot()->summary.at("weird"), "7");
  EXPECT_EQ(metadata.find_ref("t")->kind, RefKind::tag);
  EXPECT_EQ(metadata.find_ref("t")->max_ref_age_ms, 10000000);
  EXPECT_EQ(metadata.find_ref("main")->min_snapshots_to_keep, 5);
  EXPECT_EQ(metadata.property("read.split.target.size"), "134217728");
  EXPECT_EQ(metadata.property("missing", "x"), "x");
  EXPECT_FALSE(metadata.sort_orders[0]->is_unsorted);
  EXPECT_TRUE(check_writable(metadata).ok());
}

TEST(TableMetadata, WritesBackEverythingItRead) {
  EXPECT_EQ(Json::parse(table_metadata_to_json(*table_metadata_from_json(kJavaStyle))), Json::parse(kJavaStyle));
}

TEST(TableMetadata, ReadsVersion1) {
  const Result<TableMetadata> read = table_metadata_from_json(kVersion1);
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ(read->current_snapshot_id, std::nullopt);
  EXPECT_EQ(read->last_sequence_number, 0);
  EXPECT_EQ(read->current_schema().schema->size(), 2U);
  EXPECT_EQ(read->default_spec().fields[1].field_id, 1001);
  EXPECT_EQ(read->last_partition_id, 1001);
  EXPECT_TRUE(read->sort_orders[0]->is_unsorted);
  EXPECT_EQ(check_writable(*read).error().kind(), ErrorKind::unsupported);
  EXPECT_TRUE(table_metadata_from_json(table_metadata_to_json(*read)).ok());
}

TEST(TableMetadata, ReadsVersion3ButDoesNotWriteToIt) {
  Json json = Json::parse(kJavaStyle);
  json["format-version"] = 3;
  json["next-row-id"] = 17;
  const Result<TableMetadata> read = table_metadata_from_json(json.dump());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(check_writable(*read).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(Json::parse(table_metadata_to_json(*read))["next-row-id"], 17);
  EXPECT_EQ(error_of(changed(kJavaStyle, "current-schema-id", 0)).kind(), ErrorKind::unsupported) << "timestamp_ns";
}

TEST(TableMetadata, RefusesAnUnknownTransformForWriting) {
  std::string text = kJavaStyle;
  text.replace(text.find("\"identity\""), 10, "\"future\"");
  const Result<TableMetadata> read = table_metadata_from_json(text);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(check_writable(*read).error().kind(), ErrorKind::unsupported);
}

TEST(TableMetadata, RefusesVersionsOfTheFuture) {
  EXPECT_EQ(error_of(changed(kJavaStyle, "format-version", 4)).kind(), ErrorKind::unsupported);
  EXPECT_EQ(error_of(changed(kJavaStyle, "format-version", 0)).kind(), ErrorKind::unsupported);
}

TEST(TableMetadata, FillsInAMissingMainOrCurrentSnapshot) {
  const Json current = 3055729675574597004;
  EXPECT_EQ(table_metadata_from_json(changed(kJavaStyle, "refs", kRemoved))->find_ref("main")->snapshot_id, current);
  EXPECT_EQ(table_metadata_from_json(changed(kJavaStyle, "current-snapshot-id", kRemoved))->current_snapshot_id,
            current);
  EXPECT_EQ(table_metadata_from_json(changed(kJavaStyle, "current-snapshot-id", nullptr))->current_snapshot_id,
            current);
  EXPECT_EQ(error_of(changed(kJavaStyle, "current-snapshot-id", 3051729675574597004)).kind(), ErrorKind::corrupt)
      << "not the head of main";
}

TEST(TableMetadata, NamesTheKeyThatIsWrong) {
  for (const char* key : {"format-version", "table-uuid", "location", "last-sequence-number", "last-updated-ms",
                          "last-column-id", "current-schema-id", "partition-specs", "schemas"}) {
    const Error error = error_of(changed(kJavaStyle, key, kRemoved));
    EXPECT_EQ(error.kind(), ErrorKind::corrupt) << key;
    EXPECT_NE(error.message().find(key == std::string("partition-specs") ? "default-spec-id"
                                   : key == std::string("schemas")       ? "current-schema-id"
                                                                         : key),
              std::string::npos)
        << error.message();
  }
  const std::pair<const char*, Json> wrong[] = {{"format-version", "2"},
                                                {"last-updated-ms", 1.5},
                                                {"last-sequence-number", 18446744073709551615ULL},
                                                {"last-column-id", 3000000000},
                                                {"schemas", 7},
                                                {"schemas", Json::array({7})},
                                                {"partition-specs", Json::object()},
                                                {"default-spec-id", 9},
                                                {"default-sort-order-id", 9},
                                                {"snapshots", Json::array({Json::object()})},
                                                {"refs", 7},
                                                {"refs", {{"main", 7}}},
                                                {"refs", {{"x", {{"snapshot-id", 1}, {"type", "branch"}}}}},
                                                {"snapshot-log", Json::array({7})},
                                                {"metadata-log", "x"},
                                                {"properties", 7},
                                                {"current-snapshot-id", 1},
                                                {"location", 1}};
  for (const auto& [key, value] : wrong)
    EXPECT_EQ(error_of(changed(kJavaStyle, key, value)).kind(), ErrorKind::corrupt) << key << " " << value;
  for (const char* text : {"", "{", "7", "[]", "{}", "null"})
    EXPECT_EQ(error_of(text).kind(), ErrorKind::corrupt) << text;
  EXPECT_EQ(error_of(std::string(1000, '[')).kind(), ErrorKind::limit_exceeded);
}

TEST(TableMetadata, RefusesIdsThatRepeat) {
  for (const char* key : {"snapshots", "schemas", "partition-specs"}) {
    Json list = Json::parse(kJavaStyle)[key];
    list.push_back(list[0]);
    EXPECT_EQ(error_of(changed(kJavaStyle, key, list)).kind(), ErrorKind::corrupt) << key;
  }
}

TEST(TableMetadata, WalksAncestorsInAnyOrderAndThroughCircles) {
  const auto metadata_of = [](const std::vector<std::pair<int64_t, std::optional<int64_t>>>& chain) {
    TableMetadata metadata;
    for (const auto& [id, parent] : chain) {
      metadata.snapshots.push_back(
          std::make_shared<const StoredSnapshot>(StoredSnapshot{{.id = id, .parent_id = parent}, ""}));
    }
    return metadata;
  };
  const auto walk = [](const TableMetadata& metadata, int64_t from) {
    std::vector<int64_t> ids;
    metadata.visit_ancestors(from, [&](const Snapshot& snapshot) {
      ids.push_back(snapshot.id);
      return snapshot.id != 100;
    });
    return ids;
  };
  EXPECT_EQ(walk(metadata_of({{1, {}}, {2, 1}, {3, 1}, {4, 3}}), 4), (std::vector<int64_t>{4, 3, 1}));
  EXPECT_EQ(walk(metadata_of({{4, 3}, {3, 1}, {1, {}}, {2, 1}}), 4), (std::vector<int64_t>{4, 3, 1}));
  EXPECT_EQ(walk(metadata_of({{3, 2}, {4, 3}}), 4), (std::vector<int64_t>{4, 3})) << "the rest has expired";
  EXPECT_EQ(walk(metadata_of({{1, 2}, {2, 1}}), 1).size(), 2U);
  EXPECT_EQ(walk(metadata_of({{1, 1}}), 1).size(), 1U);
  EXPECT_EQ(walk(metadata_of({{1, {}}, {100, 1}, {3, 100}}), 3), (std::vector<int64_t>{3, 100})) << "stops when told";
  EXPECT_TRUE(walk(metadata_of({{1, {}}}), 9).empty());
  EXPECT_TRUE(walk(metadata_of({}), 9).empty());
}

TEST(TableMetadata, EscapesWhatUsersWrite) {
  TableMetadata metadata = *table_metadata_from_json(kJavaStyle);
  metadata.properties["a\"b\n"] = "c\\d\x01é";
  metadata.location = "s3://b/\"x\"";
  const Json json = Json::parse(table_metadata_to_json(metadata));
  EXPECT_EQ(json["properties"]["a\"b\n"], "c\\d\x01é");
  EXPECT_EQ(json["location"], "s3://b/\"x\"");
}

}  // namespace
}  // namespace weir::iceberg
