#include "lake/commit/table_agreement.h"

namespace weir::lake {
namespace {

/// What `ahead` has and `behind` lacks, in words: "source 'orders': events/0 from 100 to 300, and 3 more; 2 files".
std::string gap_text(const Progress& behind, const Progress& ahead) {
  std::string text;
  for (const auto& [name, source] : ahead.changes_since(behind).sources) {
    text += (text.empty() ? "source '" : "; source '") + name + "': ";
    std::string detail;
    if (!source.partitions.empty()) {
      const auto& [partition, progress] = *source.partitions.begin();
      int64_t from = 0;
      if (const auto old = behind.sources.find(name); old != behind.sources.end()) {
        const auto position = old->second.partitions.find(partition);
        if (position != old->second.partitions.end()) from = position->second.next;
      }
      detail = partition + " from " + std::to_string(from) + " to " + std::to_string(progress.next);
      if (source.partitions.size() > 1) detail += ", and " + std::to_string(source.partitions.size() - 1) + " more";
    }
    if (!source.finished.empty()) {
      detail += (detail.empty() ? "" : ", and ") + std::to_string(source.finished.size()) +
                (source.finished.size() == 1 ? " file" : " files") + " to the end";
    }
    text += detail.empty() ? "which cluster it is" : detail;
  }
  return text;
}

}  // namespace

Error table_behind(std::string_view pipeline, const TableProgress& behind, const Progress& ahead) {
  const std::string name = behind.table.to_string();
  return Error(
      ErrorKind::table_changed,
      "table '" + name + "' lacks what the pipeline '" + std::string(pipeline) +
          "' has committed to its other tables (at most " + gap_text(behind.progress, ahead) +
          "): it is new in the pipeline, was taken out of it for a while, or was restored. Restore it, or fill "
          "it by a pipeline of its own; to continue and leave the gap: `weir progress join PIPELINE.yaml --table " +
          name + " --reason TEXT`");
}

Result<Progress> furthest_progress(std::string_view pipeline, std::span<const TableProgress> tables) {
  Progress furthest;
  for (const TableProgress& table : tables) {
    if (!table.progress.is_behind(furthest)) {
      furthest = table.progress;
    } else if (furthest.is_behind(table.progress)) {
      return Error(ErrorKind::position_lost,
                   "table '" + table.table.to_string() + "' and another table of the pipeline '" +
                       std::string(pipeline) +
                       "' each hold progress that the other lacks; one of them was restored or written by other means. "
                       "Restore the other "
                       "one to the same state; or run the pipeline under a new name into new tables");
    }
  }
  return furthest;
}

Result<Progress> agreed_progress(std::string_view pipeline, std::span<const TableProgress> tables) {
  WEIR_ASSIGN(Progress furthest, furthest_progress(pipeline, tables));
  for (const TableProgress& table : tables) {
    if (table.progress.is_behind(furthest)) return table_behind(pipeline, table, furthest);
  }
  return furthest;
}

}  // namespace weir::lake
