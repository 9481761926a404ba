/// \file
/// Who is told what a run does.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "dataflow/sink.h"
#include "runtime/reject_limit.h"

namespace weir::runtime {

/// Called on the host's threads, one call at a time for each function; the thread that calls waits meanwhile.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// An epoch is in the tables: `took_us` microseconds from prepare() on.
  virtual void on_commit(const CommitReport& report, const EpochResult& epoch, int64_t took_us) = 0;
  /// Of the events of some epochs more than reject_limit's `warn` were rejected. Told before they are committed.
  virtual void on_many_rejects(const RejectWindow& window) { (void)window; }
  /// A call to the catalog or the store is not done and is tried again in `wait_ms` milliseconds. `error` says why;
  /// null when the catalog did not say what became of a commit.
  virtual void on_commit_retry(const Error* error, int64_t wait_ms) = 0;
  /// The source `source` cannot be read just now and is asked again in `wait_ms` milliseconds.
  virtual void on_source_retry(const std::string& source, const Error& error, int64_t wait_ms) = 0;
  /// The follower of sink `sink` cannot be reached just now and is asked again in `wait_ms` milliseconds.
  virtual void on_follower_retry(const std::string& sink, const Error& error, int64_t wait_ms) = 0;
  /// What an earlier process prepared is at its end: `applied` (by whomever) or `refused`.
  virtual void on_recovered(const CommitReport& report) = 0;
  /// The intent of a release before at `path` cannot be read and is left where it is. Told once a run, before anything
  /// is read.
  virtual void on_damaged_intent(const std::string& path) = 0;
  /// A stop was given up at its deadline and some thread does not come back from a call into storage, the catalog or a
  /// source. What is undone is done by the next start. Whoever runs the process should end it now: run() does not
  /// return before that thread does.
  virtual void on_stuck(const std::string& who) = 0;
};

}  // namespace weir::runtime
