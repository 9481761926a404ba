#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/civil_time.h"
#include "base/random.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/output/progress_text.h"
#include "lake/commit/pipeline_tables.h"
#include "planner/plan_diff.h"
#include "runtime/store/checkpoints.h"
#include "runtime/store/savepoint.h"
#include "state/checkpoint_store.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

/// A pipeline that runs removes what is older than its newest three checkpoints: then the newest is copied instead.
constexpr int kAttemptsMax = 5;

/// What was taken, with sums for people.
struct Taken {
  runtime::Savepoint savepoint;
  std::vector<std::string> steps;
  int64_t state_bytes = 0;
};

/// "20261130T094500Z-2ceee3": when, and of which commit.
std::string name_of(int64_t now_ms, const std::string& commit_key) {
  std::string name;
  for (const char c : format_datetime(now_ms / 1000 * kMicrosPerSecond)) {
    if (c != '-' && c != ':') name.push_back(c);
  }
  return name + "Z-" + commit_key.substr(commit_key.size() - std::min<size_t>(6, commit_key.size()));
}

Result<lake::LeadRecord> last_commit(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog) {
  WEIR_ASSIGN(const lake::PipelineTables tables,
              lake::look_at_tables(catalog, *environment.store, plan.pipeline, planner::target_tables(plan)));
  if (tables.record.commit_key.empty()) {
    return Error(ErrorKind::not_found,
                 "the pipeline '" + plan.pipeline + "' has not committed anything yet: there is nothing to save");
  }
  return tables.record;
}

Result<Taken> take(Environment& environment, const planner::Plan& plan, const lake::LeadRecord& record,
                   const std::string& folder) {
  const std::string root = file_uri(plan.state_directory, "/");
  std::optional<state::CheckpointReference> from;
  if (record.state) {
    WEIR_ASSIGN(from, runtime::reference_below(root, *record.state));
  }
  WEIR_TRY(runtime::write_savepoint(*environment.store, folder,
                                    {.pipeline = plan.pipeline,
                                     .commit_key = record.commit_key,
                                     .taken_at_ms = environment.clock.wall_ms(),
                                     .progress = record.progress,
                                     .state = {}},
                                    state::CheckpointStore(*environment.store, root), from,
                                    Uuid::random(environment.random).to_string().substr(0, 8)));
  Taken taken;
  WEIR_ASSIGN(taken.savepoint, runtime::read_savepoint(*environment.store, folder));
  if (!taken.savepoint.state) return taken;
  WEIR_ASSIGN(const state::Manifest manifest,
              state::CheckpointStore(*environment.store, folder).load(*taken.savepoint.state));
  for (const state::StepDescription& step : manifest.steps) taken.steps.push_back(step.name);
  for (const state::PartReference& part : manifest.parts) taken.state_bytes += static_cast<int64_t>(part.size_bytes);
  return taken;
}

void print(Environment& environment, const planner::Plan& plan, const std::string& path, const Taken& taken) {
  const runtime::Savepoint& savepoint = taken.savepoint;
  if (environment.json) {
    const Json output = {{"savepoint", path},
                         {"pipeline", savepoint.pipeline},
                         {"commit", savepoint.commit_key},
                         {"taken_at", format_datetime(savepoint.taken_at_ms * 1000) + "Z"},
                         {"steps", taken.steps},
                         {"state_bytes", taken.state_bytes},
                         {"progress", Json::parse(savepoint.progress.to_text())}};
    environment.console.out(output.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    return;
  }
  std::string steps;
  for (const std::string& step : taken.steps) steps += (steps.empty() ? "" : ", ") + step;
  const std::string progress = progress_line(savepoint.progress);
  environment.console.out(printable(path) + "\n");
  environment.console.err("progress: " + (progress.empty() ? std::string("none") : progress) + "\n" +
                          (steps.empty() ? std::string("no step has state\n")
                                         : "state of " + steps + ": " + format_bytes(taken.state_bytes) + "\n") +
                          "to begin from it: weir run " + printable(plan.file) + " --from " + printable(path) + "\n");
}

}  // namespace

int savepoint_command(Environment& environment, const SavepointArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return environment.plan_exit_code();
  const Result<std::unique_ptr<lake::Catalog>> catalog =
      environment.open_catalog(plan->catalog, lake::CatalogAccess::read);
  if (!catalog.ok()) return fail(environment, catalog.error());
  for (int attempt = 1;; ++attempt) {
    const Result<lake::LeadRecord> record = last_commit(environment, *plan, **catalog);
    if (!record.ok()) return fail(environment, record.error());
    std::string path = arguments.to;
    if (path.empty())
      path = plan->state_directory + "/savepoints/" + name_of(environment.clock.wall_ms(), record->commit_key);
    const Result<Taken> taken = take(environment, *plan, *record, file_uri(path, environment.working_directory));
    if (taken.ok()) {
      print(environment, *plan, planner::absolute_path(environment.working_directory, path), *taken);
      return kExitDone;
    }
    const bool may_have_moved_on = taken.error().kind() == ErrorKind::not_found && attempt < kAttemptsMax;
    if (may_have_moved_on) {
      const Result<lake::LeadRecord> now = last_commit(environment, *plan, **catalog);
      if (now.ok() && now->commit_key != record->commit_key) continue;
    }
    return fail(environment, taken.error());
  }
}

}  // namespace weir::cli
