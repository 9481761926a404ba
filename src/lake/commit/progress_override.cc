#include "lake/commit/progress_override.h"

#include <algorithm>

#include "base/suggest.h"
#include "base/utf8.h"

namespace weir::lake {
namespace {

Error invalid(std::string message) {
  return Error(ErrorKind::invalid_argument, std::move(message));
}

Result<void> check(const ProgressOverride& wanted) {
  WEIR_TRY(check_reason(wanted.reason));
  if (wanted.next && wanted.partitions.empty()) return invalid("name the partitions that go on at the offset");
  if (wanted.next && *wanted.next < 0) return invalid("an offset cannot be negative");
  return {};
}

template <typename Map>
std::vector<std::string> keys(const Map& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

/// Forgets or moves one partition.
Result<ProgressDecision> override_partition(const ProgressOverride& wanted, const std::string& name, int64_t at_ms,
                                            SourceProgress& source) {
  ProgressDecision decision{.at_ms = at_ms,
                            .table = {},
                            .source = wanted.source,
                            .partition = name,
                            .next = wanted.next,
                            .reason = wanted.reason};
  const auto open = source.partitions.find(name);
  if (open != source.partitions.end()) {
    decision.before = open->second;
    if (wanted.next)
      open->second = {.next = *wanted.next, .next_byte = 0, .identity = {}};
    else
      source.partitions.erase(open);
    return decision;
  }
  const FinishedPartition* finished = source.find_finished(name);
  if (finished == nullptr) {
    return Error(ErrorKind::not_found, "source '" + wanted.source + "' has no progress of '" + name + "'" +
                                           did_you_mean(name, keys(source.partitions)));
  }
  if (wanted.next) return invalid("'" + name + "' is a file that was read to its end: it can only be forgotten");
  source.finished.erase(finished->name_hash);
  return decision;
}

/// Forgets all of a source, its identity too.
std::vector<ProgressDecision> forget_all(const ProgressOverride& wanted, int64_t at_ms, SourceProgress& source) {
  std::vector<ProgressDecision> decisions;
  for (const auto& [name, partition] : source.partitions) {
    decisions.push_back({.at_ms = at_ms,
                         .table = {},
                         .source = wanted.source,
                         .partition = name,
                         .before = partition,
                         .next = {},
                         .reason = wanted.reason});
  }
  if (!source.finished.empty()) {
    decisions.push_back({.at_ms = at_ms,
                         .table = {},
                         .source = wanted.source,
                         .partition = {},
                         .before = {},
                         .next = {},
                         .reason = wanted.reason});
  }
  source = SourceProgress();
  return decisions;
}

}  // namespace

Result<void> check_reason(const std::string& reason) {
  if (reason.empty()) return invalid("give a reason: it is kept with the decision");
  if (!is_utf8_text(reason)) return invalid("the reason is not UTF-8 text; write it in a UTF-8 terminal");
  return {};
}

Result<std::vector<ProgressDecision>> override_progress(const ProgressOverride& wanted, int64_t at_ms,
                                                        Progress& progress) {
  WEIR_TRY(check(wanted));
  const auto source = progress.sources.find(wanted.source);
  if (source == progress.sources.end()) {
    return Error(ErrorKind::not_found, "the tables have no progress of a source '" + wanted.source + "'" +
                                           did_you_mean(wanted.source, keys(progress.sources)));
  }
  std::vector<ProgressDecision> decisions;
  if (wanted.partitions.empty()) {
    decisions = forget_all(wanted, at_ms, source->second);
  } else {
    for (const std::string& name : wanted.partitions) {
      WEIR_ASSIGN(ProgressDecision decision, override_partition(wanted, name, at_ms, source->second));
      decisions.push_back(std::move(decision));
    }
  }
  if (source->second == SourceProgress()) progress.sources.erase(source);
  return decisions;
}

}  // namespace weir::lake
