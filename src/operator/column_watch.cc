#include "operator/column_watch.h"

namespace weir::operators {

void ColumnWatch::note(const Batch& batch) {
  rows_.fetch_add(batch.rows(), std::memory_order_relaxed);
  for (size_t i = 0; i < had_value_.size(); ++i) {
    const Column& column = *batch.columns()[i];
    if (column.null_count < column.length && !had_value_[i].load(std::memory_order_relaxed))
      had_value_[i].store(true, std::memory_order_relaxed);
  }
}

std::vector<std::string> ColumnWatch::notes(const contract::Contract& contract) const {
  std::vector<std::string> notes;
  const int64_t rows = rows_.load(std::memory_order_relaxed);
  for (size_t i = 0; rows > 0 && i < had_value_.size(); ++i) {
    const contract::ColumnContract& column = contract.columns[i];
    // Most events have no unknown fields, and that is as it should be.
    if (had_value_[i].load(std::memory_order_relaxed) || column.format.origin == ColumnOrigin::unknown) continue;
    notes.push_back("the column '" + column.field.name + "' was null in " +
                    (rows == 1 ? "the only row" : "each of " + std::to_string(rows) + " rows"));
    if (!column.format.path.empty() || !column.format.source_name.empty())
      notes.back() += "; check its 'from', letter by letter";
  }
  return notes;
}

}  // namespace weir::operators
