#include "runtime/local_host.h"

#include <algorithm>

#include "base/exception_guard.h"
#include "base/fault.h"
#include "runtime/source_match.h"
#include "runtime/worker_internal.h"

namespace weir::runtime {
namespace {

constexpr int kTickMs = 10;
constexpr int64_t kRetryFirstMs = 100;
constexpr int64_t kRetryMaxMs = 10'000;
constexpr int64_t kOpenRetryMs = 8'000;  // a start that cannot reach its tables for long ends and says so

std::vector<std::string> source_names(const Graph& graph) {
  std::vector<std::string> names;
  for (size_t i = 0; i < graph.source_count(); ++i) names.push_back(graph.source_name(i));
  return names;
}

}  // namespace

LocalHost::LocalHost(Job job, RunOptions options, PreparedStore prepared, OldIntents old_intents, const Clock& clock,
                     RunObserver& observer)
    : job_(std::move(job)),
      options_(options),
      prepared_(std::move(prepared)),
      old_intents_(std::move(old_intents)),
      clock_(clock),
      observer_(observer) {}

LocalHost::~LocalHost() {
  stop_workers();
}

Result<RunSummary> LocalHost::run() {
  Result<void> outcome = guard_exceptions("the run", [&] { return run_job(); });
  stop_workers();
  // A stop may end what it finds under way; whatever was given up is done again by the next start.
  const bool is_stopped = !outcome.ok() && outcome.error().kind() == ErrorKind::cancelled && is_stopping();
  if (!outcome.ok() && !is_stopped) return std::move(outcome).error();
  if (outcome.ok() && job_.on_finished) job_.on_finished();
  summary_.status = status();
  return std::move(summary_);
}

Result<void> LocalHost::run_job() {
  WEIR_TRY(recover());
  WEIR_TRY(recover_old_intents());
  summary_.progress = job_.committer->progress();
  WEIR_TRY(start_workers());
  return coordinate();
}

/// Opens the tables and brings what earlier processes left to an end, before anything new is read.
Result<void> LocalHost::recover() {
  WEIR_ASSIGN(const SinkRecovery left,
              with_back_off(Deadline::after_ms(clock_, kOpenRetryMs), [this] { return job_.committer->open(); }));
  if (left.decided) {
    const Result<std::string> prepared = prepared_.get(*left.decided);
    if (!prepared.ok()) {
      return Error(prepared.error())
          .with_context(
              "a table lacks the last commit, which is decided: a crash came in between, or the table was restored to "
              "an older state. What it is to get cannot be read. Restore the file or the table; or, to leave those "
              "rows "
              "out: `weir progress join PIPELINE.yaml --table TABLE --reason TEXT`");
    }
    WEIR_TRY(recover_one(*prepared, *left.decided));
  }
  if (left.settled) WEIR_TRY(prepared_.forget(left.settled->uri));
  bool is_adopted = false;
  for (const std::string& name : left.undecided) {
    if (!is_adopted) {  // else the others have lost their parent
      WEIR_ASSIGN(const std::optional<FoundPrepared> found, prepared_.find(name));
      if (found) {
        WEIR_ASSIGN(is_adopted, recover_one(found->prepared, found->place));
      }
    }
    WEIR_TRY(prepared_.forget(prepared_.uri_of(name)));
  }
  return {};
}

Result<void> LocalHost::recover_old_intents() {
  WEIR_ASSIGN(const PendingIntents pending, old_intents_.pending());
  for (const std::string& path : pending.damaged) observer_.on_damaged_intent(path);
  for (const OldIntent& intent : pending.intents) {
    WEIR_ASSIGN(const StoredObject place, prepared_.put(intent.name, intent.prepared));
    const Result<bool> recovered = recover_one(intent.prepared, place);
    const bool is_of_another = !recovered.ok() && recovered.error().kind() == ErrorKind::invalid_argument;
    if (is_of_another) {
      WEIR_TRY(prepared_.forget(place.uri));
      continue;
    }
    if (!recovered.ok()) return recovered.error();
    WEIR_TRY(old_intents_.resolve(intent.name));
  }
  return {};
}

/// Returns whether the tables have it.
Result<bool> LocalHost::recover_one(const std::string& prepared, const StoredObject& place) {
  WEIR_TRY(fault_point("recover.before_commit"));
  WEIR_ASSIGN(const CommitReport report, until_known([&] { return job_.committer->recover(prepared, place); }));
  if (report.outcome == CommitOutcome::unknown)
    return Error(ErrorKind::cancelled, "stopped while an earlier commit was unresolved; the next start resolves it");
  WEIR_TRY(fault_point("recover.after_commit"));
  WEIR_TRY(prepared_.forget(place.uri));
  ++summary_.recovered_intents;
  observer_.on_recovered(report);
  return report.outcome == CommitOutcome::applied;
}

Result<void> LocalHost::start_workers() {
  for (int i = 0; i < options_.tasks; ++i) {
    WEIR_ASSIGN(std::unique_ptr<Graph> graph, job_.make_graph(ReaderShare{.index = i, .count = options_.tasks}));
    if (i == 0) WEIR_TRY(match_sources(summary_.progress, source_names(*graph)));
    auto task = std::make_unique<Task>(std::move(graph));
    WEIR_TRY(task->open(summary_.progress, [this] { return is_stopping(); }));
    workers_.push_back(std::make_unique<Worker>(std::move(task), options_.epoch_bytes_max));
  }
  for (const auto& worker : workers_) worker->start();
  const std::scoped_lock lock(status_mutex_);
  committed_status_.nodes = workers_.front()->node_names();
  committed_status_.ready = true;
  return {};
}

void LocalHost::request_stop() {
  int64_t unset = 0;
  stop_deadline_us_.compare_exchange_strong(unset, clock_.monotonic_us() + options_.stop_deadline_ms * 1000);
}

bool LocalHost::is_past_stop_deadline() const {
  return is_stopping() && clock_.monotonic_us() > stop_deadline_us_.load(std::memory_order_relaxed);
}

Result<void> LocalHost::coordinate() {
  last_cut_us_ = clock_.monotonic_us();
  bool more = true;
  while (more) {
    more = wait_for_next_cut();
    WEIR_TRY(worker_failure());
    Result<void> cut = cut_epoch();
    if (!cut.ok()) {
      // A stop whose deadline passed gives the open epoch up; every other error is the run's.
      if (cut.error().kind() != ErrorKind::cancelled) return cut;
      summary_.abandoned_epoch = true;
      return {};
    }
  }
  return {};
}

/// Waits for the time, the size, the end of the input or a stop. Returns false when the epoch to be cut is the last.
bool LocalHost::wait_for_next_cut() {
  while (true) {
    if (is_stopping()) {
      for (const auto& worker : workers_) worker->stop_intake();
      return false;
    }
    bool all_finished = true;
    int64_t epoch_events = 0;
    int64_t epoch_bytes = 0;
    for (const auto& worker : workers_) {
      const Worker::Snapshot now = worker->snapshot();
      if (now.failed) return false;
      all_finished = all_finished && now.finished;
      epoch_events += now.epoch_events;
      epoch_bytes += now.epoch_bytes;
    }
    if (all_finished) return false;
    if (epoch_bytes >= options_.epoch_bytes_max) return true;
    // Without events the barrier only asks the sources how far they are: nothing is committed if that has not changed.
    const int64_t every_ms =
        epoch_events > 0 ? options_.commit_every_ms : std::max(options_.commit_every_ms, options_.progress_every_ms);
    if (clock_.monotonic_us() - last_cut_us_ >= every_ms * 1000) return true;
    clock_.sleep_ms(kTickMs);
  }
}

Result<void> LocalHost::worker_failure() {
  for (const auto& worker : workers_) {
    if (worker->snapshot().failed) return worker->failure();
  }
  return {};
}

Result<void> LocalHost::cut_epoch() {
  ++epoch_;
  {
    const std::scoped_lock lock(status_mutex_);
    committed_status_.epoch = epoch_;
  }
  last_cut_us_ = clock_.monotonic_us();
  for (const auto& worker : workers_) worker->request_barrier(epoch_);
  EpochResult whole{.epoch = epoch_, .progress = summary_.progress, .parts = {}, .counters = {}};
  for (const auto& worker : workers_) {
    std::optional<Result<EpochResult>> share;
    while (!share) {
      share = worker->take_barrier(kTickMs);
      if (!share && is_past_stop_deadline()) {
        return Error(ErrorKind::cancelled, "the open epoch did not close before the stop deadline");
      }
    }
    if (!share->ok()) return std::move(*share).error();
    EpochResult& part = share->value();
    whole.progress.merge(part.progress);
    add_counters(whole.counters, part.counters);
    for (auto& [sink, files] : part.parts) {
      for (std::string& file : files) whole.parts[sink].push_back(std::move(file));
    }
  }
  WEIR_TRY(fault_point("epoch.after_barrier"));
  if (whole.parts.empty() && whole.progress == summary_.progress) return {};
  return commit_epoch(whole);
}

Result<void> LocalHost::commit_epoch(const EpochResult& epoch) {
  const int64_t began_us = clock_.monotonic_us();
  WEIR_ASSIGN(const PreparedEpoch prepared,
              with_back_off(Deadline{INT64_MAX}, [&] { return job_.committer->prepare(epoch); }));
  WEIR_ASSIGN(const StoredObject place,
              with_back_off(Deadline{INT64_MAX}, [&] { return prepared_.put(prepared.name, prepared.bytes); }));
  WEIR_TRY(fault_point("epoch.after_intent"));
  WEIR_ASSIGN(const CommitReport report, until_known([&] { return job_.committer->commit(prepared.bytes, place); }));
  if (report.outcome == CommitOutcome::unknown) {
    return Error(ErrorKind::cancelled, "stopped while the commit was unresolved; the next start resolves it");
  }
  if (report.outcome == CommitOutcome::refused)
    return Error(ErrorKind::conflict, "the catalog refused the commit for good");
  WEIR_TRY(fault_point("epoch.after_commit"));
  WEIR_TRY(prepared_.forget(place.uri));
  account(report, epoch, clock_.monotonic_us() - began_us);
  const auto progress = std::make_shared<const Progress>(epoch.progress);
  for (const auto& worker : workers_) worker->committed(progress);
  return {};
}

/// Repeats a call that fails in passing, until `give_up` or the stop deadline.
template <typename Call>
auto LocalHost::with_back_off(Deadline give_up, const Call& call) -> decltype(call()) {
  int64_t wait_ms = kRetryFirstMs;
  while (true) {
    auto result = call();
    if (result.ok() || result.error().retry() != RetryHint::backoff) return result;
    if (give_up.passed(clock_) || is_past_stop_deadline()) return result;
    observer_.on_commit_retry(&result.error(), wait_ms);
    pause_before_retry(wait_ms);
    wait_ms = std::min(wait_ms * 2, kRetryMaxMs);
  }
}

/// Asks the committer until it knows the outcome. Only a stop whose deadline has passed leaves it unknown.
Result<CommitReport> LocalHost::until_known(const std::function<Result<CommitReport>()>& attempt) {
  {
    const std::scoped_lock lock(status_mutex_);
    committed_status_.committing = true;
  }
  int64_t wait_ms = kRetryFirstMs;
  while (true) {
    Result<CommitReport> report = attempt();
    const bool again =
        report.ok() ? report->outcome == CommitOutcome::unknown : report.error().retry() == RetryHint::backoff;
    if (!again) {
      const std::scoped_lock lock(status_mutex_);
      committed_status_.committing = false;
      return report;
    }
    if (is_past_stop_deadline()) break;
    observer_.on_commit_retry(report.ok() ? nullptr : &report.error(), wait_ms);
    {
      const std::scoped_lock lock(status_mutex_);
      ++committed_status_.commit_retries;
    }
    pause_before_retry(wait_ms);
    if (is_past_stop_deadline()) break;
    wait_ms = std::min(wait_ms * 2, kRetryMaxMs);
  }
  return CommitReport{};
}

/// Sleeps in short pieces: a stop may come meanwhile, and its deadline ends the pause.
void LocalHost::pause_before_retry(int64_t wait_ms) {
  const Deadline end = Deadline::after_ms(clock_, wait_ms);
  while (!end.passed(clock_) && !is_past_stop_deadline())
    clock_.sleep_ms(std::min<int64_t>(kTickMs, end.remaining_ms(clock_)));
}

void LocalHost::account(const CommitReport& report, const EpochResult& epoch, int64_t took_us) {
  summary_.progress = epoch.progress;
  add_counters(summary_.counters, epoch.counters);
  for (const CommittedTable& table : report.tables) {
    auto at = std::find_if(summary_.tables.begin(), summary_.tables.end(),
                           [&](const CommittedTable& known) { return known.sink == table.sink; });
    if (at == summary_.tables.end()) {
      summary_.tables.push_back(table);
      continue;
    }
    at->rows += table.rows;
    at->files += table.files;
    at->bytes += table.bytes;
    if (table.snapshot_id != 0) at->snapshot_id = table.snapshot_id;
  }
  {
    const std::scoped_lock lock(status_mutex_);
    ++committed_status_.commits;
    committed_status_.events_committed = 0;  // no worker has passed another barrier since this epoch's
    for (const auto& worker : workers_) {
      const Worker::Snapshot now = worker->snapshot();
      committed_status_.events_committed += now.totals.events - now.epoch_events;
    }
    for (const CommittedTable& table : report.tables) {
      (table.is_dead_letter ? committed_status_.rejects_committed : committed_status_.rows_committed) += table.rows;
    }
    committed_status_.last_commit_wall_ms = clock_.wall_ms();
    committed_status_.last_commit_took_us = took_us;
  }
  observer_.on_commit(report, epoch, took_us);
}

void LocalHost::stop_workers() {
  for (const auto& worker : workers_) worker->join();
}

RunStatus LocalHost::status() const {
  RunStatus status;
  {
    const std::scoped_lock lock(status_mutex_);
    status = committed_status_;
  }
  if (!status.ready) return status;
  status.node_stats.resize(status.nodes.size());
  for (const auto& worker : workers_) {
    const Worker::Snapshot now = worker->snapshot();
    status.events += now.totals.events;
    status.bytes += now.totals.bytes;
    status.rejected += now.totals.rejected;
    status.writer_memory_bytes += now.memory_bytes;
    for (size_t i = 0; i < now.nodes.size(); ++i) {
      status.node_stats[i].rows_in += now.nodes[i].rows_in;
      status.node_stats[i].rows_out += now.nodes[i].rows_out;
      status.node_stats[i].rejected += now.nodes[i].rejected;
      status.node_stats[i].cpu_ns += now.nodes[i].cpu_ns;
    }
    if (now.lag.events >= 0) status.lag_events = std::max<int64_t>(0, status.lag_events) + now.lag.events;
    if (now.lag.bytes >= 0) status.lag_bytes = std::max<int64_t>(0, status.lag_bytes) + now.lag.bytes;
  }
  return status;
}

}  // namespace weir::runtime
