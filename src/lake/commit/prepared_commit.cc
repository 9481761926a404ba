#include "lake/commit/prepared_commit.h"

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "lake/commit/stored_json_internal.h"

namespace weir::lake {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 2;

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

iceberg::ManifestFile manifest_from_json(const Json& json, iceberg::ManifestContent content) {
  iceberg::ManifestFile manifest;
  manifest.content = content;
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

Json last_to_json(const LastCommit& last) {
  return {{"commit", last.key}, {"snapshot", last.snapshot_id}, {"sequence", last.sequence_number}};
}

LastCommit last_from_json(const Json& json) {
  return {.key = json.at("commit").get<std::string>(),
          .snapshot_id = json.at("snapshot").get<int64_t>(),
          .sequence_number = json.at("sequence").get<int64_t>()};
}

Json manifests_to_json(const std::vector<iceberg::ManifestFile>& manifests) {
  Json json = Json::array();
  for (const iceberg::ManifestFile& manifest : manifests) json.push_back(manifest_to_json(manifest));
  return json;
}

std::vector<iceberg::ManifestFile> manifests_from_json(const Json& json, iceberg::ManifestContent content) {
  std::vector<iceberg::ManifestFile> manifests;
  for (const Json& manifest : json) manifests.push_back(manifest_from_json(manifest, content));
  return manifests;
}

Json bytes_to_json(const std::vector<std::string>& all) {
  Json json = Json::array();
  for (const std::string& bytes : all) json.push_back(base64_encode(bytes));
  return json;
}

std::vector<std::string> bytes_from_json(const Json& json) {
  std::vector<std::string> all;
  for (const Json& text : json) {
    if (!base64_decode(text.get<std::string>(), all.emplace_back()))
      throw std::invalid_argument("an edit is not base64");
  }
  return all;
}

Json table_to_json(const PreparedTable& table) {
  Json json = {{"sink", table.target.sink},
               {"table", table.target.table.to_string()},
               {"uuid", table.table_uuid},
               {"snapshot", table.snapshot_id},
               {"before", last_to_json(table.before)},
               {"rows", table.rows},
               {"files", table.files},
               {"bytes", table.bytes},
               {"dead_letter", table.target.is_dead_letter}};
  if (table.parent) json["parent"] = *table.parent;
  if (table.schema_id >= 0) json["schema"] = table.schema_id;
  if (!table.counts.empty()) json["counts"] = table.counts;
  json["edit"] = {{"add", manifests_to_json(table.edit.added)},
                  {"delete_positions", manifests_to_json(table.edit.delete_positions)},
                  {"delete_keys", bytes_to_json(table.edit.delete_keys)},
                  {"remove", bytes_to_json(table.edit.removed)}};
  return json;
}

void add_outbox(const PreparedCommit& commit, Json& json) {
  json["outbox"] = Json::array();
  for (const OutboxPart& part : commit.outbox.parts) {
    Json entry = to_json(part.object);
    entry["follower"] = part.follower;
    json["outbox"].push_back(std::move(entry));
  }
  json["number"] = commit.number;
  if (commit.outbox.followed != 0) json["followed"] = commit.outbox.followed;
  add_followers(commit.outbox.followers, json);
}

void take_outbox(const Json& json, PreparedCommit& commit) {
  for (const Json& part : json.at("outbox"))
    commit.outbox.parts.push_back(
        {.follower = part.at("follower").get<std::string>(), .object = stored_object_from(part)});
  commit.number = json.value("number", int64_t{0});
  commit.outbox.followed = json.value("followed", int64_t{0});
  commit.outbox.followers = followers_from(json);
}

Error from_newer() {
  return Error(ErrorKind::unsupported, "the prepared epoch was written by a newer Weir; start that one to finish it");
}

TableEdit edit_from_json(const Json& json) {
  return {.added = manifests_from_json(json.at("add"), iceberg::ManifestContent::data),
          .delete_positions = manifests_from_json(json.at("delete_positions"), iceberg::ManifestContent::deletes),
          .delete_keys = bytes_from_json(json.at("delete_keys")),
          .removed = bytes_from_json(json.at("remove"))};
}

Result<PreparedTable> table_from_json(const Json& json, int64_t version) {
  PreparedTable table;
  table.target.sink = json.at("sink").get<std::string>();
  WEIR_ASSIGN(table.target.table, TableIdentifier::parse(json.at("table").get<std::string>()));
  table.target.is_dead_letter = json.at("dead_letter").get<bool>();
  table.table_uuid = json.at("uuid").get<std::string>();
  table.snapshot_id = json.at("snapshot").get<int64_t>();
  const Json& before = json.at("before");
  if (version == 1)
    table.before.key = before.get<std::string>();
  else
    table.before = last_from_json(before);
  table.rows = json.at("rows").get<int64_t>();
  table.files = json.at("files").get<int64_t>();
  table.bytes = json.at("bytes").get<int64_t>();
  if (json.contains("parent")) table.parent = json.at("parent").get<int64_t>();
  table.schema_id = json.value("schema", int32_t{-1});
  if (version == 1) {
    table.edit.added = manifests_from_json(json.at("manifests"), iceberg::ManifestContent::data);
    return table;
  }
  table.counts = json.value("counts", Counts());
  table.edit = edit_from_json(json.at("edit"));
  return table;
}

Result<PreparedCommit> commit_from_json(const Json& json) {
  const auto version = json.at("v").get<int64_t>();
  if (version < 1 || version > kVersion) return from_newer();
  PreparedCommit commit;
  commit.pipeline = json.at("pipeline").get<std::string>();
  commit.fence_epoch = json.at("fence").get<int64_t>();
  commit.commit_key = json.at("key").get<std::string>();
  commit.before_key = json.value("before", "");
  WEIR_ASSIGN(commit.moved, Progress::from_text(json.at(version == 1 ? "after" : "moved").dump()));
  commit.counts = json.at("counts").get<Counts>();
  for (const Json& entry : json.at("tables")) {
    WEIR_ASSIGN(PreparedTable table, table_from_json(entry, version));
    if (version == 1) table.counts = commit.counts;
    commit.tables.push_back(std::move(table));
  }
  commit.is_version_1 = version == 1;
  if (commit.tables.empty()) throw std::invalid_argument("it names no table");
  if (version > 1) {
    take_outbox(json, commit);
    if (json.contains("state")) commit.state = stored_object_from(json.at("state"));
  }
  return commit;
}

}  // namespace

std::string PreparedCommit::to_bytes() const {
  Json json = {{"v", kVersion},     {"pipeline", pipeline}, {"fence", fence_epoch},
               {"key", commit_key}, {"before", before_key}, {"moved", Json::parse(moved.to_text())},
               {"counts", counts}};
  Json all = Json::array();
  for (const PreparedTable& table : tables) all.push_back(table_to_json(table));
  json["tables"] = std::move(all);
  add_outbox(*this, json);
  if (state) json["state"] = to_json(*state);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PreparedCommit> PreparedCommit::from_bytes(std::string_view bytes) {
  try {
    return commit_from_json(Json::parse(bytes));
  } catch (const std::exception& exception) {  // the library reports every missing or wrong member this way
    return Error(ErrorKind::corrupt, std::string("a prepared epoch is damaged: ") + exception.what());
  }
}

}  // namespace weir::lake
