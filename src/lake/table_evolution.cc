#include "lake/table_evolution.h"

#include <algorithm>

#include "base/fault.h"

namespace weir::lake {
namespace {

/// Another process changes a schema once; more refusals than this have another reason.
constexpr int kEvolveAttemptsMax = 8;

/// The same for the same change of the same table, so that a file of an attempt is written once.
std::string request_key(const LoadedTable& table, const iceberg::SchemaEvolution& evolution) {
  return "schema." + table.metadata->table_uuid + "." + std::to_string(table.metadata->current_schema_id) + "." +
         std::to_string(evolution.schema->schema_id()) + "." + table.metadata_location;
}

}  // namespace

Result<iceberg::SchemaEvolution> plan_evolution(const LoadedTable& table, const Schema& wanted,
                                                const iceberg::EvolutionRules& rules) {
  iceberg::SchemaEvolution evolution = iceberg::evolve_schema(wanted, *table.metadata, rules);
  if (evolution.refused.empty()) return evolution;
  std::string message = "table '" + table.table.to_string() + "' does not fit the pipeline: ";
  for (size_t i = 0; i < evolution.refused.size(); ++i)
    message += (i == 0 ? "'" : "; '") + evolution.refused[i].path + "' " + evolution.refused[i].text;
  return Error(ErrorKind::invalid_argument, std::move(message));
}

Result<EvolvedTable> evolve_table(Catalog& catalog, LoadedTable table, const Schema& wanted,
                                  const iceberg::EvolutionRules& rules) {
  EvolvedTable evolved{.table = std::move(table), .changes = {}};
  for (int attempt = 0; attempt < kEvolveAttemptsMax; ++attempt) {
    WEIR_ASSIGN(iceberg::SchemaEvolution evolution, plan_evolution(evolved.table, wanted, rules));
    if (evolution.changes.empty()) return evolved;
    const std::vector<TableChange> changes = {
        {.base = evolved.table, .requirements = evolution.requirements, .updates = evolution.updates}};
    WEIR_TRY(fault_point("schema.before_commit"));
    WEIR_ASSIGN(const CommitOutcome outcome, catalog.commit(changes, request_key(evolved.table, evolution)));
    WEIR_TRY(fault_point("schema.after_commit"));
    if (outcome == CommitOutcome::applied)
      std::move(evolution.changes.begin(), evolution.changes.end(), std::back_inserter(evolved.changes));
    WEIR_ASSIGN(evolved.table, catalog.load(evolved.table.table));
  }
  return Error(ErrorKind::unavailable, "the catalog does not say whether the schema of table '" +
                                           evolved.table.table.to_string() + "' was changed");
}

}  // namespace weir::lake
