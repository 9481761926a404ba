#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/civil_time.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/manual_commit.h"
#include "lake/commit/pipeline_committer.h"
#include "planner/plan_diff.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::string position_text(const std::optional<PartitionProgress>& position) {
  if (!position) return "read to its end";
  return "at " + std::to_string(position->next) +
         (position->identity.empty() ? "" : " of " + printable(position->identity));
}

std::string decision_text(const lake::ProgressDecision& decision) {
  if (decision.state == lake::kStateForgotten) return "what the steps remember is forgotten";
  if (!decision.state.empty()) return "what the steps remember is that of the savepoint " + printable(decision.state);
  if (decision.rejects != 0)
    return "a run may land " + counted(decision.rejects, "reject") + ", whatever reject_limit says";
  if (!decision.table.empty()) return "table " + decision.table + " continues as it is";
  const std::string what = decision.partition.empty() ? "every finished file" : decision.partition;
  return printable(decision.source) + ": " + printable(what) + " was " + position_text(decision.before) +
         (decision.next ? ", continues at " + std::to_string(*decision.next) : std::string(", is forgotten"));
}

/// With the progress, wherever it lies.
Json state_json(lake::LeadRecord state) {
  state.progress_at.reset();
  return Json::parse(state.to_text());
}

std::string state_text(const planner::Plan& plan, const lake::LeadRecord& state) {
  std::string text = "pipeline " + plan.pipeline + ", fence epoch " + std::to_string(state.fence_epoch) + "\n";
  for (const auto& [name, source] : state.progress.sources) {
    text += "source " + name + (source.identity.empty() ? "" : " of " + printable(source.identity)) + "\n";
    Rows rows = {{"partition", "next", "identity"}};
    for (const auto& [partition, progress] : source.partitions)
      rows.push_back({partition, std::to_string(progress.next), progress.identity});
    if (rows.size() > 1) text += format_table(rows);
    if (!source.finished.empty())
      text += format_count(static_cast<int64_t>(source.finished.size())) + " files read to their end\n";
  }
  if (state.progress.empty()) text += "no progress: the next run begins as the sources say\n";
  if (!state.decisions.empty()) text += "manual overrides\n";
  for (const lake::ProgressDecision& decision : state.decisions) {
    text += "  " + format_datetime(decision.at_ms * 1000) + "Z  " + decision_text(decision) + ". " +
            printable(decision.reason) + "\n";
  }
  return text;
}

int show(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog) {
  const Result<lake::PipelineTables> tables =
      lake::look_at_tables(catalog, *environment.store, plan.pipeline, planner::target_tables(plan));
  if (!tables.ok()) return fail(environment, tables.error());
  const lake::FoundTable& lead = tables->lead_table();
  if (!lead.loaded) {
    return fail(environment,
                Error(ErrorKind::not_found, "table '" + lead.target.table.to_string() +
                                                "' does not exist; the pipeline makes it on its first run"));
  }
  environment.console.out(environment.json ? state_json(tables->record).dump() + "\n"
                                           : state_text(plan, tables->record));
  return kExitDone;
}

/// What the arguments ask for. Errors: invalid_argument, for those that do not go together.
Result<lake::ProgressOverride> wanted(const ProgressArguments& arguments, const planner::Plan& plan) {
  const auto invalid = [](std::string message) { return Error(ErrorKind::invalid_argument, std::move(message)); };
  if (arguments.action == "set" && !arguments.next) return invalid("set: --next OFFSET is missing");
  if (arguments.action == "forget" && arguments.next) return invalid("forget takes no --next; is 'set' meant?");
  if (!arguments.tables.empty()) return invalid("--table goes with join");
  if (arguments.partitions.empty() != arguments.all) return invalid("name partitions with --partition, or give --all");
  if (arguments.source.empty() && plan.sources.size() > 1)
    return invalid("the pipeline has several sources: name one with --source");
  return lake::ProgressOverride{.source = arguments.source.empty() ? plan.sources.front().name : arguments.source,
                                .partitions = arguments.partitions,
                                .next = arguments.next,
                                .reason = arguments.reason};
}

using Decisions = Result<std::vector<lake::ProgressDecision>>;

Decisions change_partitions(Environment& environment, const ProgressArguments& arguments, const planner::Plan& plan,
                            lake::Catalog& catalog) {
  WEIR_ASSIGN(const lake::ProgressOverride override, wanted(arguments, plan));
  return committer_of(environment, plan, catalog).override_progress(override);
}

Decisions forget_state(Environment& environment, const ProgressArguments& arguments, const planner::Plan& plan,
                       lake::Catalog& catalog) {
  if (arguments.action != "forget") return Error(ErrorKind::invalid_argument, "--state goes with forget");
  if (!arguments.partitions.empty() || arguments.all || arguments.next || !arguments.tables.empty())
    return Error(ErrorKind::invalid_argument, "forget --state takes --reason, nothing else");
  return committer_of(environment, plan, catalog).forget_state(arguments.reason);
}

Decisions join_tables(Environment& environment, const ProgressArguments& arguments, const planner::Plan& plan,
                      lake::Catalog& catalog) {
  if (!arguments.partitions.empty() || arguments.all || arguments.next)
    return Error(ErrorKind::invalid_argument, "join takes --table and --reason, nothing else");
  std::vector<lake::TableIdentifier> joining;
  for (const std::string& name : arguments.tables) {
    WEIR_ASSIGN(lake::TableIdentifier table, lake::TableIdentifier::parse(name));
    joining.push_back(std::move(table));
  }
  WEIR_TRY(lake::check_tables(catalog, *environment.store, plan.pipeline, planner::target_tables(plan), joining));
  WEIR_TRY(make_missing_tables(joining, plan, catalog));
  return committer_of(environment, plan, catalog).join(joining, arguments.reason);
}

int change(Environment& environment, const ProgressArguments& arguments, const planner::Plan& plan,
           lake::Catalog& catalog) {
  const auto decide = arguments.action == "join" ? join_tables : arguments.state ? forget_state : change_partitions;
  const Decisions decisions = decide(environment, arguments, plan, catalog);
  if (!decisions.ok()) return fail(environment, decisions.error());
  if (environment.json) return show(environment, plan, catalog);
  for (const lake::ProgressDecision& decision : *decisions) environment.console.out(decision_text(decision) + "\n");
  environment.console.out("recorded in the tables; a process that was running is fenced. Start the pipeline again.\n");
  return kExitDone;
}

}  // namespace

int progress_command(Environment& environment, const ProgressArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return environment.plan_exit_code();
  const lake::CatalogAccess access =
      arguments.action == "show" ? lake::CatalogAccess::read : lake::CatalogAccess::change;
  const Result<std::unique_ptr<lake::Catalog>> catalog = environment.open_catalog(plan->catalog, access);
  if (!catalog.ok()) return fail(environment, catalog.error());
  return arguments.action == "show" ? show(environment, *plan, **catalog)
                                    : change(environment, arguments, *plan, **catalog);
}

}  // namespace weir::cli
