#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "avro/decoder.h"
#include "iceberg/manifest/manifest_avro.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

constexpr int64_t kSnapshot = 8'000'000'000'000'000'001;

SchemaPtr table_schema() {
  return std::make_shared<const Schema>(assign_ids(std::vector<Field>{
      {.name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
      {.name = "name", .type = Type::primitive(TypeKind::string)},
      {.name = "ts", .type = Type::primitive(TypeKind::timestamptz)},
      {.name = "price", .type = Type::decimal(20, 2)},
      {.name = "score", .type = Type::primitive(TypeKind::float64)},
      {.name = "key", .type = Type::primitive(TypeKind::uuid)},
      {.name = "flag", .type = Type::primitive(TypeKind::boolean)},
      {.name = "hash", .type = Type::fixed(3)},
      {.name = "blob", .type = Type::primitive(TypeKind::binary)},
      {.name = "time", .type = Type::primitive(TypeKind::time)},
      {.name = "small", .type = Type::primitive(TypeKind::int32)},
      {.name = "ratio", .type = Type::primitive(TypeKind::float32)},
      {.name = "local", .type = Type::primitive(TypeKind::timestamp)},
      {.name = "day", .type = Type::primitive(TypeKind::date)},
  }));
}

/// Every type by identity, with a name that Avro does not allow, and another uuid by truncation of ids.
PartitionSpec all_types_spec() {
  PartitionSpec spec{.spec_id = 5};
  const SchemaPtr schema = table_schema();
  for (const Field& field : schema->fields()) {
    spec.fields.push_back({field.id, 999 + field.id, field.name == "name" ? "a b-é" : field.name + "_p", Transform()});
  }
  spec.fields.push_back({6, 1100, "key_again", Transform()});
  return spec;
}

std::vector<Value> tuple() {
  return {Value(int64_t{-7}),
          Value::bytes("näme"),
          Value(int64_t{1'510'871'468'000'000}),
          Value(Int128{-129}),
          Value(2.5),
          Value::bytes("0123456789abcdef"),
          Value(true),
          Value::bytes("abc"),
          Value::bytes(std::string_view("\0\xff", 2)),
          Value(int64_t{5}),
          Value(int32_t{-3}),
          Value(0.5F),
          Value(int64_t{9}),
          Value(int32_t{17486}),
          Value::bytes("fedcba9876543210")};
}

DataFile full_file(std::string path) {
  DataFile file{.path = std::move(path), .spec_id = 5, .partition = tuple(), .record_count = 100, .size_bytes = 12'345};
  file.column_sizes.emplace().set(1, 800);
  file.value_counts.emplace().set(1, 100);
  file.null_value_counts.emplace().set(2, 0);
  file.nan_value_counts.emplace();
  file.lower_bounds.emplace().set(2, "");
  file.upper_bounds.emplace().set(2, "zz");
  file.key_metadata = "";
  file.split_offsets = {4, 9000};
  file.sort_order_id = 0;
  return file;
}

ManifestFormat format_of(const PartitionSpec& spec) {
  const Result<ManifestFormat> format = ManifestFormat::make(*table_schema(), schema_to_json(*table_schema()), spec);
  EXPECT_TRUE(format.ok()) << format.error().to_string();
  return *format;
}

ManifestFile in_list(const WrittenManifest& written, int64_t sequence) {
  ManifestFile file = written.file;
  file.path = "s3://b/m.avro";
  file.sequence_number = sequence;
  return file;
}

TEST(Manifest, ReadsBackWhatItWrites) {
  const ManifestFormat format = format_of(all_types_spec());
  const ManifestEntry entries[] = {
      {.file = full_file("s3://b/1.parquet")},
      {.file = {.path = "s3://b/2.parquet", .spec_id = 5, .partition = std::vector<Value>(15)}}};
  for (const avro::Codec codec : {avro::Codec::null, avro::Codec::deflate}) {
    const Result<WrittenManifest> written = write_manifest(format, ManifestContent::data, kSnapshot, entries, codec);
    ASSERT_TRUE(written.ok()) << written.error().to_string();
    for (const std::vector<Field>* wanted :
         {static_cast<const std::vector<Field>*>(nullptr), &format.partition_fields()}) {
      const Result<std::vector<ManifestEntry>> read =
          read_manifest(written->bytes, in_list(*written, 12), {.partition_fields = wanted});
      ASSERT_TRUE(read.ok()) << read.error().to_string();
      ASSERT_EQ(read->size(), 2U);
      for (size_t i = 0; i < 2; ++i) {
        ManifestEntry expected = entries[i];
        expected.snapshot_id = kSnapshot;
        expected.sequence_number = 12;
        expected.file_sequence_number = 12;
        EXPECT_EQ((*read)[i], expected) << i;
      }
    }
  }
}

TEST(Manifest, MetricsAreLeftOutWhenNobodyWantsThem) {
  const ManifestFormat format = format_of(all_types_spec());
  const ManifestEntry entries[] = {{.file = full_file("s3://b/1.parquet")}, {.file = full_file("s3://b/2.parquet")}};
  const WrittenManifest written = *write_manifest(format, ManifestContent::data, kSnapshot, entries);
  const std::vector<ManifestEntry> read = *read_manifest(written.bytes, in_list(written, 12), {.with_metrics = false});
  ASSERT_EQ(read.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    DataFile expected = entries[i].file;
    for (auto* counts :
         {&expected.column_sizes, &expected.value_counts, &expected.null_value_counts, &expected.nan_value_counts})
      counts->reset();
    expected.lower_bounds.reset();
    expected.upper_bounds.reset();
    EXPECT_EQ(read[i].file, expected);
  }
}

TEST(Manifest, SummarisesForTheList) {
  PartitionSpec spec{
      .spec_id = 0,
      .fields = {{1, 1000, "id", Transform()}, {5, 1001, "score", Transform()}, {2, 1002, "name", Transform()}}};
  const ManifestFormat format = format_of(spec);
  const auto file = [](std::string path, Value id, Value score, int64_t rows) {
    return DataFile{.path = std::move(path),
                    .partition = {std::move(id), std::move(score), Value()},
                    .record_count = rows,
                    .size_bytes = 1};
  };
  const ManifestEntry entries[] = {
      {.file = file("a", Value(int64_t{5}), Value(std::nan("")), 10)},
      {.sequence_number = 4, .file = file("b", Value(int64_t{-5}), Value(-1.5), 20)},
      {.status = EntryStatus::existing,
       .snapshot_id = 3,
       .sequence_number = 6,
       .file_sequence_number = 6,
       .file = file("c", Value(), Value(2.5), 40)},
      {.status = EntryStatus::deleted,
       .snapshot_id = kSnapshot,
       .sequence_number = 1,
       .file_sequence_number = 1,
       .file = file("d", Value(int64_t{9}), Value(0.0), 80)},
  };
  const Result<WrittenManifest> written = write_manifest(format, ManifestContent::data, kSnapshot, entries);
  ASSERT_TRUE(written.ok()) << written.error().to_string();
  const ManifestFile& summary = written->file;
  EXPECT_EQ(summary.length_bytes, static_cast<int64_t>(written->bytes.size()));
  EXPECT_EQ(summary.added_files, 2);
  EXPECT_EQ(summary.existing_files, 1);
  EXPECT_EQ(summary.deleted_files, 1);
  EXPECT_EQ(summary.added_rows, 30);
  EXPECT_EQ(summary.existing_rows, 40);
  EXPECT_EQ(summary.deleted_rows, 80);
  EXPECT_EQ(summary.sequence_number, std::nullopt);
  EXPECT_EQ(summary.min_sequence_number, 4) << "of live files; deleted ones do not count";
  const std::vector<PartitionSummary>& partitions = *summary.partitions;
  EXPECT_EQ(partitions[0],
            (PartitionSummary{true, false, value_to_bytes(*Type::primitive(TypeKind::int64), Value(int64_t{-5})),
                              value_to_bytes(*Type::primitive(TypeKind::int64), Value(int64_t{9}))}));
  EXPECT_EQ(partitions[1].contains_nan, true);
  EXPECT_EQ(partitions[1].lower_bound, value_to_bytes(*Type::primitive(TypeKind::float64), Value(-1.5)));
  EXPECT_EQ(partitions[2], (PartitionSummary{true, false, {}, {}}));
}

TEST(Manifest, InheritsByStatus) {
  const ManifestFormat format = format_of({});
  const ManifestEntry entries[] = {
      {.file = {.path = "new"}},
      {.sequence_number = 2, .file = {.path = "rewritten"}},
      {.status = EntryStatus::existing,
       .snapshot_id = 3,
       .sequence_number = 0,
       .file_sequence_number = 0,
       .file = {.path = "old"}},
      {.status = EntryStatus::deleted,
       .snapshot_id = 4,
       .sequence_number = 5,
       .file_sequence_number = 6,
       .file = {.path = "gone"}},
  };
  const WrittenManifest written = *write_manifest(format, ManifestContent::data, kSnapshot, entries);
  EXPECT_EQ(written.file.min_sequence_number, 0) << "0 is a number like any other";
  EXPECT_TRUE(written.file.partitions->empty());
  const std::vector<ManifestEntry> read = *read_manifest(written.bytes, in_list(written, 9));
  EXPECT_EQ(read[0].sequence_number, 9);
  EXPECT_EQ(read[0].file_sequence_number, 9);
  EXPECT_EQ(read[0].snapshot_id, kSnapshot);
  EXPECT_EQ(read[1].sequence_number, 2);
  EXPECT_EQ(read[1].file_sequence_number, 9);
  EXPECT_EQ(read[2].sequence_number, 0);
  EXPECT_EQ(read[2].snapshot_id, 3);
  EXPECT_EQ(read[3].snapshot_id, 4);
  EXPECT_EQ(read[3].file_sequence_number, 6);
}

TEST(Manifest, RefusesEntriesThatDoNotFit) {
  const ManifestFormat format = format_of({.spec_id = 0, .fields = {{1, 1000, "id", Transform()}}});
  const DataFile good{.path = "a", .partition = {Value(int64_t{1})}};
  const auto refused = [&](ManifestEntry entry, ManifestContent content = ManifestContent::data) {
    const auto written = write_manifest(format, content, kSnapshot, std::span(&entry, 1));
    return !written.ok() && written.error().kind() == ErrorKind::invalid_argument;
  };
  const auto changed = [&](auto change) {
    DataFile file = good;
    change(file);
    return ManifestEntry{.file = file};
  };
  EXPECT_FALSE(refused({.file = good}));
  EXPECT_TRUE(refused({.file = good}, ManifestContent::deletes));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.path.clear(); })));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.spec_id = 1; })));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.partition.clear(); })));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.partition[0] = Value(int32_t{1}); })));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.content = FileContent::equality_deletes; })));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.record_count = -1; })));
  EXPECT_TRUE(refused(changed([](DataFile& file) { file.content_offset = 4; })));
  EXPECT_TRUE(refused({.status = EntryStatus::existing, .snapshot_id = 1, .sequence_number = 1, .file = good}));
  EXPECT_TRUE(refused({.status = EntryStatus::deleted, .sequence_number = 1, .file_sequence_number = 1, .file = good}));
  const ManifestEntry twice[] = {{.file = good}, {.file = good}};
  EXPECT_EQ(write_manifest(format, ManifestContent::data, kSnapshot, twice).error().kind(),
            ErrorKind::invalid_argument);
}

TEST(Manifest, MapsTuplesByIdAndWidensThem) {
  const ManifestFormat narrow = format_of(
      {.spec_id = 0,
       .fields = {
           {11, 1000, "small_p", Transform()}, {12, 1001, "ratio_p", Transform()}, {14, 1002, "day_p", Transform()}}});
  const ManifestEntry entry{.file = {.path = "a", .partition = {Value(int32_t{-3}), Value(0.5F), Value(int32_t{1})}}};
  const WrittenManifest written = *write_manifest(narrow, ManifestContent::data, kSnapshot, std::span(&entry, 1));
  const std::vector<Field> wanted = {{.id = 1001, .name = "ratio", .type = Type::primitive(TypeKind::float64)},
                                     {.id = 1009, .name = "new", .type = Type::primitive(TypeKind::string)},
                                     {.id = 1000, .name = "small", .type = Type::primitive(TypeKind::int64)},
                                     {.id = 1002, .name = "day", .type = Type::primitive(TypeKind::timestamp)}};
  const Result<std::vector<ManifestEntry>> read =
      read_manifest(written.bytes, in_list(written, 1), {.partition_fields = &wanted});
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ((*read)[0].file.partition,
            (std::vector<Value>{Value(0.5), Value(), Value(int64_t{-3}), Value(int64_t{86'400'000'000})}));
  const std::vector<Field> wrong = {{.id = 1000, .name = "small", .type = Type::primitive(TypeKind::string)}};
  EXPECT_EQ(read_manifest(written.bytes, in_list(written, 1), {.partition_fields = &wrong}).error().kind(),
            ErrorKind::corrupt);
}

TEST(Manifest, RefusesMoreEntriesThanAllowed) {
  const ManifestEntry entries[] = {{.file = {.path = "a"}}, {.file = {.path = "b"}}};
  const WrittenManifest written = *write_manifest(format_of({}), ManifestContent::data, kSnapshot, entries);
  EXPECT_EQ(read_manifest(written.bytes, in_list(written, 1), {.entries_max = 1}).error().kind(),
            ErrorKind::limit_exceeded);
}

using Json = nlohmann::json;

Json field_of(const Json& record, const std::string& name) {
  for (const Json& field : record["fields"]) {
    if (field["name"] == name) return field;
  }
  return {};
}

TEST(Manifest, HasTheHeaderAndNamesThatOtherReadersNeed) {
  const ManifestFormat format = format_of(all_types_spec());
  const WrittenManifest written = *write_manifest(format, ManifestContent::data, kSnapshot, {});
  const avro::ContainerReader container = *avro::ContainerReader::open(written.bytes);
  EXPECT_EQ(*container.metadata("format-version"), "2");
  EXPECT_EQ(*container.metadata("content"), "data");
  EXPECT_EQ(*container.metadata("partition-spec-id"), "5");
  EXPECT_EQ(*container.metadata("schema-id"), "0");
  EXPECT_EQ(*container.metadata("schema"), schema_to_json(*table_schema()));
  EXPECT_TRUE(Json::parse(*container.metadata("partition-spec")).is_array());
  const Json avro = Json::parse(*container.metadata("avro.schema"));
  EXPECT_EQ(avro["name"], "manifest_entry");
  const Json file = field_of(avro, "data_file")["type"];
  EXPECT_EQ(file["name"], "r2");
  const Json partition = field_of(file, "partition")["type"];
  EXPECT_EQ(partition["name"], "r102");
  EXPECT_EQ(partition["fields"][1]["name"], "a_x20b_x2D_xE9");
  EXPECT_EQ(partition["fields"][1]["iceberg-field-name"], "a b-é");
  EXPECT_EQ(partition["fields"][3]["type"][1],
            Json::parse(
                R"({"type":"fixed","name":"decimal_20_2","size":9,"logicalType":"decimal","precision":20,"scale":2})"));
  EXPECT_EQ(partition["fields"][2]["type"][1],
            Json::parse(R"({"type":"long","logicalType":"timestamp-micros","adjust-to-utc":true})"));
  EXPECT_EQ(partition["fields"][14]["type"][1], "uuid_fixed") << "defined at its first use";
  EXPECT_EQ(field_of(file, "lower_bounds")["type"][1]["items"]["name"], "k126_v127");
  EXPECT_EQ(field_of(file, "split_offsets")["type"][1]["element-id"], 133);
  const Json schema = Json::parse(*container.metadata("iceberg.schema"));
  EXPECT_EQ(schema["fields"].size(), avro["fields"].size());
}

ManifestFile list_line(std::string path) {
  return {.path = std::move(path),
          .length_bytes = 10,
          .added_snapshot_id = kSnapshot,
          .added_files = 1,
          .existing_files = 0,
          .deleted_files = 0,
          .added_rows = 5,
          .existing_rows = 0,
          .deleted_rows = 0,
          .partitions = std::vector<PartitionSummary>()};
}

TEST(ManifestList, GivesNumbersToItsOwnManifestsOnly) {
  ManifestFile old = list_line("old");
  old.added_snapshot_id = 1;
  old.sequence_number = 4;
  old.min_sequence_number = 0;
  old.content = ManifestContent::deletes;
  old.partitions = {{true, std::nullopt, "", "b"}, {false, false, std::nullopt, std::nullopt}};
  old.key_metadata = "k";
  const ManifestFile lines[] = {list_line("new"), old};
  const Result<std::string> bytes = write_manifest_list({kSnapshot, 7, 9}, lines);
  ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
  const Result<std::vector<ManifestFile>> read = read_manifest_list(*bytes);
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ((*read)[0].sequence_number, 9);
  EXPECT_EQ((*read)[0].min_sequence_number, 9);
  EXPECT_EQ((*read)[1], old);
  const avro::ContainerReader container = *avro::ContainerReader::open(*bytes);
  EXPECT_EQ(*container.metadata("snapshot-id"), std::to_string(kSnapshot));
  EXPECT_EQ(*container.metadata("parent-snapshot-id"), "7");
  EXPECT_EQ(*container.metadata("sequence-number"), "9");
  EXPECT_EQ(*container.metadata("format-version"), "2");
  EXPECT_EQ(Json::parse(*container.metadata("avro.schema"))["name"], "manifest_file");
}

TEST(ManifestList, WritesNoParentAsNullText) {
  const std::string bytes = *write_manifest_list({kSnapshot, std::nullopt, 1}, {});
  EXPECT_EQ(*avro::ContainerReader::open(bytes)->metadata("parent-snapshot-id"), "null");
  EXPECT_TRUE(read_manifest_list(bytes)->empty());
}

TEST(ManifestList, RefusesLinesThatAreNotComplete) {
  const auto refused = [](const ManifestFile& line) {
    const Result<std::string> bytes = write_manifest_list({kSnapshot, 7, 9}, std::span(&line, 1));
    return !bytes.ok() && bytes.error().kind() == ErrorKind::invalid_argument;
  };
  EXPECT_FALSE(refused(list_line("a")));
  EXPECT_TRUE(refused(list_line("")));
  ManifestFile foreign = list_line("a");
  foreign.added_snapshot_id = 1;
  EXPECT_TRUE(refused(foreign));
  ManifestFile uncounted = list_line("a");
  uncounted.existing_rows.reset();
  EXPECT_TRUE(refused(uncounted));
}

}  // namespace
}  // namespace weir::iceberg
