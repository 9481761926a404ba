#include "runtime/store/checkpoints.h"

#include <algorithm>
#include <set>
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
  std::vector<std::string> written;
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
      for (const state::PartReference& part : parts) written.push_back(part.name);
      manifest.parts.insert(manifest.parts.end(), parts.begin(), parts.end());
    }
  }
  if (manifest.steps.empty()) return std::optional<StoredObject>();
  WEIR_ASSIGN(const state::CheckpointReference reference, checkpoints_.put_manifest(name, manifest));
  written.push_back(reference.manifest);
  StoredObject place{.uri = checkpoints_.uri(reference.manifest),
                     .size_bytes = static_cast<int64_t>(reference.size_bytes),
                     .hash = reference.checksum};
  objects_[place.uri] = std::move(written);
  return std::optional(std::move(place));
}

void Checkpoints::retain(const std::optional<StoredObject>& newest, std::span<const StoredObject> older) {
  named_.assign(older.begin(), older.end());
  if (newest) named_.insert(named_.begin(), *newest);
  std::erase_if(objects_, [&](const auto& known) {
    return std::ranges::none_of(named_, [&](const StoredObject& place) { return place.uri == known.first; });
  });
  if (named_.size() <= state::kCheckpointsKept) return;
  std::vector<state::KeptCheckpoint> oldest_first;
  for (auto place = named_.rbegin(); place != named_.rend(); ++place) {
    const auto objects = objects_of(*place);
    if (!objects.ok()) return;  // another time
    oldest_first.push_back({.commit_key = place->uri, .objects = **objects});
  }
  std::set<std::string> removable;
  for (std::string& object : state::retain(oldest_first).removable) removable.insert(std::move(object));
  for (state::KeptCheckpoint& checkpoint : oldest_first) {  // a manifest after its parts: it names what is still there
    for (const std::string& object : checkpoint.objects) {
      if (removable.contains(object) && !remover_.remove(checkpoints_.uri(object)).ok()) return;
    }
  }
}

void Checkpoints::discard(const StoredObject& place) {
  if (std::ranges::find(named_, place) != named_.end()) return;
  const auto objects = objects_of(place);
  if (!objects.ok()) return;
  for (const std::string& object : **objects) {
    if (!remover_.remove(checkpoints_.uri(object)).ok()) return;
  }
}

/// What a checkpoint consists of: its parts, then its manifest. Nobody can read one whose manifest is lost: then there
/// is no more to it. Errors: those of the store.
Result<const std::vector<std::string>*> Checkpoints::objects_of(const StoredObject& place) {
  const auto known = objects_.find(place.uri);
  if (known != objects_.end()) return &known->second;
  std::vector<std::string> objects;
  const Result<state::CheckpointReference> reference = reference_below(folder_, place);
  if (reference.ok()) {
    const Result<state::Manifest> manifest = checkpoints_.load(*reference);
    const bool is_lost = !manifest.ok() && (manifest.error().kind() == ErrorKind::not_found ||
                                            manifest.error().kind() == ErrorKind::corrupt);
    if (!manifest.ok() && !is_lost) return manifest.error();
    if (manifest.ok())
      for (const state::PartReference& part : manifest->parts) objects.push_back(part.name);
    objects.push_back(reference->manifest);
  }
  return &(objects_[place.uri] = std::move(objects));
}

Result<state::Manifest> Checkpoints::load(const StoredObject& place) const {
  WEIR_ASSIGN(const state::CheckpointReference reference, reference_below(folder_, place));
  return checkpoints_.load(reference);
}

Result<state::CheckpointReference> reference_below(const std::string& folder, const StoredObject& place) {
  if (!place.uri.starts_with(folder + "/")) {
    return Error(ErrorKind::not_found, "it lies in '" + place.uri + "', which is not below '" + folder +
                                           "': set `state:` to the folder that it was written to");
  }
  return state::CheckpointReference{.manifest = place.uri.substr(folder.size() + 1),
                                    .size_bytes = static_cast<uint64_t>(place.size_bytes),
                                    .checksum = place.hash};
}

Error unusable_state(const Error& why) {
  const ErrorKind kind = why.kind();
  std::string message = "the state of the pipeline cannot be used: " + why.message();
  const bool is_lost = kind == ErrorKind::not_found || kind == ErrorKind::corrupt;
  if (!is_lost && kind != ErrorKind::unsupported) return Error(kind, std::move(message));
  message += is_lost ? ". Put the file back as it was and start again; or" : ". Start that program; or";
  message +=
      " go on from a savepoint of the same progress: `weir run PIPELINE.yaml --from SAVEPOINT`; or without state, "
      "which loses open windows and the memory of keys: `weir progress forget PIPELINE.yaml "
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
