// Writes the metadata of a small table around Parquet files that check_sample_table.py has made, for foreign readers to
// read. Runs only when that script asks for it.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "iceberg/manifest/manifest_avro.h"
#include "iceberg/metadata/metadata_update.h"
#include "iceberg/metadata/name_mapping.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

constexpr int kRows = 8;
constexpr int64_t kFirstInstant = 1'510'871'468'000'000;  // 2017-11-16T22:31:08Z

SchemaPtr sample_schema() {
  std::vector<Field> fields = {
      {.name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
      {.name = "name", .type = Type::primitive(TypeKind::string)},
      {.name = "ts", .type = Type::primitive(TypeKind::timestamptz)},
      {.name = "price", .type = Type::decimal(9, 2)},
      {.name = "score", .type = Type::primitive(TypeKind::float64)},
      {.name = "key", .type = Type::primitive(TypeKind::uuid)},
      {.name = "blob", .type = Type::primitive(TypeKind::binary)},
      {.name = "day", .type = Type::primitive(TypeKind::date)},
      {.name = "geo", .type = Type::structure({{.name = "lat", .type = Type::primitive(TypeKind::float32)}})},
      {.name = "tags", .type = Type::list({.name = "element", .type = Type::primitive(TypeKind::string)})},
  };
  return std::make_shared<const Schema>(assign_ids(fields));
}

PartitionSpec sample_spec() {
  const auto field = [](int32_t source, int32_t id, const std::string& column, const char* transform) {
    const Transform parsed = *Transform::parse(transform);
    return PartitionField{source, id, default_partition_name(column, parsed), parsed};
  };
  return {
      .spec_id = 0,
      .fields = {field(3, 1000, "ts", "day"), field(1, 1001, "id", "bucket[4]"), field(2, 1002, "name", "truncate[2]"),
                 field(4, 1003, "price", "identity"), field(6, 1004, "key", "identity"), field(3, 1005, "ts", "hour"),
                 field(7, 1006, "blob", "identity"), field(5, 1007, "score", "identity")}};
}

/// What check_sample_table.py puts into row i.
std::vector<Value> sample_row(int i) {
  std::string key(16, '\0');
  key[15] = static_cast<char>(i);
  key[0] = static_cast<char>(0xf0);
  std::vector<Value> row = {Value(int64_t{i} - 2),
                            Value("näme" + std::to_string(i)),
                            Value(kFirstInstant + i * 7 * 3600 * kMicrosPerSecond),
                            Value(Int128{i * 1005 - 3000}),
                            Value(i * 0.5),
                            Value(key),
                            Value(std::string("\x00\xff", 2))};
  if (i == 3) row[1] = row[3] = row[4] = Value();
  return row;
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  ASSERT_TRUE(out.good());
}

class SampleTable {
 public:
  explicit SampleTable(std::filesystem::path folder)
      : folder_(std::move(folder)), location_("file://" + folder_.string()) {}

  void create() {
    NewTable table{
        .table_uuid = "9c12d441-03fe-4693-9a96-a0705ddf69c1",
        .location = location_,
        .schema = sample_schema(),
        .spec = sample_spec(),
        .properties = {{"owner", "weir"}, {"schema.name-mapping.default", name_mapping_to_json(*sample_schema())}},
        .now_ms = 1'700'000'000'000};
    Result<TableMetadata> made = new_table_metadata(table);
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    metadata_ = *std::move(made);
    save();
  }

  DataFile data_file(int row) const {
    const std::vector<Value> values = sample_row(row);
    DataFile file;
    const std::string name = "row-" + std::to_string(row) + ".parquet";
    file.path = location_ + "/data/" + name;
    file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(folder_ / "data" / name));
    file.record_count = 1;
    for (const PartitionField& field : sample_spec().fields) {
      const Field* source = schema_->find_by_id(field.source_id);
      file.partition.push_back(field.transform.apply(source->type, values[static_cast<size_t>(field.source_id - 1)]));
    }
    file.column_sizes.emplace();  // PyIceberg's inspect wants all maps
    file.nan_value_counts.emplace();
    file.value_counts.emplace();
    file.null_value_counts.emplace();
    file.lower_bounds.emplace();
    file.upper_bounds.emplace();
    for (int32_t id = 1; id <= 7; ++id) {
      const Value& value = values[static_cast<size_t>(id - 1)];
      file.value_counts->set(id, 1);
      file.null_value_counts->set(id, value.is_null() ? 1 : 0);
      if (value.is_null()) continue;
      file.lower_bounds->set(id, value_to_bytes(*schema_->find_by_id(id)->type, value));
      file.upper_bounds->set(id, value_to_bytes(*schema_->find_by_id(id)->type, value));
    }
    file.split_offsets = {4};
    file.sort_order_id = 0;
    return file;
  }

  void append(int begin, int end) {
    const int64_t id = new_snapshot_id(metadata_, random_);
    std::vector<ManifestEntry> entries;
    SummaryCounter counter;
    for (int row = begin; row < end; ++row) {
      entries.push_back({.file = data_file(row)});
      counter.add_file(entries.back().file);
    }
    commit(id, "append", entries, counter);
  }

  /// Drops the file of `row`, which is in the first manifest of the current snapshot.
  void drop(int row) {
    std::vector<ManifestEntry> entries = read(manifests_[0]);
    manifests_.erase(manifests_.begin());
    SummaryCounter counter;
    const int64_t id = new_snapshot_id(metadata_, random_);
    for (ManifestEntry& entry : entries) {
      entry.status = EntryStatus::existing;
      if (entry.file.path != data_file(row).path) continue;
      entry.status = EntryStatus::deleted;
      entry.snapshot_id = id;
      counter.remove_file(entry.file);
    }
    commit(id, "delete", entries, counter);
  }

  std::vector<ManifestEntry> read(const ManifestFile& file) {
    std::ifstream in(file.path.substr(7), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    const ReadManifestOptions options{.partition_fields = &format_.partition_fields()};
    Result<std::vector<ManifestEntry>> entries = read_manifest(bytes, file, options);
    EXPECT_TRUE(entries.ok()) << entries.error().to_string();
    return *std::move(entries);
  }

 private:
  void commit(int64_t id, const char* operation, const std::vector<ManifestEntry>& entries,
              const SummaryCounter& counter) {
    const SnapshotSlot slot = next_snapshot_slot(metadata_, kMainBranch, metadata_.last_updated_ms + 1000);
    Result<WrittenManifest> manifest = write_manifest(format_, ManifestContent::data, id, entries);
    ASSERT_TRUE(manifest.ok()) << manifest.error().to_string();
    manifest->file.path = location_ + "/metadata/" + manifest_file_name(std::to_string(id), 0);
    write_file(manifest->file.path.substr(7), manifest->bytes);
    manifests_.insert(manifests_.begin(), manifest->file);
    const ManifestListHeader header{id, slot.parent_id, slot.sequence_number};
    Result<std::string> list = write_manifest_list(header, manifests_);
    ASSERT_TRUE(list.ok()) << list.error().to_string();
    const std::string list_path = location_ + "/metadata/" + manifest_list_file_name(id, 1, "a");
    write_file(list_path.substr(7), *list);
    manifests_ = *read_manifest_list(*list);
    const Snapshot snapshot{.id = id,
                            .parent_id = slot.parent_id,
                            .sequence_number = slot.sequence_number,
                            .timestamp_ms = slot.timestamp_ms,
                            .manifest_list = list_path,
                            .schema_id = slot.schema_id,
                            .operation = operation,
                            .summary = counter.finish(metadata_.current_snapshot())};
    const MetadataUpdate updates[] = {AddSnapshot{snapshot}, ref_to(metadata_, kMainBranch, id)};
    Result<TableMetadata> next = apply_updates(metadata_, metadata_location_, updates, slot.timestamp_ms);
    ASSERT_TRUE(next.ok()) << next.error().to_string();
    metadata_ = *std::move(next);
    save();
  }

  void save() {
    metadata_location_ = location_ + "/metadata/" + metadata_file_name(version_++, "0-0");
    write_file(metadata_location_.substr(7), table_metadata_to_json(metadata_));
  }

  std::filesystem::path folder_;
  std::string location_;
  std::string metadata_location_;
  SchemaPtr schema_ = sample_schema();
  ManifestFormat format_ = *ManifestFormat::make(*schema_, schema_to_json(*schema_), sample_spec());
  TableMetadata metadata_;
  std::vector<ManifestFile> manifests_;
  SeededRandom random_{7};
  int version_ = 0;
};

TEST(SampleTable, IsWrittenForForeignReaders) {
  const char* folder = std::getenv("WEIR_SAMPLE_TABLE");
  if (folder == nullptr) GTEST_SKIP() << "set by check_sample_table.py";
  SampleTable table(folder);
  table.create();
  table.append(0, 4);
  table.append(4, kRows);
  table.drop(5);
}

}  // namespace
}  // namespace weir::iceberg
