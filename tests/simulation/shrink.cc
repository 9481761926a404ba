#include "simulation/shrink.h"

namespace weir::simulation {
namespace {

/// What to try for a number, the simplest first.
std::vector<int64_t> simpler(std::string_view name, int64_t value) {
  if (name == "log_breaks_at_ms" || name == "harm_at_ms" || name == "harmed_table" || name == "commit_every_ms" ||
      name == "is_multi_table_atomic" || name == "swaps_exact_base")
    return {};
  if (name == "calm_after_ms") return {value / 4, value / 2, value * 3 / 4};
  if (name == "harm_depth") return {1};
  if (name == "events") return {10, value / 4, value / 2};
  if (name == "processes" || name == "tasks" || name == "partitions") return {1, value - 1};
  if (name == "others_every_ms" || name.find("has_") == 0 || name == "keep_snapshots" || name == "shows_only_head" ||
      name == "log_fault" || name == "harm" || name == "power_lost_every_ms")
    return {0};
  return {0, value * 4};  // one call in so many
}

}  // namespace

Scenario shrink(Scenario scenario, int tries, const std::function<bool(const Scenario&)>& fails) {
  bool is_smaller = true;
  while (is_smaller && tries > 0) {
    is_smaller = false;
    for (size_t i = 0; i < scenario.fields().size(); ++i) {
      const auto [name, value] = scenario.fields()[i];
      if (*value == 0) continue;
      for (const int64_t candidate : simpler(name, *value)) {
        Scenario smaller = scenario;
        int64_t& changed = *smaller.fields()[i].second;
        if (candidate == changed || candidate < 0 || tries-- <= 0) continue;
        if (candidate == 0 && (name == "processes" || name == "tasks" || name == "partitions" || name == "events"))
          continue;
        changed = candidate;
        if (!fails(smaller)) continue;
        scenario = smaller;
        is_smaller = true;
        break;
      }
    }
  }
  return scenario;
}

}  // namespace weir::simulation
