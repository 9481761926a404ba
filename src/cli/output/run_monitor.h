/// \file
/// What a running pipeline tells: log lines as things happen, metrics when somebody asks.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "cli/environment.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "runtime/local_host.h"

namespace weir::cli {

/// Observes one host. on_...() come from its threads; update() may come from any.
class RunMonitor final : public runtime::RunObserver {
 public:
  RunMonitor(std::string pipeline, observe::Logger& logger, observe::Metrics& metrics, Environment& environment);

  void on_commit(const CommitReport& report, const EpochResult& epoch, int64_t took_us) override;
  void on_many_rejects(const runtime::RejectWindow& window) override;
  void on_commit_retry(const Error* error, int64_t wait_ms) override;
  void on_source_retry(const std::string& source, const Error& error, int64_t wait_ms) override;
  void on_follower_retry(const std::string& sink, const Error& error, int64_t wait_ms) override;
  void on_recovered(const CommitReport& report) override;
  void on_damaged_intent(const std::string& path) override;
  /// Says so and ends the process: nothing that is lost by that would not be given up anyway.
  [[noreturn]] void on_stuck(const std::string& who) override;

  /// The most frequent reason of the rejects committed so far, "rule dep_delay_range"; empty without any. Thread-safe.
  std::string main_reject_reason() const;

  /// Brings the gauges and totals up to date from the host's status.
  void update(const runtime::RunStatus& status);

 private:
  void count(const Counters& counters);
  void report_rejects(const Counters& counters);

  std::string pipeline_;
  observe::Logger& logger_;
  observe::Metrics& metrics_;
  Environment& environment_;
  mutable std::mutex reasons_mutex_;
  std::map<std::string, int64_t> reasons_;  ///< guarded by reasons_mutex_
};

}  // namespace weir::cli
