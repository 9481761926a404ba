#include "dataflow/counters.h"

namespace weir {

std::strong_ordering operator<=>(const Counter& a, const Counter& b) {
  if (const auto by_kind = a.kind <=> b.kind; std::is_neq(by_kind)) return by_kind;
  const auto by_class = to_string(a.reject_class) <=> to_string(b.reject_class);
  return std::is_neq(by_class) ? by_class : a.name <=> b.name;
}

void add_counters(Counters& into, const Counters& more) {
  for (const auto& [counter, value] : more) into[counter] += value;
}

std::string to_text(const Counter& counter) {
  switch (counter.kind) {
    case CounterKind::dedupe_removed: return "dedupe." + counter.name + ".removed";
    case CounterKind::filter_removed: return "filter." + counter.name + ".removed";
    case CounterKind::late: return "late." + counter.name;
    case CounterKind::rejected: break;
    case CounterKind::rows_dropped: return "rows.dropped";
    case CounterKind::rule_broken: return "rule." + counter.name + ".broken";
    case CounterKind::unknown_field: return "unknown." + counter.name;
  }
  const std::string text = "reject." + std::string(to_string(counter.reject_class));
  return counter.name.empty() ? text : text + "." + counter.name;
}

std::map<std::string, int64_t> to_texts(const Counters& counters) {
  std::map<std::string, int64_t> texts;
  for (const auto& [counter, value] : counters) texts[to_text(counter)] = value;
  return texts;
}

std::string reject_reason(const Counter& counter) {
  const std::string reason(to_string(counter.reject_class));
  return counter.name.empty() ? reason : reason + " " + counter.name;
}

}  // namespace weir
