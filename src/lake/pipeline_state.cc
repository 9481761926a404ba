#include "lake/pipeline_state.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace weir::lake {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json decision_to_json(const ProgressDecision& decision) {
  Json json = {{"at", decision.at_ms}};
  json[decision.table.empty() ? "source" : "table"] = decision.table.empty() ? decision.source : decision.table;
  if (!decision.partition.empty()) json["partition"] = decision.partition;
  if (decision.before)
    json["was"] = Json::array({decision.before->next, decision.before->next_byte, decision.before->identity});
  if (decision.next) json["next"] = *decision.next;
  json["reason"] = decision.reason;
  return json;
}

bool is_decision(const Json& json) {
  const auto is = [&](const char* key, auto check, bool required) {
    return json.contains(key) ? check(json[key]) : !required;
  };
  const auto integer = [](const Json& value) { return value.is_number_integer(); };
  const auto string = [](const Json& value) { return value.is_string(); };
  const auto position = [&](const Json& value) {
    return value.is_array() && value.size() == 3 && integer(value[0]) && integer(value[1]) && string(value[2]);
  };
  return json.is_object() && is("at", integer, true) && is("source", string, !json.contains("table")) &&
         is("table", string, false) && is("partition", string, false) && is("was", position, false) &&
         is("next", integer, false) && is("reason", string, true);
}

ProgressDecision decision_from_json(const Json& json) {
  ProgressDecision decision{.at_ms = json["at"].get<int64_t>(),
                            .table = json.value("table", ""),
                            .source = json.value("source", ""),
                            .partition = json.value("partition", ""),
                            .before = {},
                            .next = {},
                            .reason = json["reason"].get<std::string>()};
  if (json.contains("was")) {
    const Json& was = json["was"];
    decision.before = {
        .next = was[0].get<int64_t>(), .next_byte = was[1].get<int64_t>(), .identity = was[2].get<std::string>()};
  }
  if (json.contains("next")) decision.next = json["next"].get<int64_t>();
  return decision;
}

}  // namespace

std::string pipeline_property(std::string_view pipeline) {
  return "weir.pipeline." + std::string(pipeline);
}

std::string PipelineState::to_text() const {
  Json json = Json::object();
  json["v"] = kVersion;
  json["fence"] = fence_epoch;
  if (!commit_key.empty()) json["commit"] = commit_key;
  if (snapshot_id != 0) json["snapshot"] = snapshot_id;
  if (sequence_number != 0) json["sequence"] = sequence_number;
  json["progress"] = Json::parse(progress.to_text());
  json["tables"] = tables;
  if (!counts.empty()) json["counts"] = counts;
  for (const ProgressDecision& decision : decisions) json["decided"].push_back(decision_to_json(decision));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PipelineState> PipelineState::from_text(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto damaged = [] {
    return Error(ErrorKind::corrupt,
                 "the table's property of this pipeline is damaged; restore it from an older metadata file");
  };
  if (!json.is_object() || !json.contains("v") || !json["v"].is_number_integer()) return damaged();
  if (json["v"].get<int64_t>() != kVersion)
    return Error(ErrorKind::unsupported, "the table was written by a newer Weir; use that one");
  if (!json.contains("fence") || !json["fence"].is_number_integer() || !json.contains("progress")) return damaged();
  PipelineState state;
  state.fence_epoch = json["fence"].get<int64_t>();
  if (json.contains("commit")) {
    if (!json["commit"].is_string()) return damaged();
    state.commit_key = json["commit"].get<std::string>();
  }
  if (json.contains("snapshot")) {
    if (!json["snapshot"].is_number_integer()) return damaged();
    state.snapshot_id = json["snapshot"].get<int64_t>();
  }
  if (json.contains("sequence")) {
    if (!json["sequence"].is_number_integer()) return damaged();
    state.sequence_number = json["sequence"].get<int64_t>();
  }
  if (json.contains("tables")) {
    if (!json["tables"].is_object()) return damaged();
    for (const auto& [name, uuid] : json["tables"].items()) {
      if (!uuid.is_string()) return damaged();
      state.tables[name] = uuid.get<std::string>();
    }
  }
  if (json.contains("counts")) {
    if (!json["counts"].is_object()) return damaged();
    for (const auto& [name, value] : json["counts"].items()) {
      if (!value.is_number_integer()) return damaged();
      state.counts[name] = value.get<int64_t>();
    }
  }
  if (json.contains("decided")) {
    if (!json["decided"].is_array() || !std::all_of(json["decided"].begin(), json["decided"].end(), is_decision))
      return damaged();
    for (const Json& decision : json["decided"]) state.decisions.push_back(decision_from_json(decision));
  }
  WEIR_ASSIGN(state.progress, Progress::from_text(json["progress"].dump()));
  return state;
}

}  // namespace weir::lake
