// What the commit path and the writers pay for the format.

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "columnar/column_builder.h"
#include "iceberg/manifest/manifest_avro.h"
#include "iceberg/metadata/metadata_update.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

constexpr int kColumns = 20;

SchemaPtr wide_schema() {
  std::vector<Field> fields;
  for (int i = 0; i < kColumns; ++i) {
    fields.push_back({.name = "column_" + std::to_string(i),
                      .type = Type::primitive(i % 2 == 0 ? TypeKind::int64 : TypeKind::string)});
  }
  fields.push_back({.name = "ts", .type = Type::primitive(TypeKind::timestamptz)});
  return std::make_shared<const Schema>(assign_ids(fields));
}

const PartitionSpec kSpec = {.spec_id = 0,
                             .fields = {{kColumns + 1, 1000, "ts_day", Transform(TransformKind::day)},
                                        {1, 1001, "c_bucket", Transform(TransformKind::bucket, 16)}}};

DataFile sample_file(int i) {
  DataFile file{.path = "s3://warehouse/db/table/data/ts_day=2017-11-16/c_bucket=3/pipeline-7-task-0-" +
                        std::to_string(i) + ".parquet",
                .partition = {Value(int32_t{17486 + i % 5}), Value(int32_t{i % 16})},
                .record_count = 100'000 + i,
                .size_bytes = 10'000'000 + i};
  for (auto* map : {&file.column_sizes, &file.value_counts, &file.null_value_counts}) {
    map->emplace();
    for (int32_t id = 1; id <= kColumns + 1; ++id) (*map)->set(id, 100'000 + id);
  }
  file.nan_value_counts.emplace();
  for (auto* map : {&file.lower_bounds, &file.upper_bounds}) {
    map->emplace();
    for (int32_t id = 1; id <= kColumns + 1; ++id)
      (*map)->set(id, id % 2 == 0 ? "prefix-" + std::to_string(i) : std::string(8, static_cast<char>(i)));
  }
  file.split_offsets = {4, 5'000'000};
  return file;
}

std::vector<ManifestEntry> sample_entries(int count) {
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < count; ++i) entries.push_back({.file = sample_file(i)});
  return entries;
}

ManifestFormat sample_format() {
  const SchemaPtr schema = wide_schema();
  return *ManifestFormat::make(*schema, schema_to_json(*schema), kSpec);
}

void write_entries(benchmark::State& state) {
  const ManifestFormat format = sample_format();
  const std::vector<ManifestEntry> entries = sample_entries(static_cast<int>(state.range(0)));
  const auto codec = static_cast<avro::Codec>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(write_manifest(format, ManifestContent::data, 7, entries, codec));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(write_entries)
    ->Args({1, 1})
    ->Args({100, 1})
    ->Args({10'000, 0})
    ->Args({10'000, 1})
    ->Unit(benchmark::kMicrosecond);

void read_entries(benchmark::State& state) {
  const ManifestFormat format = sample_format();
  WrittenManifest written = *write_manifest(format, ManifestContent::data, 7, sample_entries(10'000),
                                            static_cast<avro::Codec>(state.range(0)));
  written.file.sequence_number = 1;
  const ReadManifestOptions options{.partition_fields = &format.partition_fields()};
  for (auto _ : state) benchmark::DoNotOptimize(read_manifest(written.bytes, written.file, options));
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(read_entries)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

std::vector<ManifestFile> sample_lines(int count) {
  std::vector<ManifestFile> lines;
  for (int i = 0; i < count; ++i) {
    lines.push_back({.path = "s3://warehouse/db/table/metadata/0193f0ab-1111-7000-8000-" +
                             std::to_string(100'000'000'000 + i) + "-m0.avro",
                     .length_bytes = 7000 + i,
                     .sequence_number = i,
                     .min_sequence_number = i,
                     .added_snapshot_id = 1'000'000 + i,
                     .added_files = 3,
                     .existing_files = 0,
                     .deleted_files = 0,
                     .added_rows = 300'000 + i,
                     .existing_rows = 0,
                     .deleted_rows = 0,
                     .partitions = std::vector<PartitionSummary>(2, {false, false, "abcd", "efgh"})});
  }
  return lines;
}

void write_list(benchmark::State& state) {
  const std::vector<ManifestFile> lines = sample_lines(static_cast<int>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(write_manifest_list({7, 6, 1000}, lines, static_cast<avro::Codec>(state.range(1))));
}
BENCHMARK(write_list)->Args({300, 0})->Args({300, 1})->Unit(benchmark::kMicrosecond);

void read_list(benchmark::State& state) {
  const std::string bytes = *write_manifest_list({7, 6, 1000}, sample_lines(300));
  for (auto _ : state) benchmark::DoNotOptimize(read_manifest_list(bytes));
}
BENCHMARK(read_list)->Unit(benchmark::kMicrosecond);

TableMetadata long_table(int snapshots) {
  TableMetadata table = *new_table_metadata(
      {.table_uuid = "u", .location = "s3://warehouse/db/table", .schema = wide_schema(), .spec = kSpec, .now_ms = 1});
  StringMap summary;
  for (const char* key : {"added-data-files", "added-records", "added-files-size", "changed-partition-count",
                          "total-data-files", "total-records", "total-files-size", "weir.progress", "weir.pipeline",
                          "weir.fence-epoch", "engine-name", "engine-version"}) {
    summary[key] = "1234567890";
  }
  for (int i = 1; i <= snapshots; ++i) {
    const Snapshot snapshot{.id = i,
                            .parent_id = i - 1,
                            .sequence_number = i,
                            .timestamp_ms = 1'700'000'000'000 + i,
                            .manifest_list = "s3://warehouse/db/table/metadata/snap-" + std::to_string(i) +
                                             "-1-0193f0ab-1111-7000-8000-100000000000.avro",
                            .schema_id = 0,
                            .summary = summary};
    table.snapshots.push_back(
        std::make_shared<const StoredSnapshot>(StoredSnapshot{snapshot, snapshot_to_json(snapshot)}));
    table.snapshot_log.push_back({1'700'000'000'000 + i, i});
  }
  table.last_sequence_number = snapshots;
  table.current_snapshot_id = snapshots;
  table.refs["main"] = {.snapshot_id = snapshots};
  return table;
}

void append_and_write_metadata(benchmark::State& state) {
  const TableMetadata table = long_table(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const SnapshotSlot slot = next_snapshot_slot(table, kMainBranch, 1'800'000'000'000);
    const MetadataUpdate updates[] = {AddSnapshot{{.id = 1 << 30,
                                                   .parent_id = slot.parent_id,
                                                   .sequence_number = slot.sequence_number,
                                                   .timestamp_ms = slot.timestamp_ms,
                                                   .manifest_list = "l"}},
                                      ref_to(table, kMainBranch, 1 << 30)};
    const TableMetadata next =
        *apply_updates(table, "s3://warehouse/db/table/metadata/0.json", updates, 1'800'000'000'000);
    benchmark::DoNotOptimize(table_metadata_to_json(next));
  }
  state.counters["bytes"] = static_cast<double>(table_metadata_to_json(table).size());
}
BENCHMARK(append_and_write_metadata)->Arg(100)->Arg(2'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

void read_metadata(benchmark::State& state) {
  const std::string text = table_metadata_to_json(long_table(static_cast<int>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(table_metadata_from_json(text));
}
BENCHMARK(read_metadata)->Arg(100)->Arg(2'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

void transform_column(benchmark::State& state, const char* name, const char* type_name) {
  constexpr int64_t kRows = 65'536;
  SeededRandom random(1);
  const TypePtr type = *Type::parse_primitive(type_name);
  const std::unique_ptr<ColumnBuilder> builder = make_column_builder(type);
  for (int64_t i = 0; i < kRows; ++i) {
    const auto bits = static_cast<int64_t>(random.next_u64() >> 10);
    if (auto* longs = dynamic_cast<FixedBuilder<int64_t>*>(builder.get()))
      longs->append(bits);
    else
      dynamic_cast<BytesBuilder&>(*builder).append(std::to_string(bits));
  }
  const ColumnPtr column = builder->finish();
  const Transform transform = *Transform::parse(name);
  for (auto _ : state) benchmark::DoNotOptimize(transform.apply(*column));
  state.counters["ns_per_value"] = benchmark::Counter(static_cast<double>(state.iterations() * kRows) / 1e9,
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(transform_column, day, "day", "timestamptz");
BENCHMARK_CAPTURE(transform_column, hour, "hour", "timestamptz");
BENCHMARK_CAPTURE(transform_column, month, "month", "timestamptz");
BENCHMARK_CAPTURE(transform_column, bucket_long, "bucket[16]", "long");
BENCHMARK_CAPTURE(transform_column, bucket_string, "bucket[16]", "string");
BENCHMARK_CAPTURE(transform_column, truncate_long, "truncate[10]", "long");
BENCHMARK_CAPTURE(transform_column, truncate_string, "truncate[4]", "string");

}  // namespace
}  // namespace weir::iceberg
