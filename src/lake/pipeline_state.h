/// \file
/// What a table remembers of one pipeline, in the table property "weir.pipeline.NAME": the fence epoch, the progress,
/// and the last commit. docs/formats/table-properties.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/progress.h"

namespace weir::lake {

/// A value type.
struct PipelineState {
  int64_t fence_epoch = 0;
  std::string commit_key;   ///< idempotency key of the last commit that wrote `progress`; empty before the first
  int64_t snapshot_id = 0;  ///< the last snapshot of this pipeline in this table; 0 when it made none
  Progress progress;
  std::map<std::string, std::string> tables;  ///< all tables of the pipeline, by name, with their uuids

  std::string to_text() const;
  /// Errors: corrupt; unsupported for a newer version.
  static Result<PipelineState> from_text(std::string_view text);

  friend bool operator==(const PipelineState&, const PipelineState&) = default;
};

/// "weir.pipeline.NAME".
std::string pipeline_property(std::string_view pipeline);

}  // namespace weir::lake
