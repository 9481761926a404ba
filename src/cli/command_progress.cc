#include <nlohmann/json.hpp>

#include "base/civil_time.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "lake/commit.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::vector<lake::TargetTable> targets_of(const planner::Plan& plan) {
  std::vector<lake::TargetTable> targets;
  for (const planner::PlannedSink& sink : plan.sinks)
    targets.push_back({.sink = sink.name, .table = sink.definition.table, .is_dead_letter = false});
  targets.push_back(
      {.sink = std::string(planner::kDeadLetterSink), .table = plan.dead_letter.table, .is_dead_letter = true});
  return targets;
}

std::string position_text(const std::optional<PartitionProgress>& position) {
  if (!position) return "read to its end";
  return "at " + std::to_string(position->next) + (position->identity.empty() ? "" : " of " + position->identity);
}

std::string decision_text(const lake::ProgressDecision& decision) {
  const std::string what = decision.partition.empty() ? "all finished files" : decision.partition;
  return what + " was " + position_text(decision.before) +
         (decision.next ? ", goes on at " + std::to_string(*decision.next) : std::string(", is forgotten"));
}

Json state_json(const lake::PipelineState& state) {
  return Json::parse(state.to_text());
}

std::string state_text(const planner::Plan& plan, const lake::PipelineState& state) {
  std::string text = "pipeline " + plan.pipeline + ", fence epoch " + std::to_string(state.fence_epoch) + "\n";
  for (const auto& [name, source] : state.progress.sources) {
    text += "source " + name + (source.identity.empty() ? "" : " of " + source.identity) + "\n";
    Rows rows = {{"partition", "next", "identity"}};
    for (const auto& [partition, progress] : source.partitions)
      rows.push_back({partition, std::to_string(progress.next), progress.identity});
    if (rows.size() > 1) text += format_table(rows);
    if (!source.finished.empty())
      text += format_count(static_cast<int64_t>(source.finished.size())) + " files read to their end\n";
  }
  if (state.progress.empty()) text += "no progress: the next run begins as the sources say\n";
  if (!state.decisions.empty()) text += "decided by hand\n";
  for (const lake::ProgressDecision& decision : state.decisions) {
    text += "  " + format_datetime(decision.at_ms * 1000) + "Z  " + decision.source + ": " + decision_text(decision) +
            ". " + decision.reason + "\n";
  }
  return text;
}

int show(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog) {
  const Result<lake::LoadedTable> loaded = catalog.load(plan.sinks.front().definition.table);
  if (!loaded.ok()) return fail(environment, loaded.error());
  const Result<lake::PipelineState> state = lake::pipeline_state_of(*loaded->metadata, plan.pipeline);
  if (!state.ok()) return fail(environment, state.error());
  environment.console.out(environment.json ? state_json(*state).dump() + "\n" : state_text(plan, *state));
  return kExitDone;
}

/// What the arguments ask for. Errors: invalid_argument, for those that do not go together.
Result<lake::ProgressOverride> wanted(const ProgressArguments& arguments, const planner::Plan& plan) {
  const auto invalid = [](std::string message) { return Error(ErrorKind::invalid_argument, std::move(message)); };
  if (arguments.action == "set" && !arguments.next) return invalid("set: --next OFFSET is missing");
  if (arguments.action == "forget" && arguments.next) return invalid("forget takes no --next; is 'set' meant?");
  if (arguments.partitions.empty() != arguments.all) return invalid("name partitions with --partition, or give --all");
  if (arguments.source.empty() && plan.sources.size() > 1)
    return invalid("the pipeline has several sources: name one with --source");
  return lake::ProgressOverride{.source = arguments.source.empty() ? plan.sources.front().name : arguments.source,
                                .partitions = arguments.partitions,
                                .next = arguments.next,
                                .reason = arguments.reason};
}

int change(Environment& environment, const ProgressArguments& arguments, const planner::Plan& plan,
           lake::Catalog& catalog) {
  const Result<lake::ProgressOverride> override = wanted(arguments, plan);
  if (!override.ok()) return fail(environment, override.error());
  std::vector<lake::TargetTable> targets = targets_of(plan);
  if (const Result<void> complete = lake::check_tables_complete(catalog, plan.pipeline, targets); !complete.ok())
    return fail(environment, complete.error());
  lake::PipelineCommitter committer(plan.pipeline, std::move(targets), catalog, *environment.store, environment.clock,
                                    environment.random);
  const Result<std::vector<lake::ProgressDecision>> decisions = committer.override_progress(*override);
  if (!decisions.ok()) return fail(environment, decisions.error());
  if (environment.json) return show(environment, plan, catalog);
  for (const lake::ProgressDecision& decision : *decisions)
    environment.console.out(decision.source + ": " + decision_text(decision) + "\n");
  environment.console.out("remembered in the tables; a process that ran is fenced. Start the pipeline again.\n");
  return kExitDone;
}

}  // namespace

int progress_command(Environment& environment, const ProgressArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return kExitUsage;
  lake::SqliteCatalogOptions options = plan->catalog;
  options.create_if_missing = false;
  const Result<std::unique_ptr<lake::Catalog>> catalog = environment.open_catalog(options);
  if (!catalog.ok()) return fail(environment, catalog.error());
  return arguments.action == "show" ? show(environment, *plan, **catalog)
                                    : change(environment, arguments, *plan, **catalog);
}

}  // namespace weir::cli
