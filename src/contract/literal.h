/// \file
/// Values written in a contract, as the column's type stores them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/decimal.h"
#include "base/result.h"
#include "columnar/type.h"
#include "config/document.h"

namespace weir::contract {

/// By the kind of the column: boolean: bool; int, long, date, time, timestamp(tz): int64_t in the column's unit; float,
/// double: double (of a float column: the nearest float); decimal: Int128 unscaled; string: its text; uuid: 16 bytes.
using Literal = std::variant<bool, int64_t, double, Int128, std::string>;

/// Reads a YAML scalar as a value of `type`. Exact: a decimal with more digits than the column keeps, a number that
/// does not fit, a date that does not exist are errors. Text in quotes is text; a plain number is no text. Dates and
/// times are written as in RFC 3339. Errors: invalid_argument, with a message that names what is wrong; unsupported for
/// binary, fixed and nested types.
Result<Literal> parse_literal(const config::Node& node, const Type& type);

/// Returns an invalid_argument error: `expected`, and what `node` is instead.
Error wrong_value(const config::Node& node, const std::string& expected);

}  // namespace weir::contract
