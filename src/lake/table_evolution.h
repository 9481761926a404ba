/// \file
/// A table's schema brought to what a pipeline writes, by a commit of its own.
#pragma once

#include <vector>

#include "base/result.h"
#include "iceberg/schema/schema_evolution.h"
#include "lake/catalog/catalog.h"

namespace weir::lake {

/// Says what evolve_table() would do. Errors: invalid_argument where it would refuse, naming every column at fault.
Result<iceberg::SchemaEvolution> plan_evolution(const LoadedTable& table, const Schema& wanted,
                                                const iceberg::EvolutionRules& rules);

struct EvolvedTable {
  LoadedTable table;                           ///< as it is now
  std::vector<iceberg::SchemaChange> changes;  ///< that this call made; those of another process are not here
};

/// Changes the schema of `table` as iceberg::evolve_schema() says, in one commit that adds no snapshot and that the
/// catalog refuses when the schema has moved on. Then, and when it does not answer, the table is loaded and judged
/// again: whoever comes second finds nothing left to do. Commits nothing when there is nothing to change.
///
/// No rows are at stake, so that a process that is no longer the pipeline's may do it too. Thread rule: the catalog's.
/// Errors: invalid_argument as plan_evolution(); unavailable when the catalog does not answer again and again; those of
/// Catalog.
Result<EvolvedTable> evolve_table(Catalog& catalog, LoadedTable table, const Schema& wanted,
                                  const iceberg::EvolutionRules& rules);

}  // namespace weir::lake
