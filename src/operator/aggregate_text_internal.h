/// \file
/// The text of an aggregate: `sum(price * 2) filter (where kind = 'sale')`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::operators {

struct AggregateText {
  std::string function;   ///< lower case
  std::string argument;   ///< SQL; empty for count(*)
  std::string condition;  ///< SQL of the filter; empty for none
};

/// Errors: invalid_argument, saying what is expected.
Result<AggregateText> parse_aggregate(std::string_view text);

}  // namespace weir::operators
