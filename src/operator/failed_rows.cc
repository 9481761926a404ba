#include "operator/failed_rows_internal.h"

namespace weir::operators {

Result<void> reject_failed_rows(const std::string& step, const Batch& batch,
                                std::span<const expression::RowFailure> failures, Collector& out) {
  if (failures.empty()) return {};
  if (!batch.raw() || !batch.origins()) {
    return Error(ErrorKind::invalid_argument, "step '" + step + "': " + failures.front().message +
                                                  "; the row's bytes are gone, so it cannot be rejected");
  }
  Rejects rejects{.raw = batch.raw(), .rejects = {}};
  for (const expression::RowFailure& failure : failures) {
    rejects.rejects.push_back({.raw_index = batch.origins()->raw_index[static_cast<size_t>(failure.row)],
                               .reject_class = RejectClass::expression,
                               .column = {},
                               .rule = step,
                               .message = failure.message,
                               .event_time_us = batch.event_time_us(failure.row)});
  }
  return out.reject(std::move(rejects));
}

}  // namespace weir::operators
