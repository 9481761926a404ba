/// \file
/// Rows whose expression could not be evaluated, as rejects.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "dataflow/operator.h"
#include "expression/expression.h"

namespace weir::operators {

/// Rejects `failures` of `batch` under the name of a step: with the bytes of their events, or, where those are gone
/// because the step stands behind one with state, with the row itself as JSON.
Result<void> reject_failed_rows(const std::string& step, const Batch& batch,
                                std::span<const expression::RowFailure> failures, Collector& out);

}  // namespace weir::operators
