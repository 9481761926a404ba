#include "lake/commit/lead_record.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "lake/commit/stored_json_internal.h"

namespace weir::lake {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json decision_to_json(const ProgressDecision& decision) {
  Json json = {{"at", decision.at_ms}};
  if (!decision.state.empty()) {
    json["state"] = decision.state;
    json["reason"] = decision.reason;
    return json;
  }
  if (decision.rejects != 0) {
    json["rejects"] = decision.rejects;
    json["reason"] = decision.reason;
    return json;
  }
  json[decision.table.empty() ? "source" : "table"] = decision.table.empty() ? decision.source : decision.table;
  if (!decision.partition.empty()) json["partition"] = decision.partition;
  if (decision.before)
    json["was"] = Json::array({decision.before->next, decision.before->next_byte, decision.before->identity});
  if (decision.next) json["next"] = *decision.next;
  json["reason"] = decision.reason;
  return json;
}

ProgressDecision decision_from_json(const Json& json) {
  if (json.contains("state")) {
    return {.at_ms = json.at("at").get<int64_t>(),
            .state = json.at("state").get<std::string>(),
            .table = {},
            .source = {},
            .partition = {},
            .before = {},
            .next = {},
            .reason = json.at("reason").get<std::string>()};
  }
  if (json.contains("rejects")) {
    ProgressDecision accepted;
    accepted.at_ms = json.at("at").get<int64_t>();
    accepted.rejects = json.at("rejects").get<int64_t>();
    accepted.reason = json.at("reason").get<std::string>();
    return accepted;
  }
  ProgressDecision decision{.at_ms = json.at("at").get<int64_t>(),
                            .table = json.value("table", ""),
                            .source = json.contains("table") ? "" : json.at("source").get<std::string>(),
                            .partition = json.value("partition", ""),
                            .before = {},
                            .next = {},
                            .reason = json.at("reason").get<std::string>()};
  if (json.contains("was")) {
    const Json& was = json.at("was");
    decision.before = {.next = was.at(0).get<int64_t>(),
                       .next_byte = was.at(1).get<int64_t>(),
                       .identity = was.at(2).get<std::string>()};
  }
  if (json.contains("next")) decision.next = json.at("next").get<int64_t>();
  return decision;
}

std::optional<StoredObject> stored_object_at(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return stored_object_from(json.at(key));
}

void add_last(const LastCommit& last, const char* key_name, Json& json) {
  if (!last.key.empty()) json[key_name] = last.key;
  if (last.snapshot_id != 0) json["snapshot"] = last.snapshot_id;
  if (last.sequence_number != 0) json["sequence"] = last.sequence_number;
}

LastCommit last_from_json(const Json& json, const char* key_name) {
  return {.key = json.value(key_name, ""),
          .snapshot_id = json.value("snapshot", int64_t{0}),
          .sequence_number = json.value("sequence", int64_t{0})};
}

Json entry_to_json(const TableEntry& entry) {
  Json json = {{"uuid", entry.uuid}};
  add_last(entry.last, "commit", json);
  if (!entry.before_key.empty()) json["before"] = entry.before_key;
  if (!entry.counts.empty()) json["counts"] = entry.counts;
  return json;
}

TableEntry entry_from_json(const Json& json) {
  if (json.is_string()) return {.uuid = json.get<std::string>()};  // version 1
  return {.uuid = json.at("uuid").get<std::string>(),
          .last = last_from_json(json, "commit"),
          .before_key = json.value("before", ""),
          .counts = json.value("counts", Counts())};
}

Json unfollowed_to_json(const UnfollowedEpoch& epoch) {
  Json json = to_json(epoch.prepared);
  json["epoch"] = epoch.number;
  json["for"] = epoch.followers;
  return json;
}

void take_followers(const Json& json, LeadRecord& record) {
  record.epochs = json.value("epochs", int64_t{0});
  record.followers = followers_from(json);
  if (!json.contains("unfollowed")) return;
  for (const Json& epoch : json.at("unfollowed"))
    record.unfollowed.push_back({.number = epoch.at("epoch").get<int64_t>(),
                                 .prepared = stored_object_from(epoch),
                                 .followers = epoch.at("for").get<std::vector<std::string>>()});
}

Result<PipelineProperty> record_from_json(const Json& json, bool is_version_1) {
  LeadRecord record;
  record.is_version_1 = is_version_1;
  record.fence_epoch = json.at("fence").get<int64_t>();
  record.uuid = json.value("uuid", "");
  record.commit_key = json.value("commit", "");
  record.commit_fence = json.value("commit_fence", int64_t{0});
  record.last = last_from_json(json, is_version_1 ? "commit" : "last");
  if (json.contains("tables")) {
    for (const auto& [name, entry] : json.at("tables").items()) record.tables[name] = entry_from_json(entry);
  }
  record.counts = json.value("counts", Counts());
  if (json.contains("decided")) {
    for (const Json& decision : json.at("decided")) record.decisions.push_back(decision_from_json(decision));
  }
  record.progress_at = stored_object_at(json, "progress_at");
  record.prepared = stored_object_at(json, "prepared");
  record.state = stored_object_at(json, "state");
  if (json.contains("older_states")) {
    for (const Json& older : json.at("older_states")) record.older_states.push_back(stored_object_from(older));
  }
  take_followers(json, record);
  WEIR_ASSIGN(record.progress, Progress::from_text(json.at("progress").dump()));
  return PipelineProperty(std::move(record));
}

Result<PipelineProperty> property_from_json(const Json& json) {
  const auto version = json.at("v").get<int64_t>();
  if (version < 1 || version > 2)
    return Error(ErrorKind::unsupported, "the table was written by a newer Weir; use that one");
  if (version == 1 || json.at("role").get<std::string>() == "lead") return record_from_json(json, version == 1);
  return PipelineProperty(TableMarker{.lead = json.at("lead").get<std::string>(),
                                      .lead_uuid = json.at("lead_uuid").get<std::string>(),
                                      .last = last_from_json(json, "commit")});
}

}  // namespace

std::string pipeline_property_name(std::string_view pipeline) {
  return "weir.pipeline." + std::string(pipeline);
}

std::string LeadRecord::to_text() const {
  Json json = {{"v", 2}, {"role", "lead"}, {"fence", fence_epoch}, {"uuid", uuid}};
  if (!commit_key.empty()) json["commit"] = commit_key;
  if (commit_fence != 0) json["commit_fence"] = commit_fence;
  add_last(last, "last", json);
  if (prepared) json["prepared"] = to_json(*prepared);
  if (state) json["state"] = to_json(*state);
  for (const StoredObject& older : older_states) json["older_states"].push_back(to_json(older));
  if (progress_at) json["progress_at"] = to_json(*progress_at);
  json["progress"] = Json::parse(progress.to_text());
  Json others = Json::object();
  for (const auto& [name, entry] : tables) others[name] = entry_to_json(entry);
  json["tables"] = std::move(others);
  if (!counts.empty()) json["counts"] = counts;
  if (epochs != 0) json["epochs"] = epochs;
  add_followers(followers, json);
  for (const UnfollowedEpoch& epoch : unfollowed) json["unfollowed"].push_back(unfollowed_to_json(epoch));
  for (const ProgressDecision& decision : decisions) json["decided"].push_back(decision_to_json(decision));
  return text_of(json);
}

void advance_state(const std::optional<StoredObject>& next, std::optional<StoredObject>& state,
                   std::vector<StoredObject>& older) {
  if (state == next) return;
  if (state) older.insert(older.begin(), *state);
  if (older.size() > kOlderStatesMax) older.resize(kOlderStatesMax);
  state = next;
}

void advance_followers(const Outbox& outbox, int64_t number, const StoredObject& place, FollowerRecords& followers,
                       std::vector<UnfollowedEpoch>& unfollowed) {
  followers = outbox.followers;
  std::erase_if(unfollowed, [&](const UnfollowedEpoch& epoch) {
    return epoch.number <= outbox.followed || epoch.number == number;
  });
  UnfollowedEpoch epoch{.number = number, .prepared = place, .followers = {}};
  for (const OutboxPart& part : outbox.parts) {
    if (std::ranges::find(epoch.followers, part.follower) == epoch.followers.end())
      epoch.followers.push_back(part.follower);
  }
  if (!epoch.followers.empty()) unfollowed.push_back(std::move(epoch));
}

std::string TableMarker::to_text() const {
  Json json = {{"v", 2}, {"role", "table"}, {"lead", lead}, {"lead_uuid", lead_uuid}};
  add_last(last, "commit", json);
  return text_of(json);
}

Result<PipelineProperty> pipeline_property_from_text(std::string_view text) {
  if (text.empty()) return PipelineProperty();
  try {
    return property_from_json(Json::parse(text));
  } catch (const std::exception&) {  // the library reports every missing or wrong member this way
    return Error(ErrorKind::corrupt,
                 "the table's property of this pipeline is damaged; restore it from an older metadata file");
  }
}

}  // namespace weir::lake
