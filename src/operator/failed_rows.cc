#include "columnar/row_json.h"
#include "operator/failed_rows_internal.h"

namespace weir::operators {
namespace {

/// More of a row is not kept.
constexpr size_t kRowBytesMax = size_t{1} << 20;

Reject reject_of(const std::string& step, const Batch& batch, const expression::RowFailure& failure,
                 RejectClass reject_class, uint32_t raw_index) {
  return {.raw_index = raw_index,
          .reject_class = reject_class,
          .column = {},
          .rule = step,
          .message = failure.message,
          .event_time_us = batch.event_time_us(failure.row)};
}

/// The rows themselves in the place of the events that they were made from. They have those events' positions; the rows
/// of a window, which come from many, have none.
Rejects of_rows(const std::string& step, const Batch& batch, std::span<const expression::RowFailure> failures) {
  static const SplitPtr kNoSplit = std::make_shared<const Split>();
  RawBatchBuilder rows;
  Rejects rejects;
  for (const expression::RowFailure& failure : failures) {
    const RowOrigins* origins = batch.origins().get();
    bool is_cut = false;
    const std::string text = row_json(batch, failure.row, kRowBytesMax, is_cut);
    const SplitPtr split = origins == nullptr ? kNoSplit : origins->split_ptr(failure.row);
    rejects.rejects.push_back(
        reject_of(step, batch, failure, RejectClass::expression_row, static_cast<uint32_t>(rows.size())));
    rows.add(text, {.split = &split,
                    .offset = origins == nullptr ? -1 : origins->offset[static_cast<size_t>(failure.row)],
                    .is_truncated = is_cut});
  }
  rejects.raw = rows.finish();
  return rejects;
}

}  // namespace

Result<void> reject_failed_rows(const std::string& step, const Batch& batch,
                                std::span<const expression::RowFailure> failures, Collector& out) {
  if (failures.empty()) return {};
  if (!batch.raw() || !batch.origins()) return out.reject(of_rows(step, batch, failures));
  Rejects rejects{.raw = batch.raw(), .rejects = {}};
  for (const expression::RowFailure& failure : failures) {
    const uint32_t raw_index = batch.origins()->raw_index[static_cast<size_t>(failure.row)];
    rejects.rejects.push_back(reject_of(step, batch, failure, RejectClass::expression, raw_index));
  }
  return out.reject(std::move(rejects));
}

}  // namespace weir::operators
