#include "lake/commit/savepoint_check.h"

#include <algorithm>
#include <string>
#include <vector>

namespace weir::lake {
namespace {

constexpr size_t kNamedMax = 10;

/// What a run from the savepoint would do wrong, for people.
struct Differences {
  std::vector<std::string> twice;
  std::vector<std::string> left_out;
  std::vector<std::string> others;
};

std::string range(int64_t from, int64_t end) {
  return end - from == 1 ? std::to_string(from) : std::to_string(from) + " to " + std::to_string(end - 1);
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamedMax); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamedMax) text += " and " + std::to_string(names.size() - kNamedMax) + " more";
  return text;
}

const PartitionProgress* find(const SourceProgress& source, const std::string& name) {
  const auto at = source.partitions.find(name);
  return at == source.partitions.end() ? nullptr : &at->second;
}

/// What `ahead` has of the partition `name`, up to `next`, and `behind` has not.
void compare_positions(const std::string& name, int64_t next, const SourceProgress& behind,
                       std::vector<std::string>& names) {
  if (behind.find_finished(name) != nullptr) return;
  const PartitionProgress* other = find(behind, name);
  const int64_t from = other == nullptr ? 0 : other->next;
  if (from < next) names.push_back(name + " " + range(from, next));
}

/// Files that one has read to their ends and the other has not.
void compare_finished(const SourceProgress& ahead, const SourceProgress& behind, std::vector<std::string>& names) {
  size_t unnamed = 0;
  for (const FinishedPartition& entry : ahead.finished.changed_since(behind.finished)) {
    const FinishedPartition* other = behind.finished.find(entry.name_hash);
    if (other != nullptr && other->content == entry.content) continue;  // only when it was last looked at
    const auto open = std::ranges::find_if(
        behind.partitions, [&](const auto& partition) { return name_hash(partition.first) == entry.name_hash; });
    if (open == behind.partitions.end())
      ++unnamed;
    else
      names.push_back(open->first + " from " + std::to_string(open->second.next) + " on");
  }
  if (unnamed > 0) names.push_back(std::to_string(unnamed) + (unnamed == 1 ? " whole file" : " whole files"));
}

void compare_source(const std::string& name, const SourceProgress& tables, const SourceProgress& savepoint,
                    Differences& found) {
  const auto differ = [](const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; };
  if (differ(tables.identity, savepoint.identity)) {
    found.others.push_back("source '" + name + "' is another cluster");
    return;
  }
  for (const auto& [partition, at] : tables.partitions) {
    const PartitionProgress* other = find(savepoint, partition);
    if (other != nullptr && differ(other->identity, at.identity) && other->next == at.next)
      found.others.push_back(partition + " is another one");
    compare_positions(partition, at.next, savepoint, found.twice);
  }
  for (const auto& [partition, at] : savepoint.partitions)
    compare_positions(partition, at.next, tables, found.left_out);
  compare_finished(tables, savepoint, found.twice);
  compare_finished(savepoint, tables, found.left_out);
}

}  // namespace

Result<void> check_savepoint(const Progress& tables, const Progress& savepoint) {
  if (tables.empty()) return {};
  Differences found;
  const SourceProgress none;
  for (const auto& [name, source] : tables.sources) {
    const auto other = savepoint.sources.find(name);
    compare_source(name, source, other == savepoint.sources.end() ? none : other->second, found);
  }
  for (const auto& [name, source] : savepoint.sources)
    if (!tables.sources.contains(name)) compare_source(name, none, source, found);
  std::string why;
  const auto add = [&](const std::vector<std::string>& names, const char* what) {
    if (!names.empty()) why += (why.empty() ? "" : "; ") + std::string(what) + list(names);
  };
  add(found.twice, "what the tables hold beyond it would land twice: ");
  add(found.left_out, "what it covers and the tables lack would be left out: ");
  add(found.others, "what was read is not the same: ");
  if (why.empty()) return {};
  return Error(ErrorKind::position_lost,
               "the savepoint is not of where the tables are: " + why +
                   ". Leave --from out to go on where the tables are; or give the pipeline another name and new tables "
                   "to begin there; or first bring the tables' progress to the savepoint's, which says that you accept "
                   "it: `weir progress set` and `weir progress forget`");
}

Result<void> check_savepoint(const PipelineTables& all, const SavepointOverride& wanted) {
  for (const FoundTable& table : all.tables) {
    if (wanted.pipeline == all.pipeline || !table.loaded) continue;
    if (table.loaded->metadata->property(pipeline_property_name(wanted.pipeline)).empty()) continue;
    return Error(ErrorKind::table_changed,
                 "table '" + table.target.table.to_string() + "' has rows of the pipeline '" + wanted.pipeline +
                     "', which the savepoint was taken of: what came after it would land twice under the name '" +
                     all.pipeline + "'. Name tables that are new, or give the pipeline its name back");
  }
  return check_savepoint(all.record.progress, wanted.progress);
}

}  // namespace weir::lake
