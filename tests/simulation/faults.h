/// \file
/// What goes wrong at a port call, as a seed decides.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "simulation/scheduler.h"

namespace weir::simulation {

/// How often things go wrong: one call in so many; 0: never.
struct FaultRates {
  int64_t unavailable = 0;        ///< an error before anything happened
  int64_t unavailable_after = 0;  ///< an error although it happened
  int64_t crash = 0;              ///< the process dies: before or after the call
  int64_t freeze = 0;             ///< the process stands still for long, and wakes up as a zombie
  int64_t lost_reply = 0;         ///< of commits
  int64_t late_request = 0;       ///< of commits
  int64_t repeated_request = 0;   ///< of commits: one that is applied arrives a second time
  int64_t late_store = 0;         ///< of puts and removals: it arrives when nobody waits for it any more
  int64_t sync_error = 0;         ///< of puts and finished writes: what was written may not be on the disk
  int64_t disk_full = 0;          ///< of puts and appends: a part was written
};

/// One process: what all its ports share. Once it is dead every port answers `crashed`, and its threads come to their
/// end by that.
class Process {
 public:
  Process(Scheduler& scheduler, RandomSource& random, const FaultRates& rates)
      : scheduler_(scheduler), random_(random), rates_(rates) {}

  /// Of all ports in one world. One that comes to its end makes a tenth of that.
  static constexpr int64_t kCallsMax = 1'000'000;

  enum class Fault { none, before, after };

  /// Every port call begins with this: others may come in between, and then it may go wrong. Errors: io, crashed.
  Result<Fault> enter() {
    scheduler_.may_switch();
    if (scheduler_.calls() > kCallsMax) is_dead_ = true;  // else it would go round for ever
    if (is_dead_) return crashed();
    if (hits(rates_.freeze)) {
      scheduler_.sleep_ms(static_cast<int64_t>(random_.next_u64() % 120'000));
      faults_us_.insert(faults_us_.end(), kFaultsThatMayEndIt, scheduler_.monotonic_us());  // its deadlines are over
    }
    if (hits(rates_.crash)) {
      is_dead_ = true;
      if (random_.next_u64() % 2 == 0) return crashed();
      return Fault::after;  // it happens, and nobody learns of it
    }
    const Fault fault = hits(rates_.unavailable)         ? Fault::before
                        : hits(rates_.unavailable_after) ? Fault::after
                                                         : Fault::none;
    if (fault != Fault::none) faults_us_.push_back(scheduler_.monotonic_us());
    return fault;
  }

  /// No single passing fault ends a run: only several in a short time may.
  static constexpr size_t kFaultsThatMayEndIt = 4;
  bool may_end_by_faults() const {
    const size_t count = faults_us_.size();
    return count >= kFaultsThatMayEndIt &&
           faults_us_[count - kFaultsThatMayEndIt] > scheduler_.monotonic_us() - kShortTimeUs;
  }
  /// The answer to a call that happened and whose answer is lost.
  Error after() const { return is_dead_ ? crashed() : passing(); }

  static Error crashed() { return Error(ErrorKind::io, "crashed"); }
  static Error passing() { return Error(ErrorKind::unavailable, "a passing fault"); }

  /// An error that no repetition heals, and that must end the process: of the disk.
  Error fail(ErrorKind kind) {
    has_failed_ = true;
    return Error(kind, kind == ErrorKind::io ? "cannot sync" : "no space left on device");
  }
  bool has_failed() const { return has_failed_; }

  bool is_dead() const { return is_dead_; }
  bool hits(int64_t one_in) { return one_in != 0 && random_.next_u64() % static_cast<uint64_t>(one_in) == 0; }
  const FaultRates& rates() const { return rates_; }
  void die() { is_dead_ = true; }

 private:
  Scheduler& scheduler_;
  RandomSource& random_;
  const FaultRates& rates_;  ///< of the world: they end when the world calms down
  bool is_dead_ = false;
  bool has_failed_ = false;
  static constexpr int64_t kShortTimeUs = 60'000'000;  // above every patience of production code
  std::vector<int64_t> faults_us_;                     ///< when calls failed in passing
};

}  // namespace weir::simulation
