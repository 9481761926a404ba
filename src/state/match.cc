#include <algorithm>

#include "state/restore.h"
#include "state/restore_internal.h"

namespace weir::state {

const StepDescription* find_step(const Manifest& manifest, const std::string& name) {
  const auto at = std::ranges::find_if(manifest.steps, [&](const StepDescription& step) { return step.name == name; });
  return at == manifest.steps.end() ? nullptr : &*at;
}

MatchedTable match_table(const std::string& step, const TableDescription& stored, const StateTableSpec& spec) {
  MatchedTable matched{.step = step, .table = spec.name, .match = TableMatch::refused, .why = {}};
  const TableDescription wanted = TableDescription::of(spec);
  if (stored.kind != wanted.kind) {
    matched.why = "it is of another kind now";
  } else if (stored.codec != wanted.codec) {
    matched.why = "its values mean something else now: '" + wanted.codec + "', stored are '" + stored.codec + "'";
  } else if (stored.key_layout != wanted.key_layout) {
    matched.why = "its key has changed: '" + wanted.key_layout + "', stored are '" + stored.key_layout + "'";
  } else if (stored.is_windowed != wanted.is_windowed) {
    matched.why = "it is keyed by window in one of the two and not in the other";
  } else if (stored.codec_version > wanted.codec_version) {
    matched.why = "its values were written by a newer program (version " + std::to_string(stored.codec_version) +
                  "; this one knows versions up to " + std::to_string(wanted.codec_version) + ")";
  } else {
    for (uint32_t version = stored.codec_version; version < wanted.codec_version; ++version) {
      if (spec.migrations.contains(version)) continue;
      matched.why = "nothing reads version " + std::to_string(version) + " of its values any more";
      return matched;
    }
    matched.match = stored.codec_version == wanted.codec_version ? TableMatch::restored : TableMatch::migrated;
    if (matched.match == TableMatch::restored &&
        (stored.value_bytes != wanted.value_bytes || stored.has_payload != wanted.has_payload)) {
      matched.match = TableMatch::refused;
      matched.why = "its values have another size under the same version";
    }
  }
  return matched;
}

std::vector<MatchedTable> match_state(const Manifest& manifest, std::span<const StepTables> steps,
                                      uint32_t group_count) {
  std::vector<MatchedTable> matched;
  const auto find_table = [](const auto& tables, const std::string& name) {
    const auto at = std::ranges::find_if(tables, [&](const auto& table) { return table.name == name; });
    return at == tables.end() ? nullptr : &*at;
  };
  for (const StepTables& step : steps) {
    const StepDescription* stored = find_step(manifest, step.step);
    for (const StateTableSpec& spec : step.tables) {
      const TableDescription* table = stored == nullptr ? nullptr : find_table(stored->tables, spec.name);
      if (table == nullptr) {
        matched.push_back({.step = step.step, .table = spec.name, .match = TableMatch::fresh, .why = {}});
        continue;
      }
      matched.push_back(match_table(step.step, *table, spec));
      if (spec.kind == TableKind::keyed && manifest.group_count != group_count) {
        matched.back().match = TableMatch::refused;
        matched.back().why = "the pipeline has " + std::to_string(group_count) + " key groups and the checkpoint " +
                             std::to_string(manifest.group_count);
      }
    }
  }
  for (const StepDescription& stored : manifest.steps) {
    const auto step = std::ranges::find_if(steps, [&](const StepTables& s) { return s.step == stored.name; });
    for (const TableDescription& table : stored.tables) {
      if (step != steps.end() && find_table(step->tables, table.name) != nullptr) continue;
      matched.push_back({.step = stored.name, .table = table.name, .match = TableMatch::dropped, .why = {}});
    }
  }
  return matched;
}

}  // namespace weir::state
