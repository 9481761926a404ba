/// \file
/// What the pipeline has decided, as the table that leads says.
#pragma once

#include <optional>
#include <string>

#include "lake/commit/lead_record.h"
#include "lake/tests/memory_catalog.h"

namespace weir::simulation {

/// Whoever looks on asks it often: it reads the record again when the lead has changed.
class LeadView {
 public:
  /// `catalog` outlives it.
  explicit LeadView(lake::MemoryCatalog& catalog) : catalog_(catalog) {}

  /// Empty while there is no lead. Valid until the next call.
  const lake::LeadRecord& record();
  /// Where `partition` is to be gone on from.
  std::optional<PartitionProgress> progress_of(int partition);

 private:
  lake::MemoryCatalog& catalog_;
  std::string location_;  ///< of the metadata that `record_` is of
  lake::LeadRecord record_;
};

}  // namespace weir::simulation
