#include "cli/manual_commit.h"

#include <algorithm>

#include "planner/plan_diff.h"

namespace weir::cli {

lake::PipelineCommitter committer_of(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog) {
  return {{.pipeline = plan.pipeline,
           .targets = planner::target_tables(plan),
           .keep_snapshots = 0,
           .store_folder = file_uri(plan.state_directory, "/")},
          catalog,
          *environment.store,
          environment.clock,
          environment.random};
}

Result<void> make_missing_tables(const std::vector<lake::TableIdentifier>& tables, const planner::Plan& plan,
                                 lake::Catalog& catalog) {
  std::vector<lake::TableDefinition> definitions = {plan.dead_letter};
  for (const planner::PlannedSink& sink : plan.sinks) definitions.push_back(sink.definition);
  for (const lake::TableDefinition& definition : definitions) {
    if (std::find(tables.begin(), tables.end(), definition.table) == tables.end()) continue;
    const Result<lake::LoadedTable> there = catalog.load(definition.table);
    if (there.ok()) continue;
    if (there.error().kind() != ErrorKind::not_found) return there.error();
    WEIR_TRY(catalog.create(definition));
  }
  return {};
}

Result<void> accept_rejects(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog,
                            int64_t rejects) {
  const std::vector<lake::TargetTable> targets = planner::target_tables(plan);
  WEIR_TRY(lake::check_tables(catalog, *environment.store, plan.pipeline, targets));
  std::vector<lake::TableIdentifier> names;
  names.reserve(targets.size());
  for (const lake::TargetTable& target : targets) names.push_back(target.table);
  WEIR_TRY(make_missing_tables(names, plan, catalog));
  WEIR_TRY(committer_of(environment, plan, catalog).accept_rejects(rejects, "weir run --accept-rejects"));
  return {};
}

}  // namespace weir::cli
