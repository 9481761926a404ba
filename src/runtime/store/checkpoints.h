/// \file
/// The state of all tasks, in the pipeline's store: written under the commit key of its epoch, read at the start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "dataflow/task_state.h"
#include "event/stored_object.h"
#include "state/checkpoint_store.h"
#include "state/restore.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::runtime {

/// What one task held at a barrier.
struct FrozenTask {
  state::TaskPlace place;
  std::vector<FrozenStep> steps;
};

/// One thread at a time. It removes only what a record has named and names no more, or what was prepared and is void;
/// it never lists.
class Checkpoints {
 public:
  /// `folder` is the URI of the pipeline's store, without a slash at the end. `store` and `remover` outlive it.
  /// `random` draws the part of names that keeps two processes apart.
  Checkpoints(ObjectStore& store, ObjectRemover& remover, std::string folder, std::string pipeline,
              RandomSource& random);

  /// Writes the checkpoint of an epoch durably; nothing when no task has state. Errors: those of the store; what was
  /// written until then is never named.
  Result<std::optional<StoredObject>> write(const std::string& commit_key, std::vector<FrozenTask> tasks);

  /// Keeps what the lead's record names, `newest` and `older` (newest first), as it stands decided under this process's
  /// fence: of these the newest three stay, objects that only the others have are removed. Whoever wrote them, and
  /// again where a crash came in between. A failure leaves an orphan.
  void retain(const std::optional<StoredObject>& newest, std::span<const StoredObject> older);

  /// Removes a checkpoint that an epoch had prepared which is void. One that retain() was told of stays.
  void discard(const StoredObject& place);

  /// Reads what a record names. Errors: not_found, corrupt: the state is missing or damaged.
  Result<state::Manifest> load(const StoredObject& place) const;
  const state::CheckpointStore& store() const { return checkpoints_; }

 private:
  Result<const std::vector<std::string>*> objects_of(const StoredObject& place);

  ObjectRemover& remover_;
  std::string folder_;
  std::string pipeline_;
  std::string writer_;
  state::CheckpointStore checkpoints_;
  std::vector<StoredObject> named_;                          ///< by the record, newest first
  std::map<std::string, std::vector<std::string>> objects_;  ///< parts, then the manifest; by the manifest's URI
};

/// How the checkpoint at `place` is named in the store below the URI `folder`. Errors: not_found when it lies
/// elsewhere, with the setting that says where. A pure function.
Result<state::CheckpointReference> reference_below(const std::string& folder, const StoredObject& place);

/// What is to be said when a checkpoint that a record names cannot be used: `why`, and the ways on where it is missing,
/// damaged or of a newer version. A pure function.
Error unusable_state(const Error& why);

/// Checks that the steps of a pipeline can go on from `manifest`. Errors: invalid_argument, naming each table that
/// cannot be read and why. A pure function.
Result<void> require_restorable(const state::Manifest& manifest, std::span<const state::StepTables> steps);

}  // namespace weir::runtime
