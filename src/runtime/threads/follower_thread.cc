#include <algorithm>
#include <utility>

#include "base/exception_guard.h"
#include "base/fault.h"
#include "runtime/threads/follower_thread_internal.h"

namespace weir::runtime {
namespace {

constexpr char kWayOut[] =
    ". Put it back as it was; or give the sink another name: it then begins with what comes from now on";

std::string epoch_text(std::optional<int64_t> number) {
  return number ? "epoch " + std::to_string(*number) : "nothing";
}

}  // namespace

FollowerThread::FollowerThread(std::string sink, std::unique_ptr<Follower> follower, Start start, OutboxStore outbox,
                               std::function<void(FollowerReport)> report, Threads& threads, const Clock& clock)
    : sink_(std::move(sink)),
      name_("follower '" + sink_ + "'"),
      follower_(std::move(follower)),
      start_(start),
      outbox_(outbox),
      report_(std::move(report)),
      clock_(clock),
      inbox_(threads, clock) {}

void FollowerThread::start(Threads& threads, std::function<void(const std::string&)> exited) {
  thread_ = threads.start(name_, [this, exited = std::move(exited)] {
    run();
    exited(name_);
  });
}

void FollowerThread::run() {
  do {
    Result<void> done = guard_exceptions("a follower", [this] { return advance(); });
    if (done.ok() || back_off(done.error())) continue;
    report_({.follower = sink_,
             .kind = FollowerReport::Kind::failed,
             .error = std::move(done).error().with_context("sink '" + sink_ + "'")});
    next_us_ = kNoTime;
    waiting_.clear();
    is_open_ = true;  // it does nothing more
  } while (wait());
}

/// Applies one epoch, if one waits.
Result<void> FollowerThread::advance() {
  if (!is_open_) WEIR_TRY(open());
  if (!waiting_.empty()) {
    const FollowerShare& share = waiting_.front();
    if (share.number > start_.known.applied) WEIR_TRY(apply(share));
    report_({.follower = sink_, .number = share.number});
    waiting_.pop_front();
  }
  back_off_.reset();
  next_us_ = waiting_.empty() ? kNoTime : 0;
  return {};
}

Result<void> FollowerThread::open() {
  WEIR_TRY(fault_point("follower.before_open"));
  WEIR_ASSIGN(const std::optional<int64_t> holds, follower_->open(start_.fence_epoch));
  if (holds && *holds > start_.decided) {
    return Error(ErrorKind::table_changed,
                 "it holds " + epoch_text(holds) + " of the pipeline, whose tables have no more than " +
                     epoch_text(start_.decided) + ": they were put back or made anew" + kWayOut);
  }
  FollowerRecord& known = start_.known;
  const bool has_lost = holds ? *holds < known.applied : known.applied > known.since;
  if (has_lost) {
    return Error(ErrorKind::position_lost, "it holds " + epoch_text(holds) + " of the pipeline and held " +
                                               epoch_text(known.applied) + " before: it was put back or emptied" +
                                               kWayOut);
  }
  if (holds) known.applied = *holds;
  is_open_ = true;
  return {};
}

Result<void> FollowerThread::apply(const FollowerShare& share) {
  if (!share.pieces) {
    return Error(ErrorKind::position_lost, "its rows of epoch " + std::to_string(share.number) +
                                               " are gone from the pipeline's folder" + kWayOut);
  }
  WEIR_TRY(fault_point("follower.before_apply"));
  is_open_ = false;  // after an error
  WEIR_TRY(follower_->apply(
      {.number = share.number, .commit_key = share.commit_key, .parts = share.pieces->size(), .read = [&](size_t part) {
         return outbox_.get(share.pieces->at(part));
       }}));
  is_open_ = true;
  start_.known.applied = share.number;
  return fault_point("follower.after_apply");
}

/// False when waiting does not help.
bool FollowerThread::back_off(Error error) {
  if (error.retry() != RetryHint::backoff) return false;
  const int64_t wait_ms = back_off_.next_ms();
  next_us_ = clock_.monotonic_us() + wait_ms * 1000;
  report_({.follower = sink_, .kind = FollowerReport::Kind::retrying, .error = std::move(error), .wait_ms = wait_ms});
  return true;
}

/// Takes what comes in until it is time to go on; false when the thread is to end.
bool FollowerThread::wait() {
  while (true) {
    std::optional<Message> message = inbox_.take(next_us_);
    if (!message) return true;
    if (message->is_end) return false;
    start_.decided = std::max(start_.decided, message->share->number);
    waiting_.push_back(*std::move(message->share));
    if (!back_off_.is_waiting()) next_us_ = 0;
  }
}

}  // namespace weir::runtime
