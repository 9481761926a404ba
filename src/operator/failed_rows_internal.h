/// \file
/// Rows whose expression could not be evaluated, as rejects.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "dataflow/operator.h"
#include "expression/expression.h"

namespace weir::operators {

/// Rejects `failures` of `batch` under the name of a step. Errors: invalid_argument when the raw events are gone (the
/// step stands behind one that lets them go), because a reject without its bytes could not be replayed.
Result<void> reject_failed_rows(const std::string& step, const Batch& batch,
                                std::span<const expression::RowFailure> failures, Collector& out);

}  // namespace weir::operators
