#include <charconv>

#include "base/civil_time.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/output/output_rows_internal.h"
#include "cli/output/progress_text.h"
#include "iceberg/partition/partition_spec.h"
#include "iceberg/partition/partition_text.h"
#include "lake/scan.h"
#include "planner/plan_diff.h"

namespace weir::cli {
namespace {

std::string instant_text(int64_t ms) {
  return format_datetime(ms / 1000 * 1'000'000) + "Z";
}

std::string summary_value(const iceberg::Snapshot& snapshot, std::string_view key) {
  const auto found = snapshot.summary.find(key);
  return found == snapshot.summary.end() ? "" : found->second;
}

/// A number of the snapshot's summary; null when its writer did not give it.
OutputCell summary_count(const iceberg::Snapshot& snapshot, std::string_view key) {
  const std::string text = summary_value(snapshot, key);
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return OutputCell::null();
  return OutputCell::of(value);
}

/// What the snapshot's commit moved: for people in words, for machines as it is stored.
OutputCell progress_of(const iceberg::Snapshot& snapshot) {
  const std::string text = summary_value(snapshot, "weir.progress");
  if (text.empty()) return OutputCell::null();
  const Result<Progress> progress = Progress::from_text(text);
  if (!progress.ok()) return OutputCell::null();
  return {.text = progress_line(*progress), .json = nlohmann::ordered_json::parse(text)};
}

int list_tables(Environment& environment, lake::Catalog& catalog) {
  const Result<std::vector<lake::TableIdentifier>> tables = catalog.list();
  if (!tables.ok()) return fail(environment, tables.error());
  std::vector<OutputRow> rows;
  int code = kExitDone;
  for (const lake::TableIdentifier& table : *tables) {
    const Result<lake::LoadedTable> loaded = catalog.load(table);
    if (!loaded.ok()) {  // the others are listed all the same
      code = fail(environment, loaded.error());
      continue;
    }
    const iceberg::Snapshot* now = loaded->metadata->current_snapshot();
    const auto total = [&](std::string_view key) {
      return now == nullptr ? OutputCell::of(int64_t{0}) : summary_count(*now, key);
    };
    rows.push_back({OutputCell::of(table.to_string()), total("total-records"), total("total-data-files"),
                    total("total-files-size"),
                    OutputCell::of(static_cast<int64_t>(loaded->metadata->snapshots.size()))});
  }
  print_rows(environment, table_columns("list"), rows);
  return code;
}

/// How another reader opens the same table.
std::string reader_hints(const lake::LoadedTable& table, const lake::BoundCatalog& catalog) {
  const std::string name = table.table.to_string();
  std::string arguments = "\"" + catalog.name + "\"";
  for (const auto& [key, value] : catalog.foreign.pyiceberg) arguments += ", " + key + "=\"" + value + "\"";
  const std::string spark = "--conf spark.sql.catalog." + catalog.name;
  std::string settings = spark + "=org.apache.iceberg.spark.SparkCatalog";
  for (const auto& [key, value] : catalog.foreign.spark) settings += " " + spark + "." + key + "=" + value;
  return "read it from\n"
         "  PyIceberg  load_catalog(" +
         arguments + ").load_table(\"" + name + "\").scan().to_arrow()\n  DuckDB     select * from iceberg_scan('" +
         table.metadata_location + "')\n  Spark      " + settings + "\n             select * from " + catalog.name +
         "." + name + "\n";
}

int show_table(Environment& environment, const lake::LoadedTable& table, const lake::BoundCatalog& catalog) {
  const iceberg::TableMetadata& metadata = *table.metadata;
  if (environment.json) {
    environment.console.out(iceberg::table_metadata_to_json(metadata) + "\n");
    return kExitDone;
  }
  const lake::TableDefinition definition{.table = table.table,
                                         .schema = metadata.current_schema().schema,
                                         .spec = metadata.default_spec(),
                                         .properties = {}};
  std::string text = planner::create_table_text(definition);
  text += "location   " + metadata.location + "\nmetadata   " + table.metadata_location + "\nuuid       " +
          metadata.table_uuid + "\n";
  for (const auto& [key, value] : metadata.properties)
    text += "property   " + printable(key) + " = " + printable(value) + "\n";
  environment.console.out(printable_lines(text + reader_hints(table, catalog)));
  return kExitDone;
}

int show_snapshots(Environment& environment, const lake::LoadedTable& table) {
  std::vector<OutputRow> rows;
  for (const auto& stored : table.metadata->snapshots) {
    const iceberg::Snapshot& snapshot = stored->snapshot;
    rows.push_back({OutputCell::of(snapshot.id), OutputCell::of(instant_text(snapshot.timestamp_ms)),
                    OutputCell::of(snapshot.operation), summary_count(snapshot, "added-records"),
                    summary_count(snapshot, "added-data-files"), summary_count(snapshot, "added-files-size"),
                    summary_count(snapshot, "total-records"), progress_of(snapshot)});
  }
  print_rows(environment, table_columns("snapshots"), rows);
  return kExitDone;
}

int show_history(Environment& environment, const lake::LoadedTable& table) {
  std::vector<OutputRow> rows;
  for (const iceberg::SnapshotLogEntry& entry : table.metadata->snapshot_log) {
    const iceberg::Snapshot* snapshot = table.metadata->find_snapshot(entry.snapshot_id);
    bool is_ancestor = false;
    if (table.metadata->current_snapshot_id) {
      table.metadata->visit_ancestors(*table.metadata->current_snapshot_id, [&](const iceberg::Snapshot& ancestor) {
        is_ancestor = ancestor.id == entry.snapshot_id;
        return !is_ancestor;
      });
    }
    const bool has_parent = snapshot != nullptr && snapshot->parent_id.has_value();
    rows.push_back({OutputCell::of(instant_text(entry.timestamp_ms)), OutputCell::of(entry.snapshot_id),
                    has_parent ? OutputCell::of(*snapshot->parent_id) : OutputCell::null(),
                    OutputCell::of(is_ancestor)});
  }
  print_rows(environment, table_columns("history"), rows);
  return kExitDone;
}

int show_files(Environment& environment, const lake::LoadedTable& table, const TableArguments& arguments) {
  std::vector<OutputRow> rows;
  const auto take = [&](const iceberg::ManifestEntry& entry) -> Result<void> {
    const iceberg::StoredSpec* spec = table.metadata->find_spec(entry.file.spec_id);
    const std::string partition =
        spec == nullptr || spec->spec.is_unpartitioned()
            ? ""
            : iceberg::partition_path(spec->spec, *table.metadata->current_schema().schema, entry.file.partition);
    const bool inside = entry.file.path.starts_with(table.metadata->location + "/");
    const std::string shown = inside ? entry.file.path.substr(table.metadata->location.size() + 1) : entry.file.path;
    rows.push_back({OutputCell::of(partition),
                    OutputCell::of(entry.file.record_count),
                    OutputCell::of(entry.file.size_bytes),
                    {.text = shown, .json = entry.file.path}});
    return {};
  };
  const Result<void> visited = lake::visit_files(table, arguments.snapshot_id, *environment.store, false, take);
  if (!visited.ok()) return fail(environment, visited.error());
  print_rows(environment, table_columns("files"), rows);
  return kExitDone;
}

}  // namespace

int table_command(Environment& environment, const TableArguments& arguments) {
  const std::optional<lake::BoundCatalog> bound =
      environment.catalog_of(arguments.catalog.pipeline_file, arguments.catalog.catalog_name);
  if (!bound) return environment.plan_exit_code();
  const Result<std::unique_ptr<lake::Catalog>> catalog = environment.open_catalog(*bound, lake::CatalogAccess::read);
  if (!catalog.ok()) return fail(environment, catalog.error());
  if (arguments.action == "list") return list_tables(environment, **catalog);
  const Result<lake::TableIdentifier> table = lake::TableIdentifier::parse(arguments.table);
  if (!table.ok()) return fail(environment, table.error());
  const Result<lake::LoadedTable> loaded = (*catalog)->load(*table);
  if (!loaded.ok()) return fail(environment, loaded.error());
  if (arguments.action == "show") return show_table(environment, *loaded, *bound);
  if (arguments.action == "snapshots") return show_snapshots(environment, *loaded);
  if (arguments.action == "history") return show_history(environment, *loaded);
  return show_files(environment, *loaded, arguments);
}

}  // namespace weir::cli
