#include <nlohmann/json.hpp>

#include "base/civil_time.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/progress_text.h"
#include "iceberg/partition_spec.h"
#include "lake/scan.h"
#include "planner/partition_text.h"
#include "planner/plan_diff.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::string instant_text(int64_t ms) {
  return format_datetime(ms / 1000 * 1'000'000) + "Z";
}

std::string summary_value(const iceberg::Snapshot& snapshot, std::string_view key) {
  const auto found = snapshot.summary.find(key);
  return found == snapshot.summary.end() ? "" : found->second;
}

/// What the snapshot's commit moved: for people in words, for machines as it is stored.
std::string progress_of(const iceberg::Snapshot& snapshot, bool json) {
  std::string text = summary_value(snapshot, "weir.progress");
  if (json || text.empty()) return text;
  const Result<Progress> progress = Progress::from_text(text);
  return progress.ok() ? progress_line(*progress) : text;
}

/// Prints rows as a table for people, or as a JSON array of objects keyed by the header.
void print_rows(Environment& environment, const Rows& rows) {
  if (!environment.json) return environment.console.out(format_table(rows));
  Json all = Json::array();
  for (size_t r = 1; r < rows.size(); ++r) {
    Json object = Json::object();
    for (size_t c = 0; c < rows[r].size(); ++c) object[rows[0][c]] = rows[r][c];
    all.push_back(std::move(object));
  }
  environment.console.out(all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

int list_tables(Environment& environment, lake::Catalog& catalog) {
  const Result<std::vector<lake::TableIdentifier>> tables = catalog.list();
  if (!tables.ok()) return fail(environment, tables.error());
  Rows rows = {{"table", "rows", "files", "bytes", "snapshots"}};
  int code = kExitDone;
  for (const lake::TableIdentifier& table : *tables) {
    const Result<lake::LoadedTable> loaded = catalog.load(table);
    if (!loaded.ok()) {  // the others are listed all the same
      code = fail(environment, loaded.error());
      continue;
    }
    const iceberg::Snapshot* now = loaded->metadata->current_snapshot();
    const auto total = [&](std::string_view key) {
      return now == nullptr ? std::string("0") : summary_value(*now, key);
    };
    rows.push_back({table.to_string(), total("total-records"), total("total-data-files"), total("total-files-size"),
                    std::to_string(loaded->metadata->snapshots.size())});
  }
  print_rows(environment, rows);
  return code;
}

/// How another reader opens the same table.
std::string reader_hints(const lake::LoadedTable& table, const CatalogArguments& arguments, const std::string& folder) {
  const std::string name = table.table.to_string();
  return "read it from\n"
         "  PyIceberg  load_catalog(\"" +
         arguments.catalog_name + "\", type=\"sql\", uri=\"" + lake::sqlite_catalog_uri({.directory = folder}) +
         "\").load_table(\"" + name +
         "\").scan().to_arrow()\n"
         "  DuckDB     select * from iceberg_scan('" +
         table.metadata_location +
         "')\n"
         "  Spark      --conf spark.sql.catalog." +
         arguments.catalog_name + "=org.apache.iceberg.spark.SparkCatalog --conf spark.sql.catalog." +
         arguments.catalog_name + ".type=jdbc --conf spark.sql.catalog." + arguments.catalog_name +
         ".uri=jdbc:sqlite:" + folder + "/catalog.db --conf spark.sql.catalog." + arguments.catalog_name +
         ".warehouse=file://" + folder +
         "\n"
         "             select * from " +
         arguments.catalog_name + "." + name + "\n";
}

int show_table(Environment& environment, const lake::LoadedTable& table, const TableArguments& arguments,
               const std::string& folder) {
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
  environment.console.out(printable_lines(text + reader_hints(table, arguments.catalog, folder)));
  return kExitDone;
}

int show_snapshots(Environment& environment, const lake::LoadedTable& table) {
  Rows rows = {{"snapshot", "committed", "operation", "rows", "files", "bytes", "total rows", "progress"}};
  for (const auto& stored : table.metadata->snapshots) {
    const iceberg::Snapshot& snapshot = stored->snapshot;
    rows.push_back({std::to_string(snapshot.id), instant_text(snapshot.timestamp_ms), snapshot.operation,
                    summary_value(snapshot, "added-records"), summary_value(snapshot, "added-data-files"),
                    summary_value(snapshot, "added-files-size"), summary_value(snapshot, "total-records"),
                    progress_of(snapshot, environment.json)});
  }
  print_rows(environment, rows);
  return kExitDone;
}

int show_history(Environment& environment, const lake::LoadedTable& table) {
  Rows rows = {{"made current", "snapshot", "parent", "is ancestor"}};
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
    rows.push_back({instant_text(entry.timestamp_ms), std::to_string(entry.snapshot_id),
                    has_parent ? std::to_string(*snapshot->parent_id) : "", is_ancestor ? "yes" : "no"});
  }
  print_rows(environment, rows);
  return kExitDone;
}

int show_files(Environment& environment, const lake::LoadedTable& table, const TableArguments& arguments) {
  const Result<std::vector<iceberg::ManifestEntry>> entries =
      lake::scan_files(table, arguments.snapshot_id, *environment.store);
  if (!entries.ok()) return fail(environment, entries.error());
  Rows rows = {{"partition", "rows", "bytes", "file"}};
  for (const iceberg::ManifestEntry& entry : *entries) {
    const iceberg::StoredSpec* spec = table.metadata->find_spec(entry.file.spec_id);
    const std::string partition =
        spec == nullptr || spec->spec.is_unpartitioned()
            ? ""
            : iceberg::partition_path(spec->spec, *table.metadata->current_schema().schema, entry.file.partition);
    const bool inside = entry.file.path.starts_with(table.metadata->location + "/");
    rows.push_back(
        {partition, std::to_string(entry.file.record_count), std::to_string(entry.file.size_bytes),
         inside && !environment.json ? entry.file.path.substr(table.metadata->location.size() + 1) : entry.file.path});
  }
  print_rows(environment, rows);
  return kExitDone;
}

}  // namespace

int table_command(Environment& environment, const TableArguments& arguments) {
  const lake::SqliteCatalogOptions options{
      .directory = planner::absolute_path(environment.working_directory, arguments.catalog.warehouse),
      .name = arguments.catalog.catalog_name,
      .read_only = true};
  const Result<std::unique_ptr<lake::Catalog>> catalog = environment.open_catalog(options);
  if (!catalog.ok()) return fail(environment, catalog.error());
  if (arguments.action == "list") return list_tables(environment, **catalog);
  const Result<lake::TableIdentifier> table = lake::TableIdentifier::parse(arguments.table);
  if (!table.ok()) return fail(environment, table.error());
  const Result<lake::LoadedTable> loaded = (*catalog)->load(*table);
  if (!loaded.ok()) return fail(environment, loaded.error());
  if (arguments.action == "show") return show_table(environment, *loaded, arguments, options.directory);
  if (arguments.action == "snapshots") return show_snapshots(environment, *loaded);
  if (arguments.action == "history") return show_history(environment, *loaded);
  return show_files(environment, *loaded, arguments);
}

}  // namespace weir::cli
