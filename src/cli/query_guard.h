/// \file
/// Ends a query from outside: when its time is over, when somebody presses Ctrl-C, when nobody reads its rows any more.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "cli/output/console.h"
#include "expression/query.h"

namespace weir::cli {

/// From its beginning to its end, the first SIGINT or SIGTERM interrupts the session, and so does the end of the time,
/// or of the reader; the second signal ends the process. One at a time; what it is given outlives it.
class QueryGuard {
 public:
  /// `time_ms_max` 0: no limit.
  QueryGuard(expression::QuerySession& session, const Console& console, const Clock& clock, int64_t time_ms_max);
  QueryGuard(const QueryGuard&) = delete;
  QueryGuard& operator=(const QueryGuard&) = delete;
  ~QueryGuard();

  /// Errors: cancelled or timeout, as soon as the query has been told to end. Thread-safe.
  Result<void> check() const;

 private:
  enum class Ended { no, by_signal, by_time, by_reader };
  void watch();

  expression::QuerySession& session_;
  const Console& console_;
  const Clock& clock_;
  const int64_t time_ms_max_;
  std::atomic<Ended> ended_ = Ended::no;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace weir::cli
