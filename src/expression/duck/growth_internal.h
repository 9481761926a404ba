/// \file
/// How much memory an expression can make out of one row by functions that are told a size: repeat(), lpad(), range(),
/// format() ...
///
/// DuckDB's memory limit does not hold for the values of a row in flight (1.5.6: range(1000000000) takes 8 GB under a
/// limit of 256 MB).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "expression/duck/json_internal.h"

namespace weir::expression {

/// How many times larger a value can get, about.
/// Errors: unsupported, with `culprit` set to the node, when a size is not written out as a number or they come to
/// more.
Result<int64_t> growth_of(const JsonValue& node, const JsonValue*& culprit);

/// The text of a literal; empty for other nodes.
std::string literal_text(const JsonValue& node);

}  // namespace weir::expression
