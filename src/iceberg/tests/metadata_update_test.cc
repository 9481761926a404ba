#include "iceberg/metadata/metadata_update.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "iceberg/metadata/metadata_update_json.h"

namespace weir::iceberg {
namespace {

using Json = nlohmann::json;

constexpr int64_t kNow = 1'700'000'000'000;

NewTable sample_table() {
  NewTable table{.table_uuid = "u-1", .location = "s3://b/t", .now_ms = kNow};
  table.schema = std::make_shared<const Schema>(
      assign_ids(std::vector<Field>{{.name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
                                    {.name = "ts", .type = Type::primitive(TypeKind::timestamptz)}}),
      9);
  table.spec = {.spec_id = 4, .fields = {{2, 1000, "ts_day", *Transform::parse("day")}}};
  table.properties = {{"owner", "me"}, {"format-version", "2"}};
  return table;
}

TableMetadata new_table() {
  return *new_table_metadata(sample_table());
}

AddSnapshot snapshot_on(const TableMetadata& base, int64_t id, int64_t now_ms, std::string_view branch = kMainBranch) {
  const SnapshotSlot slot = next_snapshot_slot(base, branch, now_ms);
  return {{.id = id,
           .parent_id = slot.parent_id,
           .sequence_number = slot.sequence_number,
           .timestamp_ms = slot.timestamp_ms,
           .manifest_list = "s3://b/t/metadata/l.avro",
           .schema_id = slot.schema_id,
           .summary = {{"k", "v"}}}};
}

TableMetadata append(const TableMetadata& base, int64_t id, int64_t now_ms,
                     std::string_view location = "s3://b/t/metadata/0.json") {
  const MetadataUpdate updates[] = {snapshot_on(base, id, now_ms), ref_to(base, kMainBranch, id)};
  const Result<TableMetadata> next = apply_updates(base, location, updates, now_ms);
  EXPECT_TRUE(next.ok()) << next.error().to_string();
  return *next;
}

ErrorKind error_of(const TableMetadata& base, const MetadataUpdate& update) {
  const Result<TableMetadata> next = apply_updates(base, "", std::span(&update, 1), kNow);
  return next.ok() ? ErrorKind::internal : next.error().kind();
}

TEST(MetadataUpdate, MakesANewTable) {
  const Json json = Json::parse(table_metadata_to_json(new_table()));
  EXPECT_EQ(
      json,
      Json::parse(
          R"({"format-version":2,"table-uuid":"u-1","location":"s3://b/t","last-sequence-number":0,"last-updated-ms":1700000000000,
    "last-column-id":2,"current-schema-id":0,"schemas":[{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"id","required":true,"type":"long"},
    {"id":2,"name":"ts","required":false,"type":"timestamptz"}]}],"default-spec-id":0,"partition-specs":[{"spec-id":0,"fields":[{"source-id":2,
    "field-id":1000,"name":"ts_day","transform":"day"}]}],"last-partition-id":1000,"default-sort-order-id":0,"sort-orders":[{"order-id":0,"fields":[]}],
    "properties":{"owner":"me"},"current-snapshot-id":-1,"refs":{},"snapshots":[],"snapshot-log":[],"metadata-log":[]})"));
  NewTable plain = sample_table();
  plain.spec = {};
  EXPECT_EQ(new_table_metadata(plain)->last_partition_id, 999);
}

TEST(MetadataUpdate, RefusesANewTableThatIsNotWhole) {
  const auto refused = [](auto change) {
    NewTable table = sample_table();
    change(table);
    return !new_table_metadata(table).ok();
  };
  EXPECT_FALSE(refused([](NewTable&) {}));
  EXPECT_TRUE(refused([](NewTable& table) { table.location = "s3://b/t/"; }));
  EXPECT_TRUE(refused([](NewTable& table) { table.schema = std::make_shared<const Schema>(std::vector<Field>()); }));
  EXPECT_TRUE(refused([](NewTable& table) { table.spec.fields[0].source_id = 7; }));
  EXPECT_TRUE(refused([](NewTable& table) {
    table.spec = {};
    table.schema = std::make_shared<const Schema>(
        std::vector<Field>{{.id = 1, .name = "a", .type = Type::primitive(TypeKind::date)},
                           {.id = 1, .name = "b", .type = Type::primitive(TypeKind::date)}});
  })) << "ids repeat";
}

TEST(MetadataUpdate, AppendsSnapshotsInALine) {
  const TableMetadata first = append(new_table(), 11, kNow + 5);
  const TableMetadata second = append(first, 12, kNow + 10, "s3://b/t/metadata/1.json");
  EXPECT_EQ(second.last_sequence_number, 2);
  EXPECT_EQ(second.current_snapshot()->parent_id, 11);
  EXPECT_EQ(second.current_snapshot_id, second.find_ref("main")->snapshot_id);
  EXPECT_EQ(second.snapshot_log.size(), 2U);
  EXPECT_EQ(second.snapshot_log[1].timestamp_ms, kNow + 10);
  ASSERT_EQ(second.metadata_log.size(), 2U);
  EXPECT_EQ(second.metadata_log[1].metadata_file, "s3://b/t/metadata/1.json");
  EXPECT_EQ(second.metadata_log[1].timestamp_ms, first.last_updated_ms);
  EXPECT_EQ(first.snapshots.size(), 1U) << "the base stays as it was";
  EXPECT_EQ(first.snapshots[0], second.snapshots[0]) << "snapshots are shared, not copied";
  const Result<TableMetadata> read = table_metadata_from_json(table_metadata_to_json(second));
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ(table_metadata_to_json(*read), table_metadata_to_json(second));
}

TEST(MetadataUpdate, NeverStepsBackInTime) {
  const TableMetadata first = append(new_table(), 11, kNow + 1'000'000);
  const TableMetadata second = append(first, 12, kNow);
  EXPECT_EQ(second.current_snapshot()->timestamp_ms, kNow + 1'000'000);
  EXPECT_EQ(second.last_updated_ms, kNow + 1'000'000);
  EXPECT_EQ(second.snapshot_log[1].timestamp_ms, kNow + 1'000'000);
}

TEST(MetadataUpdate, RefusesSnapshotsOutOfOrder) {
  const TableMetadata base = append(new_table(), 11, kNow);
  AddSnapshot same_id = snapshot_on(base, 11, kNow);
  EXPECT_EQ(error_of(base, same_id), ErrorKind::invalid_argument);
  AddSnapshot old_number = snapshot_on(base, 12, kNow);
  old_number.snapshot.sequence_number = 1;
  EXPECT_EQ(error_of(base, old_number), ErrorKind::invalid_argument);
  AddSnapshot negative = snapshot_on(base, -5, kNow);
  EXPECT_EQ(error_of(base, negative), ErrorKind::invalid_argument);
  EXPECT_EQ(error_of(base, ref_to(base, "main", 99)), ErrorKind::invalid_argument);
}

TEST(MetadataUpdate, KeepsHowARefIsRetained) {
  TableMetadata base = append(new_table(), 11, kNow);
  base.refs["main"].min_snapshots_to_keep = 3;
  base.refs["audit"] = {.snapshot_id = 11, .kind = RefKind::branch, .max_ref_age_ms = 77};
  const MetadataUpdate updates[] = {snapshot_on(base, 12, kNow), ref_to(base, "audit", 12)};
  const TableMetadata next = *apply_updates(base, "", updates, kNow);
  EXPECT_EQ(next.find_ref("audit")->max_ref_age_ms, 77);
  EXPECT_EQ(next.current_snapshot_id, 11) << "another branch";
  EXPECT_EQ(next.snapshot_log.size(), 1U);
  EXPECT_EQ(append(next, 13, kNow).find_ref("main")->min_snapshots_to_keep, 3);
}

TEST(MetadataUpdate, CutsTheMetadataLog) {
  TableMetadata table = new_table();
  table.properties["write.metadata.previous-versions-max"] = "3";
  for (int64_t id = 1; id <= 6; ++id) table = append(table, id, kNow + id, "file-" + std::to_string(id));
  ASSERT_EQ(table.metadata_log.size(), 3U);
  EXPECT_EQ(table.metadata_log[0].metadata_file, "file-4");
  table.properties["write.metadata.previous-versions-max"] = "0";
  EXPECT_EQ(append(table, 7, kNow + 7).metadata_log.size(), 1U) << "one is the least";
  table.properties["write.metadata.previous-versions-max"] = "many";
  EXPECT_EQ(append(table, 7, kNow + 7).metadata_log.size(), 4U);
}

TEST(MetadataUpdate, RemovesSnapshotsAndTheirLog) {
  TableMetadata table = new_table();
  for (int64_t id = 1; id <= 5; ++id) table = append(table, id, kNow + id);
  const MetadataUpdate remove = RemoveSnapshots{{1, 3}};
  const TableMetadata next = *apply_updates(table, "", std::span(&remove, 1), kNow);
  EXPECT_EQ(next.snapshots.size(), 3U);
  ASSERT_EQ(next.snapshot_log.size(), 2U);
  EXPECT_EQ(next.snapshot_log[0].snapshot_id, 4);
  EXPECT_EQ(error_of(table, RemoveSnapshots{{5}}), ErrorKind::invalid_argument) << "head of main";
}

TEST(MetadataUpdate, ChangesPropertiesAndSchemas) {
  const TableMetadata base = new_table();
  const std::vector<Field> wider = {{.id = 1, .name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
                                    {.id = 2, .name = "ts", .type = Type::primitive(TypeKind::timestamptz)},
                                    {.id = 3, .name = "x", .type = Type::primitive(TypeKind::string)}};
  const MetadataUpdate updates[] = {SetProperties{{{"a", "1"}, {"owner", "you"}}},
                                    RemoveProperties{{"owner", "missing"}},
                                    AddSchema{std::make_shared<const Schema>(wider, 1)}, SetCurrentSchema{-1}};
  const TableMetadata next = *apply_updates(base, "", updates, kNow);
  EXPECT_EQ(next.properties, (StringMap{{"a", "1"}}));
  EXPECT_EQ(next.current_schema_id, 1);
  EXPECT_EQ(next.last_column_id, 3);
  EXPECT_EQ(error_of(base, SetProperties{{{"format-version", "1"}}}), ErrorKind::invalid_argument);
  EXPECT_EQ(error_of(base, SetCurrentSchema{5}), ErrorKind::invalid_argument);
  EXPECT_EQ(error_of(base, AddSchema{base.current_schema().schema}), ErrorKind::invalid_argument);
}

TEST(MetadataUpdate, DoesNotWriteToOtherFormatVersions) {
  TableMetadata base = new_table();
  base.format_version = 3;
  EXPECT_EQ(error_of(base, SetProperties{{{"a", "1"}}}), ErrorKind::unsupported);
}

TEST(Requirement, IsCheckedAgainstTheTable) {
  const TableMetadata table = append(new_table(), 11, kNow);
  const auto kind = [&](const Requirement& requirement, const TableMetadata* against) {
    const Result<void> outcome = check_requirement(requirement, against);
    return outcome.ok() ? std::optional<ErrorKind>() : outcome.error().kind();
  };
  EXPECT_EQ(kind(AssertCreate{}, nullptr), std::nullopt);
  EXPECT_EQ(kind(AssertCreate{}, &table), ErrorKind::already_exists);
  EXPECT_EQ(kind(AssertTableUuid{"u-1"}, &table), std::nullopt);
  EXPECT_EQ(kind(AssertTableUuid{"u-2"}, &table), ErrorKind::table_changed);
  EXPECT_EQ(kind(AssertTableUuid{"u-1"}, nullptr), ErrorKind::not_found);
  EXPECT_EQ(kind(AssertRefSnapshotId{"main", 11}, &table), std::nullopt);
  EXPECT_EQ(kind(AssertRefSnapshotId{"main", 12}, &table), ErrorKind::conflict);
  EXPECT_EQ(kind(AssertRefSnapshotId{"main", std::nullopt}, &table), ErrorKind::conflict);
  EXPECT_EQ(kind(AssertRefSnapshotId{"other", std::nullopt}, &table), std::nullopt);
  EXPECT_EQ(kind(AssertRefSnapshotId{"other", 11}, &table), ErrorKind::conflict);
  EXPECT_EQ(kind(AssertCurrentSchemaId{0}, &table), std::nullopt);
  EXPECT_EQ(kind(AssertCurrentSchemaId{1}, &table), ErrorKind::conflict);
  EXPECT_EQ(kind(AssertLastAssignedFieldId{1}, &table), ErrorKind::conflict);
  EXPECT_EQ(kind(AssertDefaultSpecId{1}, &table), ErrorKind::conflict);
  const Requirement both[] = {AssertTableUuid{"u-1"}, AssertRefSnapshotId{"main", 1}};
  EXPECT_EQ(check_requirements(both, &table).error().kind(), ErrorKind::conflict);
}

TEST(MetadataUpdateJson, WritesTheBodyOfACommit) {
  const Requirement requirements[] = {AssertTableUuid{"U"}, AssertRefSnapshotId{"main", std::nullopt}};
  const MetadataUpdate updates[] = {AddSnapshot{{.id = 5,
                                                 .sequence_number = 1,
                                                 .timestamp_ms = 2,
                                                 .manifest_list = "l",
                                                 .schema_id = 0,
                                                 .summary = {{"k", "v"}}}},
                                    SetSnapshotRef{"main", {.snapshot_id = 5}}};
  EXPECT_EQ(
      commit_request_to_json(requirements, updates),
      R"({"requirements":[{"type":"assert-table-uuid","uuid":"U"},{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":null}],)"
      R"("updates":[{"action":"add-snapshot","snapshot":{"snapshot-id":5,"sequence-number":1,"timestamp-ms":2,"manifest-list":"l",)"
      R"("summary":{"operation":"append","k":"v"},"schema-id":0}},{"action":"set-snapshot-ref","ref-name":"main","type":"branch","snapshot-id":5}]})");
}

TEST(MetadataUpdateJson, ReadsWhatItWrites) {
  const Requirement requirements[] = {AssertCreate{},
                                      AssertTableUuid{"u"},
                                      AssertRefSnapshotId{"main", 7},
                                      AssertRefSnapshotId{"main", {}},
                                      AssertCurrentSchemaId{1},
                                      AssertLastAssignedFieldId{2},
                                      AssertDefaultSpecId{3}};
  for (const Requirement& requirement : requirements) {
    const std::string json = requirement_to_json(requirement);
    const Result<Requirement> read = requirement_from_json(json);
    ASSERT_TRUE(read.ok()) << json;
    EXPECT_EQ(requirement_to_json(*read), json);
  }
  const MetadataUpdate updates[] = {snapshot_on(new_table(), 5, kNow),
                                    SetSnapshotRef{"t", {5, RefKind::tag, {}, {}, 9}},
                                    RemoveSnapshotRef{"t"},
                                    RemoveSnapshots{{1, 2}},
                                    SetProperties{{{"a", "b"}}},
                                    RemoveProperties{{"a"}},
                                    AddSchema{sample_table().schema},
                                    SetCurrentSchema{-1}};
  for (const MetadataUpdate& update : updates) {
    const std::string json = update_to_json(update);
    const Result<MetadataUpdate> read = update_from_json(json);
    ASSERT_TRUE(read.ok()) << json << read.error().to_string();
    EXPECT_EQ(update_to_json(*read), json);
  }
  EXPECT_EQ(update_from_json(R"({"action":"set-statistics"})").error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(update_from_json(R"({"action":"add-snapshot"})").error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(requirement_from_json(R"({"type":"assert-future"})").error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(requirement_from_json("[]").error().kind(), ErrorKind::corrupt);
}

TEST(MetadataFileNames, AreWhatOtherEnginesExpect) {
  EXPECT_EQ(metadata_file_name(3, "u"), "00003-u.metadata.json");
  EXPECT_EQ(metadata_file_name(123456, "u"), "123456-u.metadata.json");
  EXPECT_EQ(manifest_list_file_name(5, 1, "u"), "snap-5-1-u.avro");
  EXPECT_EQ(manifest_file_name("u", 2), "u-m2.avro");
  EXPECT_EQ(metadata_file_version("s3://b/t/metadata/00003-u.metadata.json"), 3);
  EXPECT_EQ(metadata_file_version("v12.metadata.json"), 12);
  for (const char* name : {"", "x.json", "u.metadata.json", "00003.json", "-1-u.metadata.json", "v.metadata.json"}) {
    EXPECT_EQ(metadata_file_version(name), std::nullopt) << name;
  }
}

TEST(SnapshotId, IsPositiveAndNew) {
  const TableMetadata table = append(new_table(), 11, kNow);
  SeededRandom random(1);
  for (int i = 0; i < 1000; ++i) EXPECT_GT(new_snapshot_id(table, random), 0);
}

}  // namespace
}  // namespace weir::iceberg
