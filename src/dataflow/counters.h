/// \file
/// What operators and the graph count in an epoch. As text it is stored in snapshot summaries.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "event/reject.h"

namespace weir {

enum class CounterKind : uint8_t {
  dedupe_removed,  ///< rows whose key was known to the step
  filter_removed,  ///< rows that the step left out
  late,            ///< rows that came after the step had closed what they belong to
  rejected,        ///< rejects of the class; by the rule or step, where one made them
  rows_dropped,    ///< rows that rules left out
  rule_broken,     ///< rows that broke the rule, whatever became of them
  unknown_field,   ///< events with the field, which the contract does not name
};

/// What is counted.
struct Counter {
  CounterKind kind;
  std::string name = {};                              ///< of the rule, step or field; empty where there is none
  RejectClass reject_class = RejectClass::malformed;  ///< rejected only

  /// As their texts: the order in which people see them.
  friend std::strong_ordering operator<=>(const Counter& a, const Counter& b);
  friend bool operator==(const Counter&, const Counter&) = default;
};

/// What was counted since the last barrier.
using Counters = std::map<Counter, int64_t>;

/// Adds `more` to `into`.
void add_counters(Counters& into, const Counters& more);

/// The name under which it is stored; what it means never changes: "rule.NAME.broken", "rows.dropped",
/// "filter.NAME.removed", "dedupe.NAME.removed", "late.NAME", "reject.CLASS", "reject.CLASS.NAME", "unknown.FIELD".
std::string to_text(const Counter& counter);
std::map<std::string, int64_t> to_texts(const Counters& counters);

/// Why something was rejected, for people: "rule NAME", "malformed". `counter` is of the kind rejected.
std::string reject_reason(const Counter& counter);

}  // namespace weir
