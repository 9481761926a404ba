/// \file
/// Partition fields as the pipeline file writes them: "day(ts)", "bucket(16, origin)", "origin".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/schema.h"
#include "iceberg/partition/partition_spec.h"

namespace weir::iceberg {

/// Parses one field over the columns of `schema`; its name is what Iceberg's libraries would give it. The field id
/// stays 0. Errors: invalid_argument, with the nearest column or transform.
Result<PartitionField> parse_partition_field(std::string_view text, const Schema& schema);

/// "day(ts)" for a field of a table.
std::string partition_field_text(const PartitionField& field, const Schema& schema);

}  // namespace weir::iceberg
