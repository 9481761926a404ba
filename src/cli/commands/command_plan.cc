#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/output/plan_preview_internal.h"
#include "lake/commit/pipeline_committer.h"
#include "planner/plan_diff.h"
#include "planner/state_tables.h"
#include "runtime/store/checkpoints.h"
#include "state/restore.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using planner::TableAction;
using planner::TableDiff;

constexpr int kExitChanges = 2;

const char* action_name(TableAction action) {
  switch (action) {
    case TableAction::create: return "create";
    case TableAction::none: return "none";
    case TableAction::alter: return "alter";
    case TableAction::fits: return "fits";
    case TableAction::conflicts: return "conflicts";
  }
  return "none";
}

std::string text_of(const Console& console, const TableDiff& diff) {
  const std::string name = diff.table.to_string() + " (" + diff.sink + ")";
  std::string text;
  switch (diff.action) {
    case TableAction::create: return console.green("+ ", Stream::out) + name + " will be created:\n" + diff.ddl;
    case TableAction::none: return "  " + name + " is up to date\n";
    case TableAction::alter: text = console.yellow("~ ", Stream::out) + name + " will be changed:\n"; break;
    case TableAction::fits:
      text = console.yellow("~ ", Stream::out) + name + " differs, but rows can still be written:\n";
      break;
    case TableAction::conflicts:
      text = console.red("! ", Stream::out) + name + " does not match; a run would refuse to start:\n";
      break;
  }
  for (const iceberg::SchemaChange& change : diff.changes) text += "    " + printable(to_text(change)) + "\n";
  for (const iceberg::SchemaDifference& difference : diff.differences) {
    text += std::string("    ") + (difference.blocks ? "! " : "  ") +
            printable(difference.path + " " + difference.text) + "\n";
  }
  return text;
}

Json json_of(const TableDiff& diff) {
  Json json = {{"sink", diff.sink}, {"table", diff.table.to_string()}, {"action", action_name(diff.action)}};
  Json changes = Json::array();
  for (const iceberg::SchemaChange& change : diff.changes) {
    changes.push_back({{"kind", to_string(change.kind)},
                       {"path", change.path},
                       {"before", change.before.empty() ? Json(nullptr) : Json(change.before)},
                       {"after", change.after}});
  }
  json["changes"] = std::move(changes);
  Json differences = Json::array();
  for (const iceberg::SchemaDifference& difference : diff.differences) {
    differences.push_back({{"path", difference.path}, {"text", difference.text}, {"blocks", difference.blocks}});
  }
  json["differences"] = std::move(differences);
  if (!diff.ddl.empty()) json["ddl"] = diff.ddl;
  return json;
}

const char* match_name(state::TableMatch match) {
  switch (match) {
    case state::TableMatch::restored: return "restored";
    case state::TableMatch::migrated: return "migrated";
    case state::TableMatch::fresh: return "new";
    case state::TableMatch::dropped: return "left_behind";
    case state::TableMatch::refused: return "refused";
  }
  return "refused";
}

std::string text_of(const Console& console, const state::MatchedTable& table) {
  const std::string name = "state '" + table.table + "' of step '" + table.step + "' ";
  switch (table.match) {
    case state::TableMatch::restored: return "  " + name + "goes on\n";
    case state::TableMatch::migrated: return "  " + name + "goes on, in the form of this version\n";
    case state::TableMatch::fresh: return console.green("+ ", Stream::out) + name + "begins empty\n";
    case state::TableMatch::dropped:
      return console.yellow("- ", Stream::out) + name + "is left behind: the pipeline has none of these names\n";
    case state::TableMatch::refused: break;
  }
  return console.red("! ", Stream::out) + name + "does not fit: " + printable(table.why) + "\n";
}

Json json_of(const state::MatchedTable& table) {
  Json json = {{"step", table.step}, {"table", table.table}, {"match", match_name(table.match)}};
  if (!table.why.empty()) json["why"] = table.why;
  return json;
}

/// What the catalog and the pipeline's store say to a plan.
struct Findings {
  std::vector<TableDiff> tables;
  std::vector<state::MatchedTable> state;  ///< against the last checkpoint; without one all are new
  bool has_checkpoint = false;
  std::optional<Error> stops;  ///< why a run would refuse to start, though each table alone may fit
  Progress progress;
  DataPreview data;
};

/// What becomes of the state, by the code that a run asks.
Result<void> look_at_state(Environment& environment, const planner::Plan& plan,
                           const std::optional<StoredObject>& place, Findings& found) {
  WEIR_ASSIGN(const std::vector<state::StepTables> steps, planner::state_tables(plan));
  state::Manifest manifest;
  if (place) {
    const std::string folder = file_uri(plan.state_directory, "/");
    const auto load = [&]() -> Result<state::Manifest> {
      WEIR_ASSIGN(const state::CheckpointReference reference, runtime::reference_below(folder, *place));
      return state::CheckpointStore(*environment.store, folder).load(reference);
    };
    Result<state::Manifest> loaded = load();
    if (!loaded.ok()) {
      found.stops = runtime::unusable_state(loaded.error());
      return {};
    }
    manifest = *std::move(loaded);
    found.has_checkpoint = true;
    const Result<void> fits = runtime::require_restorable(manifest, steps);
    if (!fits.ok()) found.stops = fits.error();
  }
  found.state = state::match_state(manifest, steps);
  return {};
}

Result<Findings> look(Environment& environment, const planner::Plan& plan) {
  Result<std::unique_ptr<lake::Catalog>> catalog = environment.open_catalog(plan.catalog, lake::CatalogAccess::read);
  if (!catalog.ok() && catalog.error().kind() != ErrorKind::not_found) return std::move(catalog).error();
  Findings found;
  WEIR_ASSIGN(found.tables, planner::diff_plan(plan, catalog.ok() ? catalog->get() : nullptr));
  if (!catalog.ok()) {
    WEIR_TRY(look_at_state(environment, plan, std::nullopt, found));
    return found;
  }
  const Result<lake::PipelineTables> checked =
      lake::check_tables(**catalog, *environment.store, plan.pipeline, planner::target_tables(plan));
  if (checked.ok()) {
    found.progress = checked->record.progress;
    found.data.others = other_writers(*checked);
    WEIR_TRY(look_at_state(environment, plan, checked->record.state, found));
    return found;
  }
  const ErrorKind kind = checked.error().kind();
  if (kind != ErrorKind::table_changed && kind != ErrorKind::position_lost) return checked.error();
  found.stops = checked.error();
  return found;
}

/// The events of sources that have other names in `plan`, where it is plain which is which.
std::vector<planner::SourcePreview> renamed(std::vector<planner::SourcePreview> sources, const planner::Plan& plan) {
  if (sources.size() == 1 && plan.sources.size() == 1) sources.front().source = plan.sources.front().name;
  return sources;
}

/// What there is to read, and what would become of it.
Result<void> look_at_data(Environment& environment, const planner::Plan& plan,
                          const std::optional<planner::Plan>& against, const PlanArguments& arguments,
                          Findings& found) {
  constexpr int64_t kSample = 1000;
  const int64_t events_max = arguments.sample > 0 ? arguments.sample : against ? kSample : 0;
  DataPreview& data = found.data;
  data.sources =
      planner::preview_sources(plan, found.progress, {.events_max = events_max}, environment.files, environment.clock);
  for (const planner::SourcePreview& source : data.sources) {
    if (source.error && source.error->kind() == ErrorKind::position_lost && !found.stops)
      found.stops = Error(*source.error).with_context("source '" + source.source + "'");
  }
  if (events_max == 0) return {};
  WEIR_ASSIGN(data.sample, planner::preview_sample(plan, data.sources));
  if (!against) return {};
  data.against_file = arguments.against;
  WEIR_ASSIGN(data.against, planner::preview_sample(*against, renamed(data.sources, *against)));
  return {};
}

}  // namespace

int plan_command(Environment& environment, const PlanArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return arguments.detailed_exit_code ? kExitFailed : environment.plan_exit_code();
  std::optional<planner::Plan> against;
  if (!arguments.against.empty()) {
    against = environment.load_plan(arguments.against);
    if (!against) return arguments.detailed_exit_code ? kExitFailed : environment.plan_exit_code();
  }
  Result<Findings> found = look(environment, *plan);
  if (found.ok() && !found->stops) {
    if (const Result<void> looked = look_at_data(environment, *plan, against, arguments, *found); !looked.ok())
      found = looked.error();
  }
  if (!found.ok()) {
    const int code = fail(environment, found.error());
    return arguments.detailed_exit_code ? kExitFailed : code;
  }
  bool changes = false;
  bool conflicts = found->stops.has_value();
  Json all = Json::array();
  std::string text;
  for (const TableDiff& diff : found->tables) {
    changes = changes || diff.action == TableAction::create || diff.action == TableAction::alter;
    conflicts = conflicts || diff.action == TableAction::conflicts;
    all.push_back(json_of(diff));
    text += text_of(environment.console, diff);
  }
  Json state = Json::array();
  for (const state::MatchedTable& table : found->state) {
    const bool goes_on = table.match == state::TableMatch::restored || table.match == state::TableMatch::migrated;
    changes = changes || (found->has_checkpoint && !goes_on);
    state.push_back(json_of(table));
    if (found->has_checkpoint) text += text_of(environment.console, table);
  }
  Json stops;
  if (found->stops) {
    const std::string why = environment.redactor.redact(found->stops->message());
    stops = {{"error", to_string(found->stops->kind())}, {"text", why}};
    text += environment.console.red("! ", Stream::out) + "a run would refuse to start: " + printable(why) + "\n";
  }
  text += data_text(environment, found->data);
  Json output = {{"pipeline", plan->pipeline},
                 {"warehouse", plan->catalog.warehouse},
                 {"tables", std::move(all)},
                 {"state", std::move(state)},
                 {"stops", std::move(stops)}};
  output.update(data_json(environment, found->data));
  if (!environment.json) environment.console.err("warehouse " + printable(plan->catalog.warehouse) + "\n");
  environment.console.out(environment.json ? output.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n" : text);
  if (arguments.detailed_exit_code) return changes || conflicts ? kExitChanges : kExitDone;
  return conflicts ? kExitFailed : kExitDone;
}

}  // namespace weir::cli
