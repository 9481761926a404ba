#include "runtime/epoch_committer.h"

#include <algorithm>

#include "base/fault.h"
#include "runtime/back_off.h"

namespace weir::runtime {
namespace {

constexpr int64_t kOpenRetryMs = 8'000;  // a start that cannot reach its tables for long ends and says so
/// So many fence epochs back a copy is removed: that many processes ended before they knew what became of theirs.
constexpr int64_t kAdoptersMax = 16;
constexpr int64_t kTickMs = 50;  // how soon a stop deadline is noticed in a pause

}  // namespace

Result<int64_t> EpochCommitter::recover() {
  WEIR_ASSIGN(SinkRecovery left, open());
  Result<std::string> decided = left.decided ? prepared_.get(*left.decided) : std::string();
  if (!decided.ok() && decided.error().kind() == ErrorKind::not_found) {
    // An older process may have brought it to its end between the two: the tables must say so by now.
    WEIR_ASSIGN(left, open());
    decided = left.decided ? prepared_.get(*left.decided) : std::string();
  }
  if (!decided.ok()) {
    return std::move(decided).error().with_context(
        "a table lacks the last commit, which is decided: a crash came in between, or the table was restored to an "
        "older state. What it is to get cannot be read. Restore the file or the table; or, to leave those rows out: "
        "`weir progress join PIPELINE.yaml --table TABLE --reason TEXT`");
  }
  int64_t recovered = 0;
  if (left.decided) {
    WEIR_TRY(recover_one(*decided, *left.decided));
    ++recovered;
  }
  if (left.settled) WEIR_TRY(prepared_.forget(left.settled->uri));
  bool is_adopted = false;
  for (const std::string& name : left.undecided) {
    WEIR_ASSIGN(const std::optional<FoundPrepared> found, prepared_.find(name));
    const bool has_lost_its_parent = is_adopted;
    if (found && !has_lost_its_parent) {
      WEIR_ASSIGN(is_adopted, adopt(name, *found));
      ++recovered;
      continue;
    }
    WEIR_TRY(prepared_.forget(prepared_.uri_of(name)));
    if (found) discard(found->prepared);
  }
  WEIR_ASSIGN(const int64_t old, recover_old_intents());
  return recovered + old;
}

Result<SinkRecovery> EpochCommitter::open() {
  WEIR_ASSIGN(SinkRecovery left,
              with_back_off(Deadline::after_ms(clock_, kOpenRetryMs), [this] { return sinks_.open(); }));
  retain_states();
  return left;
}

Result<int64_t> EpochCommitter::recover_old_intents() {
  WEIR_ASSIGN(const PendingIntents pending, old_intents_.pending());
  for (const std::string& path : pending.damaged) observer_.on_damaged_intent(path);
  int64_t recovered = 0;
  for (const OldIntent& intent : pending.intents) {
    WEIR_ASSIGN(const StoredObject place, prepared_.put(intent.name, intent.prepared));
    const Result<bool> outcome = recover_one(intent.prepared, place);
    const bool is_of_another = !outcome.ok() && outcome.error().kind() == ErrorKind::invalid_argument;
    if (is_of_another) {
      WEIR_TRY(prepared_.forget(place.uri));
      continue;
    }
    if (!outcome.ok()) return outcome.error();
    WEIR_TRY(old_intents_.resolve(intent.name));
    ++recovered;
  }
  return recovered;
}

/// Who stored it may have died before it was durable, and a loss of power may still take it: the lead must name one
/// that stays. Copies of those who tried before are void: no lead can name them any more. Returns whether the tables
/// have it.
Result<bool> EpochCommitter::adopt(const std::string& name, const FoundPrepared& found) {
  const int64_t fence = sinks_.decided().fence_epoch;
  WEIR_ASSIGN(const StoredObject place, with_back_off(Deadline{kNoTime}, [&] {
                return prepared_.put(PreparedStore::copy_of(name, fence), found.prepared);
              }));
  for (int64_t older = std::max<int64_t>(fence - kAdoptersMax, 1); older < fence; ++older)
    WEIR_TRY(prepared_.forget_copy(name, older));
  WEIR_ASSIGN(const bool is_applied, recover_one(found.prepared, place));
  WEIR_TRY(prepared_.forget(found.place.uri));
  return is_applied;
}

/// Returns whether the tables have it.
Result<bool> EpochCommitter::recover_one(const std::string& prepared, const StoredObject& place) {
  WEIR_TRY(fault_point("recover.before_commit"));
  WEIR_ASSIGN(const CommitReport report, until_known([&] { return sinks_.recover(prepared, place); }));
  if (report.outcome == CommitOutcome::unknown)
    return Error(ErrorKind::cancelled, "stopped while an earlier commit was unresolved; the next start resolves it");
  WEIR_TRY(fault_point("recover.after_commit"));
  retain_states();
  WEIR_ASSIGN(const DecidedOutbox outbox, sinks_.outbox_of(prepared));
  const bool is_waited_for = report.outcome == CommitOutcome::applied && !outbox.parts.empty();
  if (!is_waited_for) WEIR_TRY(prepared_.forget(place.uri));
  if (report.outcome == CommitOutcome::refused) discard(prepared);
  observer_.on_recovered(report);
  return report.outcome == CommitOutcome::applied;
}

void EpochCommitter::retain_states() {
  checkpoints_.retain(sinks_.state(), sinks_.older_states());
}

/// What a void epoch names, once it is forgotten: while it could still be found it must not lack anything.
void EpochCommitter::discard(const std::string& prepared) {
  const Result<std::optional<StoredObject>> state = sinks_.state_of(prepared);
  if (state.ok() && *state) checkpoints_.discard(**state);
  const Result<DecidedOutbox> outbox = sinks_.outbox_of(prepared);
  if (!outbox.ok()) return;
  for (const OutboxPart& part : outbox->parts) {
    if (!outbox_.forget(part.object).ok()) return;
  }
}

Result<std::vector<DecidedOutboxAt>> EpochCommitter::unfollowed() {
  std::vector<DecidedOutboxAt> all;
  for (const UnfollowedEpoch& epoch : sinks_.decided().unfollowed) {
    DecidedOutboxAt at{.outbox = {.number = epoch.number, .commit_key = {}, .parts = {}},
                       .prepared = epoch.prepared,
                       .followers = epoch.followers};
    const Result<std::string> prepared = prepared_.get(epoch.prepared);
    at.is_lost = !prepared.ok() && prepared.error().kind() == ErrorKind::not_found;
    if (!prepared.ok() && !at.is_lost) return prepared.error();
    if (!at.is_lost) {
      WEIR_ASSIGN(at.outbox, sinks_.outbox_of(*prepared));
    }
    all.push_back(std::move(at));
  }
  return all;
}

/// The pieces first: while what was prepared is there, it says what is to be removed.
Result<void> EpochCommitter::forget(const DecidedOutboxAt& followed) {
  for (const OutboxPart& part : followed.outbox.parts) WEIR_TRY(outbox_.forget(part.object));
  WEIR_TRY(fault_point("follower.before_forget"));
  return prepared_.forget(followed.prepared.uri);
}

Result<CommittedEpoch> EpochCommitter::commit(EpochResult epoch, std::vector<FrozenTask> frozen) {
  const int64_t began_us = clock_.monotonic_us();
  WEIR_ASSIGN(epoch.state, checkpoints_.write(epoch.commit_key, std::move(frozen)));
  WEIR_TRY(fault_point("epoch.after_state"));
  WEIR_ASSIGN(const PreparedEpoch prepared, with_back_off(Deadline{kNoTime}, [&] { return sinks_.prepare(epoch); }));
  WEIR_ASSIGN(const StoredObject place,
              with_back_off(Deadline{kNoTime}, [&] { return prepared_.put(prepared.name, prepared.bytes); }));
  WEIR_TRY(fault_point("epoch.after_prepared"));
  WEIR_ASSIGN(CommitReport report, until_known([&] { return sinks_.commit(prepared.bytes, place); }));
  if (report.outcome == CommitOutcome::unknown)
    return Error(ErrorKind::cancelled, "stopped while the commit was unresolved; the next start resolves it");
  if (report.outcome == CommitOutcome::refused)
    return Error(ErrorKind::conflict,
                 "the catalog refused the commit for good; start the pipeline again: what it has not committed is read "
                 "again");
  WEIR_TRY(fault_point("epoch.after_commit"));
  CommittedEpoch committed{.epoch = std::move(epoch), .report = std::move(report)};
  if (committed.epoch.outbox.parts.empty()) {
    WEIR_TRY(prepared_.forget(place.uri));
  } else {
    WEIR_ASSIGN(DecidedOutbox outbox, sinks_.outbox_of(prepared.bytes));
    committed.unfollowed = DecidedOutboxAt{.outbox = std::move(outbox), .prepared = place, .followers = {}};
  }
  retain_states();
  committed.took_us = clock_.monotonic_us() - began_us;
  return committed;
}

/// Repeats a call that fails in passing, until `give_up` or the stop deadline.
template <typename Call>
auto EpochCommitter::with_back_off(Deadline give_up, const Call& call) -> decltype(call()) {
  BackOff back_off;
  while (true) {
    auto result = call();
    if (result.ok() || result.error().retry() != RetryHint::backoff) return result;
    if (stop_.is_past_deadline()) return Error(ErrorKind::cancelled, result.error().message());
    if (give_up.passed(clock_)) return result;
    const int64_t wait_ms = back_off.next_ms();
    observer_.on_commit_retry(&result.error(), wait_ms);
    ++status_.retries;
    pause(wait_ms);
  }
}

/// Asks until the outcome is known. Only a stop whose deadline has passed leaves it unknown.
Result<CommitReport> EpochCommitter::until_known(const std::function<Result<CommitReport>()>& attempt) {
  status_.is_committing = true;
  BackOff back_off;
  while (true) {
    Result<CommitReport> report = attempt();
    const bool again =
        report.ok() ? report->outcome == CommitOutcome::unknown : report.error().retry() == RetryHint::backoff;
    if (!again) {
      status_.is_committing = false;
      return report;
    }
    if (stop_.is_past_deadline()) break;
    const int64_t wait_ms = back_off.next_ms();
    observer_.on_commit_retry(report.ok() ? nullptr : &report.error(), wait_ms);
    ++status_.retries;
    pause(wait_ms);
    if (stop_.is_past_deadline()) break;
  }
  return CommitReport{};
}

/// In short pieces: a stop may come meanwhile, and its deadline ends the pause.
void EpochCommitter::pause(int64_t wait_ms) {
  const Deadline end = Deadline::after_ms(clock_, wait_ms);
  while (!end.passed(clock_) && !stop_.is_past_deadline()) {
    const int64_t given_up_us = stop_.is_requested() ? stop_.deadline_us() + 1000 : kNoTime;
    waiter_.wait_until(std::min({end.monotonic_us, given_up_us, clock_.monotonic_us() + kTickMs * 1000}));
  }
}

}  // namespace weir::runtime
