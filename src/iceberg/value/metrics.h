/// \file
/// Column metrics of a data file, made of what its writer counted: counts and bounds by field id (Iceberg
/// specification, "Manifests"; modes as the table properties write.metadata.metrics.* name them).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "columnar/column_statistics.h"
#include "columnar/schema.h"
#include "iceberg/manifest/data_file.h"
#include "iceberg/metadata/snapshot.h"

namespace weir::iceberg {

enum class MetricsMode : uint8_t {
  none,
  counts,    ///< no bounds
  truncate,  ///< bounds; those of string, binary and fixed cut to a length
  full,
};

/// What is gathered of one column.
struct ColumnMetricsMode {
  MetricsMode mode = MetricsMode::truncate;
  int32_t length = 16;  ///< truncate: code points of a string, bytes of binary and fixed

  /// Parses "none", "counts", "full", "truncate(16)"; false for other text.
  static bool parse(std::string_view text, ColumnMetricsMode& mode);
  friend bool operator==(const ColumnMetricsMode&, const ColumnMetricsMode&) = default;
};

/// The mode of each primitive column that is not inside a list or map, by field id.
/// write.metadata.metrics.column.<path> counts before write.metadata.metrics.default, and that before truncate(16),
/// which holds for the first write.metadata.metrics.max-inferred-column-defaults (100) columns only. Text that is no
/// mode counts as not given.
IdMap<ColumnMetricsMode> metrics_modes(const Schema& schema, const StringMap& properties);

/// By field id. Columns inside lists and maps have no entries, columns without a value (or with NaN only) no bounds.
struct ColumnMetrics {
  IdMap<int64_t> value_counts = {};  ///< nulls and NaNs included
  IdMap<int64_t> null_value_counts = {};
  IdMap<int64_t> nan_value_counts = {};  ///< float and double only
  IdMap<std::string> lower_bounds = {};  ///< value_to_bytes
  IdMap<std::string> upper_bounds = {};

  /// Moves everything into `file`; column_sizes stay as they are.
  void move_to(DataFile& file) &&;
};

/// The metrics of a file whose writer counted: of each column in `statistics` what the table's properties ask for.
/// Columns that they do not ask for, or that are not in `schema`, get no entries.
ColumnMetrics metrics_of(const Schema& schema, const StringMap& properties,
                         std::span<const ColumnStatistics> statistics);

/// How many bytes of the bounds of strings, binary and fixed metrics_of() needs to see.
size_t bound_bytes_needed(const Schema& schema, const StringMap& properties);

}  // namespace weir::iceberg
