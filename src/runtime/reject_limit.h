/// \file
/// Whether so many events are rejected that somebody should look before more are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataflow/sink.h"

namespace weir::runtime {

struct RejectLimits {
  int warn_percent = 10;
  int stop_percent = 50;   ///< 100: never stop
  bool is_chosen = false;  ///< by the user: then the end of the input is judged however few events there were; else
                           ///< it only warns of them, above stop_percent
  int64_t accepted = 0;    ///< so many rejects of this run stop nothing
};

/// Epochs that are judged together, so that a few events do not decide.
struct RejectWindow {
  int64_t events = 0;
  int64_t rejected = 0;
  Counters counters;
  std::vector<std::string> samples;  ///< at most kRejectSamplesMax
};

enum class RejectVerdict {
  open,  ///< too few events yet
  fine,
  warn,
  stop,
};

/// Judges the epochs of one run, in order, each before it is prepared. One thread; no clock, nothing outside.
class RejectJudge {
 public:
  static constexpr int64_t kEventsMin = 1000;

  explicit RejectJudge(RejectLimits limits) : limits_(limits) {}

  /// Takes one more epoch. `is_end`: it is the last; `is_end_of_input`: because the sources are at their end.
  RejectVerdict judge(const EpochResult& epoch, bool is_end, bool is_end_of_input);

  /// What the last verdict was on.
  const RejectWindow& window() const { return judged_; }
  /// limit_exceeded, with shares, reasons, samples and what to do.
  Error refusal() const;

 private:
  bool is_above(int percent) const;

  const RejectLimits limits_;
  RejectWindow open_;
  RejectWindow judged_;
  int64_t rejected_ = 0;  ///< in the whole run
};

/// "5 of 8 events (62%) were rejected: 4 wrong_type, 1 rule amount_range".
std::string to_text(const RejectWindow& window);

}  // namespace weir::runtime
