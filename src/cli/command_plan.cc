#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "planner/plan_diff.h"

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
    case TableAction::fits: return "fits";
    case TableAction::conflicts: return "conflicts";
  }
  return "none";
}

std::string text_of(const Console& console, const TableDiff& diff) {
  const std::string name = diff.table.to_string() + " (" + diff.sink + ")";
  std::string text;
  switch (diff.action) {
    case TableAction::create: return console.green("+ ") + name + " will be made:\n" + diff.ddl;
    case TableAction::none: return "  " + name + " is as the pipeline wants it\n";
    case TableAction::fits: text = console.yellow("~ ") + name + " differs, and rows fit all the same:\n"; break;
    case TableAction::conflicts:
      text = console.red("! ") + name + " does not fit; a run would refuse to start:\n";
      break;
  }
  for (const iceberg::SchemaDifference& difference : diff.differences) {
    text += std::string("    ") + (difference.blocks ? "! " : "  ") + difference.path + " " + difference.text + "\n";
  }
  return text;
}

Json json_of(const TableDiff& diff) {
  Json json = {{"sink", diff.sink}, {"table", diff.table.to_string()}, {"action", action_name(diff.action)}};
  Json differences = Json::array();
  for (const iceberg::SchemaDifference& difference : diff.differences) {
    differences.push_back({{"path", difference.path}, {"text", difference.text}, {"blocks", difference.blocks}});
  }
  json["differences"] = std::move(differences);
  if (!diff.ddl.empty()) json["ddl"] = diff.ddl;
  return json;
}

Result<std::vector<TableDiff>> look(Environment& environment, const planner::Plan& plan) {
  lake::SqliteCatalogOptions options = plan.catalog;
  options.create_if_missing = false;
  Result<std::unique_ptr<lake::Catalog>> catalog = environment.open_catalog(options);
  if (!catalog.ok() && catalog.error().kind() != ErrorKind::not_found) return std::move(catalog).error();
  return planner::diff_plan(plan, catalog.ok() ? catalog->get() : nullptr);
}

}  // namespace

int plan_command(Environment& environment, const PlanArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return arguments.detailed_exit_code ? kExitFailed : kExitUsage;
  const Result<std::vector<TableDiff>> diffs = look(environment, *plan);
  if (!diffs.ok()) {
    const int code = fail(environment, diffs.error());
    return arguments.detailed_exit_code ? kExitFailed : code;
  }
  bool changes = false;
  bool conflicts = false;
  Json all = Json::array();
  std::string text;
  for (const TableDiff& diff : *diffs) {
    changes = changes || diff.action == TableAction::create;
    conflicts = conflicts || diff.action == TableAction::conflicts;
    all.push_back(json_of(diff));
    text += text_of(environment.console, diff);
  }
  environment.console.out(environment.json ? all.dump() + "\n" : text);
  if (arguments.detailed_exit_code) return changes || conflicts ? kExitChanges : kExitDone;
  return conflicts ? kExitFailed : kExitDone;
}

}  // namespace weir::cli
