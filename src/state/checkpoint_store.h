/// \file
/// Where checkpoints lie: immutable objects in the pipeline's store. Nothing here can delete one (exactly-once.md rule
/// 6), and nothing is found by listing: the lead record names the manifest.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/manifest.h"
#include "state/part.h"
#include "storage/object_store.h"

namespace weir::state {

/// How the lead record, Prepared or a savepoint names a checkpoint.
struct CheckpointReference {
  std::string manifest;  ///< name below the store's root
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;  ///< hash64 of the manifest's bytes

  friend bool operator==(const CheckpointReference&, const CheckpointReference&) = default;
};

/// Who writes: names of objects are made of this and a counter, so that no two writers ever meet.
struct CheckpointName {
  std::string commit_key;
  std::string writer;  ///< unique to the process and attempt: fence epoch and a token
};

/// Thread-safe as far as the object store is. `store` outlives it.
class CheckpointStore {
 public:
  /// `root` is a URI without a '/' at its end; objects lie below `root`/state.
  CheckpointStore(ObjectStore& store, std::string root) : store_(store), root_(std::move(root)) {}

  /// Writes what a task's tables held at the barrier, durably. To be called off the task's thread. Errors: those of the
  /// store; what was written until then is an orphan that no manifest names.
  Result<std::vector<PartReference>> put_parts(const CheckpointName& name, const std::string& step, uint32_t step_index,
                                               TaskPlace place, FrozenTables tables) const;
  /// Writes the manifest, once all parts are durable. From its return on the checkpoint exists.
  Result<CheckpointReference> put_manifest(const CheckpointName& name, const Manifest& manifest) const;

  /// Copies the checkpoint `manifest` of `from`, every byte of it checked, to objects of the name `name`. One part at a
  /// time. Errors: as load_part() and put_manifest(), corrupt for a damaged section.
  Result<CheckpointReference> copy(const CheckpointStore& from, Manifest manifest, const CheckpointName& name) const;

  /// Errors, which name the object: not_found, corrupt (size or checksum differ from the reference), unsupported (of a
  /// newer version); those of the store.
  Result<Manifest> load(const CheckpointReference& reference) const;
  Result<std::string> load_part(const PartReference& part) const;

  std::string uri(const std::string& name) const { return root_ + "/" + name; }

 private:
  ObjectStore& store_;
  std::string root_;
};

}  // namespace weir::state
