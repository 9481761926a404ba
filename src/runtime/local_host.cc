#include "runtime/local_host.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/exception_guard.h"
#include "base/fault.h"
#include "runtime/followers_internal.h"
#include "runtime/local_tasks_internal.h"
#include "runtime/source_match.h"
#include "runtime/splitters_internal.h"
#include "runtime/threads/committer_thread_internal.h"

namespace weir::runtime {
namespace {

constexpr int64_t kTickUs = 50'000;  // how soon a stop is noticed: it comes by a signal, which cannot wake us up

}  // namespace

/// What comes to the coordinator: one of these; none of them only wakes it up.
struct LocalHost::Message {
  bool is_opened = false;  ///< by the committer: everything is there, nothing is started
  std::optional<TaskReport> report = {};
  std::optional<SplitterReport> splitter = {};
  std::optional<FollowerReport> follower = {};
  std::optional<CommittedEpoch> committed = {};
  std::optional<Error> commit_failed = {};
  std::string exited = {};  ///< name of a thread that will do nothing more
};

LocalHost::LocalHost(Job job, RunOptions options, PipelineStore store, HostEnvironment environment)
    : job_(std::move(job)),
      options_(options),
      environment_(environment),
      stop_(environment.clock, options.stop_deadline_ms),
      inbox_(environment.threads, environment.clock),
      meter_(options.epoch_bytes_max, [this] { inbox_.post({}); }),
      committer_waiter_(environment.threads.make_waiter()),
      committer_(*job_.committer, std::move(store.checkpoints), std::move(store.prepared), std::move(store.old_intents),
                 store.outbox, stop_, environment.clock, *committer_waiter_, environment.observer),
      reject_judge_(options.reject_limits) {}

LocalHost::~LocalHost() = default;

Result<RunSummary> LocalHost::run() {
  Result<void> outcome = guard_exceptions("the run", [this] { return run_job(); });
  for (int attempt = 0; attempt < 2; ++attempt) {  // memory may have run out for a moment
    if (guard_exceptions("the end of the run", [this] { return end_threads(); }).ok()) break;
  }
  // A stop may end what it finds under way; whatever was given up is done again by the next start.
  const bool is_stopped = !outcome.ok() && outcome.error().kind() == ErrorKind::cancelled && stop_.is_requested();
  if (!outcome.ok() && !is_stopped) return std::move(outcome).error();
  if (outcome.ok() && job_.on_finished) job_.on_finished();
  summary_.status = status();
  return std::move(summary_);
}

Result<void> LocalHost::run_job() {
  committer_thread_ = std::make_unique<CommitterThread>(
      environment_.threads, environment_.clock,
      [this](Error error) { inbox_.post({.commit_failed = std::move(error)}); },
      [this] { inbox_.post({.exited = CommitterThread::kName}); });
  committer_thread_->post([this] { return open(); });
  return coordinate();
}

/// Brings what earlier processes left to an end and makes the tasks. On the committer's thread, while the coordinator
/// waits: it may block in storage and in the catalog.
Result<void> LocalHost::open() {
  WEIR_ASSIGN(summary_.recovered_epochs, committer_.recover());
  summary_.progress = committer_.progress();
  WEIR_ASSIGN(unfollowed_, committer_.unfollowed());
  WEIR_TRY(make_parts());
  inbox_.post({.is_opened = true});
  return {};
}

Result<void> LocalHost::make_parts() {
  WEIR_ASSIGN(
      splitters_,
      Splitters::make(
          job_.graph, options_.tasks, summary_.progress, environment_, stop_,
          {.deal = [this](const std::string& source, Discovery found) { tasks_->deal(source, std::move(found)); },
           .report = [this](SplitterReport report) { inbox_.post({.splitter = std::move(report)}); }}));
  WEIR_TRY(match_sources(summary_.progress, splitters_->sources()));
  const WriterContext context_of = [this](const std::string& sink) { return committer_.writer_context(sink); };
  WEIR_ASSIGN(tasks_, Tasks::make(job_.graph, options_, environment_, meter_, context_of,
                                  [this](TaskReport report) { inbox_.post({.report = std::move(report)}); }));
  if (const std::optional<StoredObject> state = committer_.state()) {
    WEIR_TRY(tasks_->restore(committer_.checkpoints(), *state));
  }
  followers_ =
      std::make_unique<Followers>(std::move(job_.followers), committer_.decided(), committer_.outbox(), environment_,
                                  [this](FollowerReport report) { inbox_.post({.follower = std::move(report)}); });
  return {};
}

void LocalHost::start_threads() {
  is_open_ = true;
  last_cut_us_ = last_commit_us_ = environment_.clock.monotonic_us();
  const auto exited = [this](const std::string& name) { inbox_.post({.exited = name}); };
  tasks_->start(environment_.threads, exited);
  followers_->start(environment_.threads, exited);
  splitters_->start(environment_.threads, exited);
  for (DecidedOutboxAt& epoch : std::exchange(unfollowed_, {})) follow(std::move(epoch));
}

void LocalHost::follow(DecidedOutboxAt epoch) {
  if (!followers_->follow(epoch)) forget(std::move(epoch));
}

void LocalHost::forget(DecidedOutboxAt followed) {
  committer_thread_->post([this, followed = std::move(followed)] { return committer_.forget(followed); });
}

/// Cuts epochs and hands them to the committer until the sources end, a stop comes or something fails.
Result<void> LocalHost::coordinate() {
  bool is_ending = false;
  while (true) {
    std::optional<Message> message = inbox_.take(next_look_us());
    if (message) WEIR_TRY(take(*message));
    if (stop_.is_past_deadline()) {
      summary_.abandoned_epoch = is_open_ && (!is_last_ || closing_ || is_committing_);
      return {};
    }
    if (!is_open_) continue;
    if (!is_ending && (stop_.is_requested() || tasks_->are_finished())) {
      is_ending = true;
      tasks_->stop_intake();
    }
    if (closing_ || is_committing_) continue;
    if (is_last_) {
      const bool are_left_behind = stop_.is_requested() && followers_->are_away();
      if (followers_->are_done() || are_left_behind) return {};  // the next start lets them follow
      continue;
    }
    if (!followers_->has_room() || (!is_ending && !is_time_to_cut())) continue;
    is_last_ = is_ending;
    cut();
  }
}

/// When there is something to do though nothing comes in.
int64_t LocalHost::next_look_us() const {
  const int64_t tick_us = environment_.clock.monotonic_us() + kTickUs;
  const bool may_cut = is_open_ && !closing_ && !is_committing_ && tasks_->sums().epoch_events > 0;
  return may_cut ? std::min(tick_us, last_cut_us_ + options_.commit_every_ms * 1000) : tick_us;
}

bool LocalHost::is_time_to_cut() const {
  if (meter_.is_full()) return true;
  // Without events the barrier only asks the sources how far they are: nothing is committed if that has not changed.
  const bool has_events = tasks_->sums().epoch_events > 0;
  const int64_t every_ms =
      has_events ? options_.commit_every_ms : std::max(options_.commit_every_ms, options_.progress_every_ms);
  return environment_.clock.monotonic_us() - last_cut_us_ >= every_ms * 1000;
}

void LocalHost::cut() {
  ++epoch_;
  {
    const std::scoped_lock lock(status_mutex_);
    committed_status_.epoch = epoch_;
  }
  last_cut_us_ = environment_.clock.monotonic_us();
  closing_ =
      EpochResult{.epoch = epoch_,
                  .commit_key = Uuid::time_ordered(environment_.random, environment_.clock.wall_ms()).to_string(),
                  .progress = summary_.progress,
                  .parts = {},
                  .counters = {}};
  frozen_.clear();
  shares_missing_ = tasks_->count();
  tasks_->request_barrier(epoch_);
}

Result<void> LocalHost::take(Message& message) {
  if (message.is_opened) start_threads();
  if (message.commit_failed) {
    // A stop whose deadline passed gives the epoch up; every other error is the run's.
    if (message.commit_failed->kind() == ErrorKind::cancelled) summary_.abandoned_epoch = is_open_;
    return *message.commit_failed;
  }
  if (message.committed) take_committed(*message.committed);
  if (message.splitter) return take_report(*message.splitter);
  if (message.follower) return take_report(*message.follower);
  return message.report ? take_report(*message.report) : Result<void>();
}

Result<void> LocalHost::take_report(TaskReport& report) {
  switch (report.kind) {
    case TaskReport::Kind::failed: return *report.error;
    case TaskReport::Kind::finished: return {};
    case TaskReport::Kind::barrier_done: return take_share(report);
    case TaskReport::Kind::retrying:
      environment_.observer.on_source_retry(report.source, *report.error, report.wait_ms);
      return {};
    case TaskReport::Kind::to_look: splitters_->look(report.source); return {};
  }
  return {};
}

Result<void> LocalHost::take_report(const SplitterReport& report) {
  switch (report.kind) {
    case SplitterReport::Kind::failed: return *report.error;
    case SplitterReport::Kind::retrying:
      environment_.observer.on_source_retry(report.source, *report.error, report.wait_ms);
      return {};
    case SplitterReport::Kind::opened: break;
  }
  if (splitters_->note_opened()) {
    const std::scoped_lock lock(status_mutex_);
    committed_status_.ready = true;
  }
  return {};
}

Result<void> LocalHost::take_report(const FollowerReport& report) {
  switch (report.kind) {
    case FollowerReport::Kind::failed: return *report.error;
    case FollowerReport::Kind::retrying:
      followers_->note_retry(report.follower);
      environment_.observer.on_follower_retry(report.follower, *report.error, report.wait_ms);
      return {};
    case FollowerReport::Kind::applied: break;
  }
  for (DecidedOutboxAt& followed : followers_->take_applied(report.follower, report.number))
    forget(std::move(followed));
  return {};
}

/// Adds a task's share to the epoch that closes; the last one makes it whole, and it goes to the committer.
Result<void> LocalHost::take_share(TaskReport& report) {
  const EpochResult& share = *report.share;
  if (!report.frozen.steps.empty()) frozen_.push_back(std::move(report.frozen));
  closing_->progress.merge(share.progress);
  add_counters(closing_->counters, share.counters);
  closing_->events += share.events;
  closing_->rejected += share.rejected;
  for (const std::string& sample : share.reject_samples) {
    if (closing_->reject_samples.size() < kRejectSamplesMax) closing_->reject_samples.push_back(sample);
  }
  for (const auto& [sink, parts] : share.parts) {
    std::vector<std::string>& all = closing_->parts[sink];
    all.insert(all.end(), parts.begin(), parts.end());
  }
  if (--shares_missing_ > 0) return {};
  EpochResult whole = *std::exchange(closing_, std::nullopt);
  WEIR_TRY(fault_point("epoch.after_barrier"));
  WEIR_TRY(judge_rejects(whole));
  WEIR_TRY(followers_->take_parts(whole));
  const bool has_rows = !whole.parts.empty() || !whole.outbox.parts.empty();
  if (!has_rows && whole.progress == summary_.progress) return {};
  add_to_held(whole);
  // A commit without rows only saves reading again what brought none: rarely is often enough.
  if (!has_rows && !is_last_ && environment_.clock.monotonic_us() < last_commit_us_ + options_.progress_every_ms * 1000)
    return {};
  EpochResult epoch = std::exchange(held_, {});
  is_committing_ = true;
  commit(std::move(epoch), std::exchange(frozen_, {}));
  return {};
}

/// Several epochs may become one commit.
void LocalHost::add_to_held(EpochResult& epoch) {
  add_counters(epoch.counters, held_.counters);
  epoch.events += held_.events;
  epoch.rejected += held_.rejected;
  for (std::string& sample : held_.reject_samples) {
    if (epoch.reject_samples.size() < kRejectSamplesMax) epoch.reject_samples.push_back(std::move(sample));
  }
  held_ = std::move(epoch);
}

void LocalHost::commit(EpochResult epoch, std::vector<FrozenTask> frozen) {
  // Work is copied where it is kept; what is in it is not.
  auto work = std::make_shared<std::pair<EpochResult, std::vector<FrozenTask>>>(std::move(epoch), std::move(frozen));
  committer_thread_->post([this, work]() -> Result<void> {
    WEIR_ASSIGN(CommittedEpoch committed, committer_.commit(std::move(work->first), std::move(work->second)));
    inbox_.post({.committed = std::move(committed)});
    return {};
  });
}

Result<void> LocalHost::judge_rejects(const EpochResult& epoch) {
  switch (reject_judge_.judge(epoch, is_last_, is_last_ && !stop_.is_requested())) {
    case RejectVerdict::open:
    case RejectVerdict::fine: return {};
    case RejectVerdict::warn: environment_.observer.on_many_rejects(reject_judge_.window()); return {};
    case RejectVerdict::stop: break;
  }
  return reject_judge_.refusal();
}

void LocalHost::take_committed(const CommittedEpoch& committed) {
  is_committing_ = false;
  last_commit_us_ = environment_.clock.monotonic_us();
  summary_.progress = committed.epoch.progress;
  add_counters(summary_.counters, committed.epoch.counters);
  for (const CommittedTable& table : committed.report.tables) add_to(summary_.tables, table);
  {
    const std::scoped_lock lock(status_mutex_);
    ++committed_status_.commits;
    const TaskSums now = tasks_->sums();  // no task has passed another barrier since this epoch's
    committed_status_.events_committed = now.events - now.epoch_events;
    for (const CommittedTable& table : committed.report.tables) {
      (table.is_dead_letter ? committed_status_.rejects_committed : committed_status_.rows_committed) += table.rows;
    }
    committed_status_.last_commit_wall_ms = environment_.clock.wall_ms();
    committed_status_.last_commit_took_us = committed.took_us;
  }
  environment_.observer.on_commit(committed.report, committed.epoch, committed.took_us);
  if (committed.unfollowed) follow(*committed.unfollowed);
  const auto durable = std::make_shared<const Progress>(committed.epoch.progress);
  tasks_->release(durable);
  splitters_->release(durable);
}

/// Lets all threads come to their end. What the committer has under way is waited for until the stop deadline; it
/// counts from now when nobody has asked for a stop.
Result<void> LocalHost::end_threads() {
  stop_.request();
  if (!committer_thread_) return {};
  std::set<std::string> alive = {CommitterThread::kName};
  if (is_open_) {
    alive.merge(tasks_->names());
    alive.merge(splitters_->names());
    alive.merge(followers_->names());
    splitters_->end();
    followers_->end();
    tasks_->end();
  }
  committer_thread_->end();
  const int64_t stuck_us = stop_.deadline_us() + options_.stuck_after_ms * 1000;
  bool is_told = false;
  while (!alive.empty()) {
    const std::optional<Message> message = inbox_.take(environment_.clock.monotonic_us() + kTickUs);
    if (message && message->committed) take_committed(*message->committed);
    if (message) alive.erase(message->exited);
    if (is_told || alive.empty() || environment_.clock.monotonic_us() < stuck_us) continue;
    is_told = true;
    environment_.observer.on_stuck(*alive.begin());
  }
  return {};
}

RunStatus LocalHost::status() const {
  RunStatus status;
  {
    const std::scoped_lock lock(status_mutex_);
    status = committed_status_;
  }
  status.commit_retries = committer_.status().retries;
  status.committing = committer_.status().is_committing;
  if (status.ready) tasks_->add_to(status);
  return status;
}

}  // namespace weir::runtime
