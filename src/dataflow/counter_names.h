/// \file
/// The names of what operators and the graph count. They are stored in snapshot summaries: they never change meaning.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/reject.h"

namespace weir {

inline constexpr std::string_view kRowsDroppedCounter = "rows.dropped";

/// "rule.NAME.broken": rows that broke a rule, whatever became of them.
std::string rule_broken_counter(std::string_view rule);

/// "filter.NAME.removed": rows that a step left out.
std::string filter_removed_counter(std::string_view step);

/// "dedupe.NAME.removed": rows whose key was known.
std::string dedupe_removed_counter(std::string_view step);

/// "late.NAME": rows that came after their step had closed what they belong to.
std::string late_counter(std::string_view step);

/// "reject.CLASS", or "reject.CLASS.NAME" for the rule or step that rejected.
std::string rejected_counter(RejectClass reject_class, std::string_view name = {});

/// "unknown.FIELD": events with a field that the contract does not name.
std::string unknown_field_counter(std::string_view field);

/// What a counter's name says.
struct CounterName {
  enum class Kind { rule_broken, rows_dropped, filter_removed, dedupe_removed, late, rejected, unknown_field };
  Kind kind;
  std::string_view name = {};          ///< of the rule, step or field; empty where there is none
  std::string_view reject_class = {};  ///< rejected: to_string() of the class, which may be one of a newer Weir
};

/// Reads a name; nothing for one that is not made above. The views are into `text`.
std::optional<CounterName> parse_counter(std::string_view text);

}  // namespace weir
