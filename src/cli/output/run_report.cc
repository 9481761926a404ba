#include "cli/output/run_report.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/output/console.h"
#include "dataflow/counters.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kLeftShownMax = 5;

int64_t sum_of(const Counters& counters, std::initializer_list<CounterKind> kinds) {
  int64_t sum = 0;
  for (const auto& [counter, value] : counters) {
    if (std::find(kinds.begin(), kinds.end(), counter.kind) != kinds.end()) sum += value;
  }
  return sum;
}

/// Rows that were read and are in no table on purpose.
std::string left_out_text(const Counters& counters) {
  std::string text;
  using Kind = CounterKind;
  if (const int64_t count = sum_of(counters, {Kind::rows_dropped, Kind::filter_removed}); count > 0)
    text += "  " + format_count(count) + " left out by filters and rules\n";
  if (const int64_t count = sum_of(counters, {Kind::dedupe_removed}); count > 0)
    text += "  " + format_count(count) + " left out because their key was there before\n";
  for (const auto& [counter, value] : counters) {
    if (counter.kind != Kind::late) continue;
    text += "  " + format_count(value) + " too late for '" + counter.name + "'\n";
  }
  return text;
}

std::string reasons(const Counters& counters) {
  std::string text;
  for (const auto& [counter, value] : counters) {
    if (counter.kind == CounterKind::rejected)
      text += "    " + format_count(value) + "  " + reject_reason(counter) + "\n";
  }
  return text;
}

std::string warnings(const planner::Plan& plan, const Counters& counters) {
  std::string text;
  for (const planner::PlannedSource& source : plan.sources) {
    for (const contract::Rule& rule : source.contract->rules) {
      const auto found = counters.find({.kind = CounterKind::rule_broken, .name = rule.name});
      if (rule.action == contract::RuleAction::warn && found != counters.end())
        text += "    " + format_count(found->second) + "  rule " + rule.name + "\n";
    }
  }
  return text;
}

/// True when no file and no record of the source was ever met. A file is as soon as it stands there.
bool is_at_its_beginning(const planner::PlannedSource& source, const SourceProgress& progress) {
  if (source.bound.files) return progress.finished.empty() && progress.partitions.empty();
  return std::all_of(progress.partitions.begin(), progress.partitions.end(),
                     [](const auto& entry) { return entry.second.next == 0; });
}

/// Which files were not read, since they may still be written.
std::string left_text(const std::vector<std::string>& left) {
  if (left.empty()) return {};
  std::string text = counted(static_cast<int64_t>(left.size()), "file") +
                     " left to a later run, changed too lately (`settle`): " + printable(left.front());
  for (size_t i = 1; i < std::min(left.size(), kLeftShownMax); ++i) text += ", " + printable(left[i]);
  return text + (left.size() > kLeftShownMax ? ", ...\n" : "\n");
}

/// Why there was no event at all.
std::string nothing_text(const planner::Plan& plan, const runtime::RunSummary& summary) {
  if (!summary.status.ready || summary.abandoned_epoch) return "nothing was read\n";
  std::string text;
  bool any_was_read = false;
  for (const planner::PlannedSource& source : plan.sources) {
    const auto found = summary.progress.sources.find(source.name);
    if (found != summary.progress.sources.end() && !is_at_its_beginning(source, found->second)) {
      any_was_read = true;
    } else {
      text += printable(source.bound.nothing_there) + "\n";
    }
  }
  if (any_was_read) text += "nothing new since the last commit\n";
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

std::string run_report_text(const planner::Plan& plan, const runtime::RunSummary& summary,
                            const std::vector<std::string>& left, int64_t took_ms) {
  const runtime::RunStatus& status = summary.status;
  std::string text;
  if (summary.recovered_epochs > 0)
    text += "completed " + counted(summary.recovered_epochs, "commit") + " of an earlier run\n";
  if (status.events == 0) {
    if (left.empty()) text += nothing_text(plan, summary);
  } else {
    text += counted(status.events, "event") + " read (" + format_bytes(status.bytes) + ") in " +
            format_duration_ms(took_ms) + ", " + counted(status.commits, "commit") + "\n";
    text += "  " + counted(status.rows_committed, "row") + " landed\n";
    text += left_out_text(summary.counters);
    text += "  " + format_count(status.rejects_committed) + " rejected" +
            (status.rejects_committed > 0 ? ", kept in " + plan.dead_letter.table.to_string() + ":\n" : "\n");
    text += reasons(summary.counters);
    if (const std::string warned = warnings(plan, summary.counters); !warned.empty())
      text += "  landed with a warning:\n" + warned;
    text += tables_text(summary);
    text += "in the warehouse " + printable(plan.catalog.warehouse) + "\n";
  }
  text += left_text(left);
  if (summary.abandoned_epoch)
    text += "stopped before the last events were committed; the next start reads them again\n";
  return text;
}

std::string run_report_json(const planner::Plan& plan, const runtime::RunSummary& summary,
                            const std::vector<std::string>& left, int64_t took_ms) {
  const runtime::RunStatus& status = summary.status;
  Json json = {{"pipeline", plan.pipeline},
               {"warehouse", plan.catalog.warehouse},
               {"events", status.events},
               {"bytes", status.bytes},
               {"rows_landed", status.rows_committed},
               {"rejected", status.rejects_committed},
               {"left_out", sum_of(summary.counters, {CounterKind::rows_dropped, CounterKind::filter_removed,
                                                      CounterKind::dedupe_removed})},
               {"commits", status.commits},
               {"recovered_commits", summary.recovered_epochs},
               {"abandoned_epoch", summary.abandoned_epoch},
               {"files_left", left},
               {"took_ms", took_ms},
               {"counters", to_texts(summary.counters)}};
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
