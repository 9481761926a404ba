#include "runtime/checkpoints.h"

#include <algorithm>
#include <utility>

#include "state/retention.h"

namespace weir::runtime {
namespace {

const state::StateTableSpec& spec_of(const state::FrozenTable& table) {
  return table.spec();
}
const state::StateTableSpec& spec_of(const state::FrozenList& list) {
  return list.spec;
}

state::StepDescription description_of(const FrozenStep& step, uint32_t tasks) {
  state::StepDescription description{.name = step.step, .tasks = tasks, .tables = {}};
  for (const auto& table : step.tables) {
    description.tables.push_back(
        std::visit([](const auto& frozen) { return state::TableDescription::of(spec_of(frozen)); }, table));
  }
  return description;
}

}  // namespace

Checkpoints::Checkpoints(ObjectStore& store, ObjectRemover& remover, std::string folder, std::string pipeline,
                         RandomSource& random)
    : remover_(remover),
      folder_(std::move(folder)),
      pipeline_(std::move(pipeline)),
      writer_(Uuid::random(random).to_string().substr(0, 8)),
      checkpoints_(store, folder_) {}

Result<std::optional<StoredObject>> Checkpoints::write(const std::string& commit_key, std::vector<FrozenTask> tasks) {
  const state::CheckpointName name{.commit_key = commit_key, .writer = writer_};
  state::Manifest manifest{.pipeline = pipeline_, .commit_key = commit_key, .steps = {}, .parts = {}};
  written_.clear();
  for (FrozenTask& task : tasks) {
    for (FrozenStep& step : task.steps) {
      auto known = std::find_if(manifest.steps.begin(), manifest.steps.end(),
                                [&](const state::StepDescription& one) { return one.name == step.step; });
      if (known == manifest.steps.end()) {
        manifest.steps.push_back(description_of(step, task.place.tasks));
        known = std::prev(manifest.steps.end());
      }
      const auto index = static_cast<uint32_t>(known - manifest.steps.begin());
      WEIR_ASSIGN(const std::vector<state::PartReference> parts,
                  checkpoints_.put_parts(name, step.step, index, task.place, std::move(step.tables)));
      for (const state::PartReference& part : parts) written_.push_back(part.name);
      manifest.parts.insert(manifest.parts.end(), parts.begin(), parts.end());
    }
  }
  if (manifest.steps.empty()) return std::optional<StoredObject>();
  WEIR_ASSIGN(const state::CheckpointReference reference, checkpoints_.put_manifest(name, manifest));
  written_.push_back(reference.manifest);
  return std::optional(StoredObject{.uri = folder_ + "/" + reference.manifest,
                                    .size_bytes = static_cast<int64_t>(reference.size_bytes),
                                    .hash = reference.checksum});
}

void Checkpoints::decided() {
  if (written_.empty()) return;
  decided_.push_back(std::exchange(written_, {}));
  if (decided_.size() <= state::kCheckpointsKept) return;
  for (const std::string& object : decided_.front()) (void)remover_.remove(folder_ + "/" + object);
  decided_.pop_front();
}

Result<state::Manifest> Checkpoints::load(const StoredObject& place) const {
  if (!place.uri.starts_with(folder_ + "/")) {
    return Error(ErrorKind::not_found, "it lies in '" + place.uri + "', which is not below '" + folder_ +
                                           "': set `state:` to the folder that it was written to");
  }
  return checkpoints_.load({.manifest = place.uri.substr(folder_.size() + 1),
                            .size_bytes = static_cast<uint64_t>(place.size_bytes),
                            .checksum = place.hash});
}

Error unusable_state(Error why) {
  const ErrorKind kind = why.kind();
  std::string message = "the state of the pipeline cannot be used: " + why.message();
  const bool is_lost = kind == ErrorKind::not_found || kind == ErrorKind::corrupt;
  if (!is_lost && kind != ErrorKind::unsupported) return Error(kind, std::move(message));
  message += is_lost ? ". Put the file back as it was and start again; or" : ". Start that program; or";
  message +=
      " go on without state, which loses open windows and the memory of keys: `weir progress forget PIPELINE.yaml "
      "--state --reason TEXT`";
  return Error(kind, std::move(message));
}

Result<void> require_restorable(const state::Manifest& manifest, std::span<const state::StepTables> steps) {
  std::string refused;
  for (const state::MatchedTable& table : state::match_state(manifest, steps)) {
    if (table.match != state::TableMatch::refused) continue;
    refused += (refused.empty() ? "" : "; ") + ("step '" + table.step + "', table '" + table.table + "': " + table.why);
  }
  if (refused.empty()) return {};
  return Error(ErrorKind::invalid_argument,
               "the state of the pipeline cannot go on with the steps as they are now: " + refused +
                   ". Put the step back as it was, or give it another name: it then begins without state");
}

}  // namespace weir::runtime
