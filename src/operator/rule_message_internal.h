/// \file
/// The sentence that tells a person why a row broke a rule.
#pragma once

#include <cstdint>
#include <string>

#include "columnar/batch.h"
#include "contract/contract.h"

namespace weir::operators {

/// "dep_delay is 1500; range allows at most 720". Values are cut to 64 bytes. `row` is a physical row of `batch`.
std::string rule_message(const contract::Rule& rule, const Batch& batch, int64_t row);

}  // namespace weir::operators
