#include "cli/run_report.h"

#include <nlohmann/json.hpp>

#include "cli/console.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Events that were read and are in no table on purpose: left out by filters and `drop` rules.
int64_t left_out(const Counters& counters) {
  int64_t sum = 0;
  for (const auto& [name, value] : counters) {
    if (name == "rows.dropped" || (name.starts_with("filter.") && name.ends_with(".removed"))) sum += value;
  }
  return sum;
}

std::string reasons(const Counters& counters) {
  std::string text;
  for (const auto& [name, value] : counters) {
    if (!name.starts_with("reject.")) continue;
    std::string reason = name.substr(7);
    if (const size_t dot = reason.find('.'); dot != std::string::npos)
      reason[dot] = ' ';  // "rule NAME", "expression STEP"
    text += "    " + format_count(value) + "  " + reason + "\n";
  }
  return text;
}

std::string warnings(const planner::Plan& plan, const Counters& counters) {
  std::string text;
  for (const planner::PlannedSource& source : plan.sources) {
    for (const contract::Rule& rule : source.contract->rules) {
      const auto found = counters.find("rule." + rule.name + ".broken");
      if (rule.action == contract::RuleAction::warn && found != counters.end())
        text += "    " + format_count(found->second) + "  rule " + rule.name + "\n";
    }
  }
  return text;
}

std::string tables_text(const runtime::RunSummary& summary) {
  std::vector<std::vector<std::string>> rows = {{"table", "rows", "files", "bytes", "snapshot"}};
  for (const CommittedTable& table : summary.tables) {
    if (table.files == 0) continue;
    rows.push_back({table.table, format_count(table.rows), std::to_string(table.files), format_bytes(table.bytes),
                    std::to_string(table.snapshot_id)});
  }
  return rows.size() == 1 ? std::string() : format_table(rows);
}

}  // namespace

std::string run_report_text(const planner::Plan& plan, const runtime::RunSummary& summary, int64_t took_ms) {
  const runtime::RunStatus& status = summary.status;
  std::string text;
  if (summary.recovered_intents > 0)
    text += "brought " + format_count(summary.recovered_intents) + " commit(s) of an earlier run to an end\n";
  if (status.events == 0) {
    text += "nothing new: every event of the sources is in the tables already\n";
  } else {
    text += format_count(status.events) + " events read (" + format_bytes(status.bytes) + ") in " +
            format_duration_ms(took_ms) + ", " + format_count(status.commits) + " commit(s)\n";
    text += "  " + format_count(status.rows_committed) + " rows landed\n";
    if (const int64_t count = left_out(summary.counters); count > 0)
      text += "  " + format_count(count) + " left out by filters and rules\n";
    text += "  " + format_count(status.rejects_committed) + " rejected" +
            (status.rejects_committed > 0 ? ", kept in " + plan.dead_letter.table.to_string() + ":\n" : "\n");
    text += reasons(summary.counters);
    if (const std::string warned = warnings(plan, summary.counters); !warned.empty())
      text += "  landed with a warning:\n" + warned;
    text += tables_text(summary);
  }
  if (summary.abandoned_epoch)
    text += "stopped before the last events were committed; the next start reads them again\n";
  return text;
}

std::string run_report_json(const planner::Plan& plan, const runtime::RunSummary& summary, int64_t took_ms) {
  const runtime::RunStatus& status = summary.status;
  Json json = {{"pipeline", plan.pipeline},
               {"events", status.events},
               {"bytes", status.bytes},
               {"rows_landed", status.rows_committed},
               {"rejected", status.rejects_committed},
               {"left_out", left_out(summary.counters)},
               {"commits", status.commits},
               {"recovered_commits", summary.recovered_intents},
               {"abandoned_epoch", summary.abandoned_epoch},
               {"took_ms", took_ms},
               {"counters", summary.counters}};
  Json tables = Json::array();
  for (const CommittedTable& table : summary.tables) {
    tables.push_back({{"sink", table.sink},
                      {"table", table.table},
                      {"rows", table.rows},
                      {"files", table.files},
                      {"bytes", table.bytes},
                      {"snapshot", table.snapshot_id}});
  }
  json["tables"] = std::move(tables);
  Json steps = Json::array();
  for (size_t i = 0; i < status.node_stats.size(); ++i) {
    const NodeStats& node = status.node_stats[i];
    steps.push_back({{"name", status.nodes[i]},
                     {"rows_in", node.rows_in},
                     {"rows_out", node.rows_out},
                     {"rejected", node.rejected},
                     {"cpu_ms", static_cast<double>(node.cpu_ns) / 1e6}});
  }
  json["steps"] = std::move(steps);
  json["progress"] = Json::parse(summary.progress.to_text());
  return json.dump() + "\n";
}

}  // namespace weir::cli
