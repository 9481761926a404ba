/// \file
/// How a pipeline goes on where a position can no longer be read: an operator's explicit word, remembered in the tables
/// (exactly-once.md rule 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/progress.h"
#include "lake/commit/lead_record.h"

namespace weir::lake {

/// What the operator wants.
struct ProgressOverride {
  std::string source;
  std::vector<std::string> partitions;  ///< "topic/3", or the path of a file; none: all that the source ever had
  std::optional<int64_t> next;          ///< go on at this offset; nothing: forget, as if never read
  std::string reason;
};

/// Checks the reason of a decision by hand, which is kept in the tables' properties. Errors: invalid_argument when it
/// is empty or not UTF-8.
Result<void> check_reason(const std::string& reason);

/// Changes `progress` and returns what was changed, one entry a partition; `at_ms` is wall time. Pure.
/// Errors: not_found, with the nearest name; invalid_argument for an offset without partitions, a negative one, one for
/// a finished file, or as check_reason().
Result<std::vector<ProgressDecision>> override_progress(const ProgressOverride& wanted, int64_t at_ms,
                                                        Progress& progress);

}  // namespace weir::lake
