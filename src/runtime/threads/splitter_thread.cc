#include <algorithm>
#include <utility>

#include "base/exception_guard.h"
#include "base/fault.h"
#include "runtime/threads/splitter_thread_internal.h"

namespace weir::runtime {
namespace {

constexpr int kRefusalsMax = 3;

bool is_refusal(const Error& error) {
  return error.kind() == ErrorKind::unauthenticated || error.kind() == ErrorKind::permission_denied;
}

}  // namespace

SplitterThread::SplitterThread(std::string source, std::unique_ptr<SourceSplitter> splitter,
                               std::shared_ptr<const Progress> progress, Ends ends, Threads& threads,
                               const Clock& clock)
    : source_(std::move(source)),
      name_("splitter of '" + source_ + "'"),
      splitter_(std::move(splitter)),
      progress_(std::move(progress)),
      ends_(std::move(ends)),
      clock_(clock),
      inbox_(threads, clock) {}

void SplitterThread::start(Threads& threads, std::function<void(const std::string&)> exited) {
  thread_ = threads.start(name_, [this, exited = std::move(exited)] {
    run();
    exited(name_);
  });
}

void SplitterThread::run() {
  do {
    Result<void> done = guard_exceptions("a splitter", [this] { return is_opened_ ? discover() : open(); });
    if (!done.ok()) done = back_off(std::move(done).error());
    if (done.ok()) continue;
    if (done.error().kind() == ErrorKind::cancelled && ends_.stop_asked()) {
      next_us_ = kNoTime;
      continue;
    }
    ends_.report({.source = source_,
                  .kind = SplitterReport::Kind::failed,
                  .error = std::move(done).error().with_context("source '" + source_ + "'")});
    next_us_ = kNoTime;
    has_failed_ = true;
  } while (wait_until(next_us_));
}

Result<void> SplitterThread::open() {
  WEIR_TRY(fault_point("source.before_open"));
  WEIR_TRY(splitter_->open(of_source(*progress_), ends_.stop_asked));
  is_opened_ = true;
  back_off_.reset();
  progress_ = nullptr;
  return discover();
}

Result<void> SplitterThread::discover() {
  WEIR_TRY(fault_point("source.before_discover"));
  WEIR_ASSIGN(Discovery found, splitter_->discover(std::exchange(is_in_doubt_, false)));
  back_off_.reset();
  refusals_ = 0;
  next_us_ = found.next_us;
  // Before the tasks get their splits: they may be done with them, and the run with them, in no time.
  if (!std::exchange(is_told_, true)) ends_.report({.source = source_});
  ends_.deal(std::move(found));
  return {};
}

/// Errors: `error`, when waiting does not help.
Result<void> SplitterThread::back_off(Error error) {
  const bool may_pass = error.retry() == RetryHint::backoff || (is_refusal(error) && ++refusals_ < kRefusalsMax);
  if (!may_pass) return error;
  const int64_t wait_ms = back_off_.next_ms();
  next_us_ = clock_.monotonic_us() + wait_ms * 1000;
  ends_.report(
      {.source = source_, .kind = SplitterReport::Kind::retrying, .error = std::move(error), .wait_ms = wait_ms});
  return {};
}

/// Does what comes in; false when the thread is to end.
bool SplitterThread::wait_until(int64_t until_us) {
  while (true) {
    const std::optional<Message> message = inbox_.take(until_us);
    if (!message) return true;
    if (message->is_end) return false;
    if (message->is_look) {
      is_in_doubt_ = true;
      if (!back_off_.is_waiting() && !has_failed_) return true;
    }
    if (!message->durable || !is_opened_) continue;
    if (const SourceProgress* durable = of_source(*message->durable)) splitter_->release(*durable);
  }
}

const SourceProgress* SplitterThread::of_source(const Progress& progress) const {
  const auto found = progress.sources.find(source_);
  return found == progress.sources.end() ? nullptr : &found->second;
}

}  // namespace weir::runtime
