/// \file
/// A row as bytes that come back as the same row: for state, which outlives the batch. docs/formats/state.md has the
/// layout.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/column_builder.h"

namespace weir {

/// Appends physical row `row` to `out`.
void append_row_bytes(const Batch& batch, int64_t row, std::string& out);

/// Appends the row to `builders`, one a column of the batch that it is from. Errors: corrupt; no builder has a part of
/// the row then.
Result<void> read_row_bytes(std::string_view bytes, std::span<const std::unique_ptr<ColumnBuilder>> builders);

/// What a row's bytes depend on: names and types of the columns, in order.
std::string row_bytes_layout(const Schema& schema);

}  // namespace weir
