#include "lake/prepared_commit.h"

#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace weir::lake {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json summary_to_json(const iceberg::PartitionSummary& summary) {
  Json json = {{"null", summary.contains_null}};
  if (summary.contains_nan) json["nan"] = *summary.contains_nan;
  if (summary.lower_bound) json["lower"] = base64_encode(*summary.lower_bound);
  if (summary.upper_bound) json["upper"] = base64_encode(*summary.upper_bound);
  return json;
}

Json manifest_to_json(const iceberg::ManifestFile& manifest) {
  Json json = {{"path", manifest.path},
               {"length", manifest.length_bytes},
               {"spec", manifest.spec_id},
               {"snapshot", manifest.added_snapshot_id},
               {"files", manifest.added_files.value_or(0)},
               {"rows", manifest.added_rows.value_or(0)}};
  Json partitions = Json::array();
  for (const iceberg::PartitionSummary& summary :
       manifest.partitions.value_or(std::vector<iceberg::PartitionSummary>())) {
    partitions.push_back(summary_to_json(summary));
  }
  json["partitions"] = std::move(partitions);
  return json;
}

std::optional<std::string> decode_bound(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  std::string bytes;
  if (!base64_decode(json.at(key).get<std::string>(), bytes)) throw std::invalid_argument("a bound is not base64");
  return bytes;
}

iceberg::ManifestFile manifest_from_json(const Json& json) {
  iceberg::ManifestFile manifest;
  manifest.path = json.at("path").get<std::string>();
  manifest.length_bytes = json.at("length").get<int64_t>();
  manifest.spec_id = json.at("spec").get<int32_t>();
  manifest.added_snapshot_id = json.at("snapshot").get<int64_t>();
  manifest.added_files = json.at("files").get<int32_t>();
  manifest.added_rows = json.at("rows").get<int64_t>();
  manifest.existing_files = 0;
  manifest.deleted_files = 0;
  manifest.existing_rows = 0;
  manifest.deleted_rows = 0;
  std::vector<iceberg::PartitionSummary> partitions;
  for (const Json& entry : json.at("partitions")) {
    iceberg::PartitionSummary summary;
    summary.contains_null = entry.at("null").get<bool>();
    if (entry.contains("nan")) summary.contains_nan = entry.at("nan").get<bool>();
    summary.lower_bound = decode_bound(entry, "lower");
    summary.upper_bound = decode_bound(entry, "upper");
    partitions.push_back(std::move(summary));
  }
  manifest.partitions = std::move(partitions);
  return manifest;
}

Json table_to_json(const PreparedTable& table) {
  Json json = {{"sink", table.sink},
               {"table", table.table.to_string()},
               {"uuid", table.table_uuid},
               {"snapshot", table.snapshot_id},
               {"before", table.before_key},
               {"rows", table.rows},
               {"files", table.files},
               {"bytes", table.bytes},
               {"dead_letter", table.is_dead_letter}};
  if (table.parent) json["parent"] = *table.parent;
  if (table.schema_id >= 0) json["schema"] = table.schema_id;
  Json manifests = Json::array();
  for (const iceberg::ManifestFile& manifest : table.manifests) manifests.push_back(manifest_to_json(manifest));
  json["manifests"] = std::move(manifests);
  return json;
}

Result<PreparedTable> table_from_json(const Json& json) {
  PreparedTable table;
  table.sink = json.at("sink").get<std::string>();
  WEIR_ASSIGN(table.table, TableIdentifier::parse(json.at("table").get<std::string>()));
  table.table_uuid = json.at("uuid").get<std::string>();
  table.snapshot_id = json.at("snapshot").get<int64_t>();
  table.before_key = json.at("before").get<std::string>();
  table.rows = json.at("rows").get<int64_t>();
  table.files = json.at("files").get<int64_t>();
  table.bytes = json.at("bytes").get<int64_t>();
  table.is_dead_letter = json.at("dead_letter").get<bool>();
  if (json.contains("parent")) table.parent = json.at("parent").get<int64_t>();
  table.schema_id = json.value("schema", int32_t{-1});
  for (const Json& manifest : json.at("manifests")) table.manifests.push_back(manifest_from_json(manifest));
  return table;
}

Result<PreparedCommit> commit_from_json(const Json& json) {
  if (json.at("v").get<int64_t>() != kVersion)
    return Error(ErrorKind::unsupported, "the intent was written by a newer Weir; start that one to resolve it");
  PreparedCommit commit;
  commit.pipeline = json.at("pipeline").get<std::string>();
  commit.fence_epoch = json.at("fence").get<int64_t>();
  commit.commit_key = json.at("key").get<std::string>();
  WEIR_ASSIGN(commit.after, Progress::from_text(json.at("after").dump()));
  commit.counts = json.at("counts").get<Counts>();
  for (const Json& entry : json.at("tables")) {
    WEIR_ASSIGN(PreparedTable table, table_from_json(entry));
    commit.tables.push_back(std::move(table));
  }
  return commit;
}

}  // namespace

std::string PreparedCommit::to_bytes() const {
  Json json = {{"v", kVersion},
               {"pipeline", pipeline},
               {"fence", fence_epoch},
               {"key", commit_key},
               {"after", Json::parse(after.to_text())},
               {"counts", counts}};
  Json all = Json::array();
  for (const PreparedTable& table : tables) all.push_back(table_to_json(table));
  json["tables"] = std::move(all);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PreparedCommit> PreparedCommit::from_bytes(std::string_view bytes) {
  try {
    return commit_from_json(Json::parse(bytes));
  } catch (const std::exception& exception) {  // the library reports every missing or wrong member this way
    return Error(ErrorKind::corrupt, std::string("a stored intent is damaged: ") + exception.what());
  }
}

}  // namespace weir::lake
