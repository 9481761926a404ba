#include "lake/pipeline_state.h"

#include <nlohmann/json.hpp>

namespace weir::lake {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

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
  json["progress"] = Json::parse(progress.to_text());
  json["tables"] = tables;
  return json.dump();
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
  if (json.contains("tables")) {
    if (!json["tables"].is_object()) return damaged();
    for (const auto& [name, uuid] : json["tables"].items()) {
      if (!uuid.is_string()) return damaged();
      state.tables[name] = uuid.get<std::string>();
    }
  }
  WEIR_ASSIGN(state.progress, Progress::from_text(json["progress"].dump()));
  return state;
}

}  // namespace weir::lake
