#include "dataflow/counter_names.h"

namespace weir {
namespace {

constexpr std::string_view kRulePrefix = "rule.";
constexpr std::string_view kBrokenSuffix = ".broken";
constexpr std::string_view kFilterPrefix = "filter.";
constexpr std::string_view kDedupePrefix = "dedupe.";
constexpr std::string_view kLatePrefix = "late.";
constexpr std::string_view kRemovedSuffix = ".removed";
constexpr std::string_view kRejectPrefix = "reject.";
constexpr std::string_view kUnknownPrefix = "unknown.";

std::string join(std::string_view prefix, std::string_view name, std::string_view suffix) {
  return std::string(prefix).append(name).append(suffix);
}

/// What stands between `prefix` and `suffix`.
std::optional<std::string_view> between(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (text.size() < prefix.size() + suffix.size() || !text.starts_with(prefix) || !text.ends_with(suffix)) return {};
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

}  // namespace

std::string rule_broken_counter(std::string_view rule) {
  return join(kRulePrefix, rule, kBrokenSuffix);
}

std::string filter_removed_counter(std::string_view step) {
  return join(kFilterPrefix, step, kRemovedSuffix);
}

std::string dedupe_removed_counter(std::string_view step) {
  return join(kDedupePrefix, step, kRemovedSuffix);
}

std::string late_counter(std::string_view step) {
  return join(kLatePrefix, step, {});
}

std::string rejected_counter(RejectClass reject_class, std::string_view name) {
  std::string text = join(kRejectPrefix, to_string(reject_class), {});
  return name.empty() ? text : text.append(".").append(name);
}

std::string unknown_field_counter(std::string_view field) {
  return join(kUnknownPrefix, field, {});
}

std::optional<CounterName> parse_counter(std::string_view text) {
  using Kind = CounterName::Kind;
  if (text == kRowsDroppedCounter) return CounterName{.kind = Kind::rows_dropped};
  if (const auto rule = between(text, kRulePrefix, kBrokenSuffix))
    return CounterName{.kind = Kind::rule_broken, .name = *rule};
  if (const auto step = between(text, kFilterPrefix, kRemovedSuffix))
    return CounterName{.kind = Kind::filter_removed, .name = *step};
  if (const auto step = between(text, kDedupePrefix, kRemovedSuffix))
    return CounterName{.kind = Kind::dedupe_removed, .name = *step};
  if (const auto step = between(text, kLatePrefix, {})) return CounterName{.kind = Kind::late, .name = *step};
  if (const auto field = between(text, kUnknownPrefix, {}))
    return CounterName{.kind = Kind::unknown_field, .name = *field};
  if (const auto reason = between(text, kRejectPrefix, {})) {
    const size_t dot = reason->find('.');
    return CounterName{.kind = Kind::rejected,
                       .name = dot == std::string_view::npos ? std::string_view() : reason->substr(dot + 1),
                       .reject_class = reason->substr(0, dot)};
  }
  return std::nullopt;
}

}  // namespace weir
