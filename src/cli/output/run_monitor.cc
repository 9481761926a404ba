#include "cli/output/run_monitor.h"

#include <algorithm>
#include <cstdlib>

#include "cli/exit_codes.h"
#include "dataflow/counters.h"
#include "observe/metric_names.h"
#include "observe/process_sample.h"

namespace weir::cli {

namespace m = observe::metric;

RunMonitor::RunMonitor(std::string pipeline, observe::Logger& logger, observe::Metrics& metrics,
                       Environment& environment)
    : pipeline_(std::move(pipeline)), logger_(logger), metrics_(metrics), environment_(environment) {}

void RunMonitor::on_commit(const CommitReport& report, const EpochResult& epoch, int64_t took_us) {
  metrics_.histogram(m::kCommitDuration, {pipeline_}).observe(static_cast<double>(took_us) / 1e6);
  count(epoch.counters);
  report_rejects(epoch.counters);
  for (const CommittedTable& table : report.tables) {
    if (table.files == 0) continue;
    metrics_.counter(m::kTableRowsCommitted, {pipeline_, table.table}).add(static_cast<double>(table.rows));
    metrics_.counter(m::kTableFilesCommitted, {pipeline_, table.table}).add(static_cast<double>(table.files));
    metrics_.counter(m::kTableBytesCommitted, {pipeline_, table.table}).add(static_cast<double>(table.bytes));
    logger_.info("commit.applied", "committed " + counted(table.rows, "row") + " to " + table.table,
                 {{"table", table.table},
                  {"rows", table.rows},
                  {"files", table.files},
                  {"bytes", table.bytes},
                  {"snapshot", table.snapshot_id},
                  {"took_ms", took_us / 1000}});
  }
}

void RunMonitor::count(const Counters& counters) {
  for (const auto& [counter, value] : counters) {
    const auto amount = static_cast<double>(value);
    switch (counter.kind) {
      case CounterKind::rule_broken: metrics_.counter(m::kRuleBroken, {pipeline_, counter.name}).add(amount); break;
      case CounterKind::rows_dropped: metrics_.counter(m::kRowsDropped, {pipeline_}).add(amount); break;
      case CounterKind::rejected:
        metrics_.counter(m::kRejectsByClass, {pipeline_, to_string(counter.reject_class)}).add(amount);
        break;
      case CounterKind::unknown_field:
        metrics_.counter(m::kUnknownFields, {pipeline_, counter.name}).add(amount);
        break;
      case CounterKind::filter_removed:
      case CounterKind::dedupe_removed:
      case CounterKind::late: break;  // the step's rows in and out say it
    }
  }
}

/// A line with the reasons, with the commit that has the rejects.
void RunMonitor::report_rejects(const Counters& counters) {
  std::string text;
  int64_t total = 0;
  for (const auto& [counter, value] : counters) {
    if (counter.kind != CounterKind::rejected || value == 0) continue;
    const std::string reason = reject_reason(counter);
    text += (text.empty() ? "" : ", ") + format_count(value) + " " + reason;
    total += value;
    const std::lock_guard lock(reasons_mutex_);
    reasons_[reason] += value;
  }
  if (total > 0) logger_.info("rejects.committed", counted(total, "reject") + ": " + text, {{"rejects", total}});
}

std::string RunMonitor::main_reject_reason() const {
  const std::lock_guard lock(reasons_mutex_);
  const auto most = std::max_element(reasons_.begin(), reasons_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == reasons_.end() ? std::string() : most->first;
}

void RunMonitor::on_many_rejects(const runtime::RejectWindow& window) {
  metrics_.counter(m::kRejectWarnings, {pipeline_}).add();
  std::string text = "many rejects: " + runtime::to_text(window);
  if (!window.samples.empty()) text += "; for example " + window.samples.front();
  logger_.warn("rejects.many", text, {{"events", window.events}, {"rejects", window.rejected}});
}

void RunMonitor::on_commit_retry(const Error* error, int64_t wait_ms) {
  const std::string reason = error != nullptr ? std::string(to_string(error->kind())) : "unknown_outcome";
  metrics_.counter(m::kCommitRetries, {pipeline_, reason}).add();
  logger_.warn("commit.retry",
               "a commit is not done yet: " + (error != nullptr ? error->message() : "the catalog's answer is unknown"),
               {{"reason", reason}, {"wait_ms", wait_ms}});
}

void RunMonitor::on_source_retry(const std::string& source, const Error& error, int64_t wait_ms) {
  logger_.warn("source.retry",
               "source '" + source + "' cannot be read now and is asked again in " + format_duration_ms(wait_ms) +
                   ": " + error.message(),
               {{"source", source}, {"reason", std::string(to_string(error.kind()))}, {"wait_ms", wait_ms}});
}

void RunMonitor::on_follower_retry(const std::string& sink, const Error& error, int64_t wait_ms) {
  logger_.warn("follower.retry",
               "sink '" + sink + "' cannot be written now and is asked again in " + format_duration_ms(wait_ms) + ": " +
                   error.message(),
               {{"sink", sink}, {"reason", std::string(to_string(error.kind()))}, {"wait_ms", wait_ms}});
}

void RunMonitor::on_recovered(const CommitReport& report) {
  metrics_.counter(m::kRecoveredCommits, {pipeline_}).add();
  if (report.outcome == CommitOutcome::applied)
    logger_.info("commit.recovered", "a commit of an earlier run is complete");
  else
    logger_.info("commit.void", "a commit of an earlier run was overtaken and is void: its events were read again");
}

void RunMonitor::on_stuck(const std::string& who) {
  logger_.error("stop.stuck",
                "the stop deadline has passed and '" + who +
                    "' does not come back from a call into storage, the catalog or a source; the process ends now. "
                    "What was not committed is read again at the next start",
                {{"thread", who}});
  std::_Exit(kExitFailed);
}

void RunMonitor::on_damaged_intent(const std::string& path) {
  logger_.warn("intent.damaged",
               "the stored commit '" + path +
                   "' is damaged and left aside: what the tables have decides what is read again. Check the disk, then "
                   "delete the file",
               {{"file", path}});
}

void RunMonitor::update(const runtime::RunStatus& status) {
  const auto total = [&](const observe::MetricSpec& spec, int64_t value) {
    metrics_.counter(spec, {pipeline_}).advance_to(static_cast<double>(value));
  };
  const auto gauge = [&](const observe::MetricSpec& spec, int64_t value) {
    if (value < 0)
      metrics_.gauge(spec, {pipeline_}).set_unknown();
    else
      metrics_.gauge(spec, {pipeline_}).set(static_cast<double>(value));
  };
  total(m::kEventsRead, status.events);
  total(m::kBytesRead, status.bytes);
  total(m::kRejects, status.rejected);
  total(m::kRowsCommitted, status.rows_committed);
  total(m::kRejectsCommitted, status.rejects_committed);
  total(m::kCommits, status.commits);
  total(m::kEpochs, status.epoch);
  gauge(m::kConsumerLagEvents, status.lag_events);
  gauge(m::kConsumerLagBytes, status.lag_bytes);
  gauge(m::kWriterMemory, status.writer_memory_bytes);
  gauge(m::kReady, status.ready ? 1 : 0);
  gauge(m::kCommitting, status.committing ? 1 : 0);
  for (size_t i = 0; i < status.node_stats.size(); ++i) {
    metrics_.counter(m::kStepRowsIn, {pipeline_, status.nodes[i]})
        .advance_to(static_cast<double>(status.node_stats[i].rows_in));
    metrics_.counter(m::kStepRowsOut, {pipeline_, status.nodes[i]})
        .advance_to(static_cast<double>(status.node_stats[i].rows_out));
    metrics_.counter(m::kStepRejects, {pipeline_, status.nodes[i]})
        .advance_to(static_cast<double>(status.node_stats[i].rejected));
    metrics_.counter(m::kStepCpu, {pipeline_, status.nodes[i]})
        .advance_to(static_cast<double>(status.node_stats[i].cpu_ns) / 1e9);
  }
  if (status.last_commit_wall_ms != 0) {
    metrics_.gauge(m::kLastCommitTimestamp, {pipeline_}).set(static_cast<double>(status.last_commit_wall_ms) / 1000);
    const bool all_committed = status.events_committed >= status.events;
    metrics_.gauge(m::kFreshness, {pipeline_})
        .set(all_committed ? 0 : static_cast<double>(environment_.clock.wall_ms() - status.last_commit_wall_ms) / 1000);
  }
  observe::record(observe::sample_process(environment_.files), metrics_);
}

}  // namespace weir::cli
