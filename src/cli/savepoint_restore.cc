#include "cli/savepoint_restore.h"

#include "base/random.h"
#include "cli/manual_commit.h"
#include "lake/commit/savepoint_check.h"
#include "planner/plan_diff.h"
#include "planner/state_tables.h"
#include "runtime/store/checkpoints.h"
#include "state/checkpoint_store.h"

namespace weir::cli {
namespace {

/// The state of the savepoint in the pipeline's own store: what is kept there comes and goes, the savepoint stays.
Result<StoredObject> import_state(Environment& environment, const planner::Plan& plan,
                                  const state::CheckpointStore& savepoint, state::Manifest manifest) {
  const std::string root = file_uri(plan.state_directory, "/");
  const state::CheckpointStore own(*environment.store, root);
  const std::string writer = Uuid::random(environment.random).to_string().substr(0, 8);
  manifest.pipeline = plan.pipeline;
  WEIR_ASSIGN(const state::CheckpointReference copy,
              own.copy(savepoint, manifest, {.commit_key = manifest.commit_key, .writer = writer}));
  return StoredObject{
      .uri = own.uri(copy.manifest), .size_bytes = static_cast<int64_t>(copy.size_bytes), .hash = copy.checksum};
}

}  // namespace

Result<runtime::Savepoint> restore_savepoint(Environment& environment, const planner::Plan& plan,
                                             lake::Catalog& catalog, const std::string& folder) {
  const std::string root = file_uri(folder, environment.working_directory);
  WEIR_ASSIGN(runtime::Savepoint savepoint, runtime::read_savepoint(*environment.store, root));
  const state::CheckpointStore copies(*environment.store, root);
  state::Manifest manifest;
  if (savepoint.state) {
    WEIR_ASSIGN(manifest, copies.load(*savepoint.state));
    WEIR_ASSIGN(const std::vector<state::StepTables> steps, planner::state_tables(plan));
    WEIR_TRY(runtime::require_restorable(manifest, steps));
  }
  const std::vector<lake::TargetTable> targets = planner::target_tables(plan);
  lake::SavepointOverride wanted{.place = root,
                                 .pipeline = savepoint.pipeline,
                                 .progress = savepoint.progress,
                                 .state = {},
                                 .reason = "weir run --from"};
  WEIR_ASSIGN(const lake::PipelineTables tables,
              lake::check_tables(catalog, *environment.store, plan.pipeline, targets));
  WEIR_TRY(lake::check_savepoint(tables, wanted));
  std::vector<lake::TableIdentifier> names;
  names.reserve(targets.size());
  for (const lake::TargetTable& target : targets) names.push_back(target.table);
  WEIR_TRY(make_missing_tables(names, plan, catalog));
  if (savepoint.state) {
    WEIR_ASSIGN(wanted.state, import_state(environment, plan, copies, std::move(manifest)));
  }
  WEIR_TRY(committer_of(environment, plan, catalog).restore(wanted));
  return savepoint;
}

}  // namespace weir::cli
