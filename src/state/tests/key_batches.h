/// \file
/// Keys for tests: texts and numbers as a batch encodes them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "state/key_layout.h"

namespace weir::state {

/// A batch of one string column "k" and one long column "n".
Batch rows_of(const std::vector<std::string>& texts, const std::vector<int64_t>& numbers);

/// Keys of the string column alone.
KeyBatch keys_of(const std::vector<std::string>& texts);

}  // namespace weir::state
