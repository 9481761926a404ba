/// \file
/// The sentence that tells a person why a row broke a rule.
#pragma once

#include <cstdint>
#include <string>

#include "columnar/batch.h"
#include "contract/contract.h"

namespace weir::operators {

/// "dep_delay is 1500, which is outside the range to 720". Texts in it are cut to 64 bytes; names of columns are
/// not, so the whole has no bound of its own. `row` is a physical row of `batch`.
std::string rule_message(const contract::Rule& rule, const Batch& batch, int64_t row);

}  // namespace weir::operators
