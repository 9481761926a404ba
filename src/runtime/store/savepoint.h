/// \file
/// Savepoints: copies of a checkpoint with the progress that belongs to it, in a folder of their own. A run can begin
/// from one; nothing removes it but people. docs/formats/state.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/progress.h"
#include "event/stored_object.h"
#include "state/checkpoint_store.h"
#include "storage/object_store.h"

namespace weir::runtime {

/// What a savepoint says of itself. A value type.
struct Savepoint {
  std::string pipeline;    ///< that it was taken of
  std::string commit_key;  ///< of the epoch at whose end it was taken
  int64_t taken_at_ms = 0;
  Progress progress;
  std::optional<state::CheckpointReference> state;  ///< below the savepoint's folder; nothing without stateful steps

  std::string to_bytes() const;
  /// Errors: corrupt; unsupported for a newer version.
  static Result<Savepoint> from_bytes(std::string_view bytes);

  friend bool operator==(const Savepoint&, const Savepoint&) = default;
};

/// Copies the checkpoint that `from` names in `checkpoints`, every byte of it checked, to the folder `folder` (a URI
/// without a slash at the end), then writes `savepoint` there with it: from then on it exists. Errors: already_exists
/// when there is a savepoint; not_found, corrupt, unsupported when the checkpoint cannot be read (not_found too when
/// its pipeline runs and has removed it meanwhile); those of the store. What was written until then is named by
/// nothing.
Result<void> write_savepoint(ObjectStore& store, const std::string& folder, Savepoint savepoint,
                             const state::CheckpointStore& checkpoints,
                             const std::optional<state::CheckpointReference>& from, const std::string& writer);

/// Errors: not_found when there is none, corrupt, unsupported, those of the store; the message names the object.
Result<Savepoint> read_savepoint(ObjectStore& store, const std::string& folder);

}  // namespace weir::runtime
