/// \file
/// What the tables of a pipeline remember of it, in their property "weir.pipeline.NAME": the lead all of it, the others
/// little. docs/formats/table-properties.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "event/outbox.h"
#include "event/progress.h"
#include "event/stored_object.h"

namespace weir::lake {

/// How often something happened, by name: "rule.NAME.broken".
using Counts = std::map<std::string, int64_t>;

/// A decision by hand: on one partition, what its progress was and what it became; that a table goes on as it is; or on
/// the state of the steps.
struct ProgressDecision {
  int64_t at_ms = 0;       ///< wall time
  std::string state = {};  ///< not empty: what became of the state; the fields up to `reason` are empty
  int64_t rejects = 0;     ///< not 0: a run might land so many, whatever its limit; the fields up to `reason` are empty
  std::string table;       ///< not empty: this table joined; the fields up to `reason` are then empty
  std::string source;      ///< of the partition
  std::string partition;   ///< empty: all files that the source had finished
  std::optional<PartitionProgress> before;  ///< nothing: it was read to its end
  std::optional<int64_t> next;              ///< nothing: forgotten, as if never read
  std::string reason;

  friend bool operator==(const ProgressDecision&, const ProgressDecision&) = default;
};

/// ProgressDecision::state when the steps begin without any.
inline constexpr char kStateForgotten[] = "forgotten";

inline constexpr size_t kDecisionsMax = 50;  ///< kept in the property; older ones are in older metadata files

/// The pipeline's last commit of rows to one table.
struct LastCommit {
  std::string key;              ///< commit key of the epoch; empty before the first
  int64_t snapshot_id = 0;      ///< 0 when it made none
  int64_t sequence_number = 0;  ///< of that snapshot; 0 when not known

  friend bool operator==(const LastCommit&, const LastCommit&) = default;
};

/// What the lead says of another table.
struct TableEntry {
  std::string uuid;
  LastCommit last;         ///< decided; the table itself says the same once it has rolled forward
  std::string before_key;  ///< what it says until then
  Counts counts;           ///< of epochs since then, for the table's next snapshot

  friend bool operator==(const TableEntry&, const TableEntry&) = default;
};

/// The two that are kept besides the newest, and the one that whoever commits removes next: it stays named until then,
/// so that a crash in between leaves nothing behind.
inline constexpr size_t kOlderStatesMax = 3;

/// The lead record: what the whole pipeline has decided. A value type.
struct LeadRecord {
  int64_t fence_epoch = 0;
  std::string uuid;          ///< of the lead table; empty in version 1
  std::string commit_key;    ///< of the last epoch or decision by hand; empty before the first
  int64_t commit_fence = 0;  ///< the fence epoch that it was committed under; 0 when not known
  LastCommit last;           ///< of the lead itself
  Progress progress;
  /// Where the progress lies when it is too large for the property. In the text `progress` is then what has moved
  /// since.
  std::optional<StoredObject> progress_at;
  std::optional<StoredObject> prepared;      ///< Prepared(N) of `commit_key`
  std::optional<StoredObject> state;         ///< state(N)
  std::vector<StoredObject> older_states;    ///< those before it, newest first, at most kOlderStatesMax
  std::map<std::string, TableEntry> tables;  ///< the other tables by name; in version 1 the lead is among them
  Counts counts;                             ///< of epochs that brought the lead no row, since its last snapshot
  int64_t epochs = 0;                        ///< that were decided so far
  FollowerRecords followers;                 ///< that epochs named so far
  std::vector<UnfollowedEpoch> unfollowed;   ///< oldest first
  std::vector<ProgressDecision> decisions;   ///< oldest first, at most kDecisionsMax
  bool is_version_1 = false;                 ///< of a release whose every table had all of it

  /// Version 2.
  std::string to_text() const;

  friend bool operator==(const LeadRecord&, const LeadRecord&) = default;
};

/// Puts `next` into `state`; what stood there becomes the newest of `older`. Done again it changes nothing.
void advance_state(const std::optional<StoredObject>& next, std::optional<StoredObject>& state,
                   std::vector<StoredObject>& older);

/// The same for followers: epoch `number`, prepared at `place`, brings them `outbox`.
void advance_followers(const Outbox& outbox, int64_t number, const StoredObject& place, FollowerRecords& followers,
                       std::vector<UnfollowedEpoch>& unfollowed);

/// What a table that is not the lead says.
struct TableMarker {
  std::string lead;       ///< name of the lead table
  std::string lead_uuid;  ///< and which one it is
  LastCommit last;

  std::string to_text() const;

  friend bool operator==(const TableMarker&, const TableMarker&) = default;
};

/// Nothing: the table knows nothing of the pipeline.
using PipelineProperty = std::variant<std::monostate, LeadRecord, TableMarker>;

/// Reads the property's value, of this version or the one before; empty text is nothing.
/// Errors: corrupt; unsupported for a newer version.
Result<PipelineProperty> pipeline_property_from_text(std::string_view text);

/// "weir.pipeline.NAME".
std::string pipeline_property_name(std::string_view pipeline);

}  // namespace weir::lake
