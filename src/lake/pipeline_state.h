/// \file
/// What a table remembers of one pipeline, in the table property "weir.pipeline.NAME": the fence epoch, the progress,
/// and the last commit. docs/formats/table-properties.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/progress.h"

namespace weir::lake {

/// How often something happened, by name: "rule.NAME.broken".
using Counts = std::map<std::string, int64_t>;

/// A decision by hand: on one partition, what its progress was and what it became; or that a table goes on at the
/// progress of the others.
struct ProgressDecision {
  int64_t at_ms = 0;                        ///< wall time
  std::string table;                        ///< not empty: this table joined; the fields up to `reason` are then empty
  std::string source;                       ///< of the partition
  std::string partition;                    ///< empty: all files that the source had finished
  std::optional<PartitionProgress> before;  ///< nothing: it was read to its end
  std::optional<int64_t> next;              ///< nothing: forgotten, as if never read
  std::string reason;

  friend bool operator==(const ProgressDecision&, const ProgressDecision&) = default;
};

inline constexpr size_t kDecisionsMax = 50;  ///< kept in the property; older ones are in older metadata files

/// A value type.
struct PipelineState {
  int64_t fence_epoch = 0;
  std::string commit_key;       ///< idempotency key of the last commit that wrote `progress`; empty before the first
  int64_t snapshot_id = 0;      ///< the last snapshot of this pipeline in this table; 0 when it made none
  int64_t sequence_number = 0;  ///< of that snapshot; 0 when not known
  Progress progress;
  std::map<std::string, std::string> tables;  ///< all tables of the pipeline, by name, with their uuids
  /// Counts of epochs that brought no row, since the last snapshot: they go into the next one's summary.
  Counts counts;
  std::vector<ProgressDecision> decisions;  ///< oldest first, at most kDecisionsMax

  std::string to_text() const;
  /// Errors: corrupt; unsupported for a newer version.
  static Result<PipelineState> from_text(std::string_view text);

  friend bool operator==(const PipelineState&, const PipelineState&) = default;
};

/// "weir.pipeline.NAME".
std::string pipeline_property(std::string_view pipeline);

}  // namespace weir::lake
