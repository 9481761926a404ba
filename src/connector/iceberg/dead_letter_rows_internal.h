/// \file
/// Rejects as rows of the dead-letter table.
#pragma once

#include <string>

#include "columnar/batch.h"
#include "dataflow/operator.h"
#include "event/partition_names.h"

namespace weir::connector {

/// What all rows of one call have in common.
struct DeadLetterOrigin {
  std::string pipeline;
  std::string source;
  std::string contract;  ///< "name version"
};

/// One row a reject, in the columns of dead_letter_schema(). The raw bytes are copied.
Batch dead_letter_rows(const Rejects& rejects, const DeadLetterOrigin& origin, const PartitionNames& partitions);

}  // namespace weir::connector
