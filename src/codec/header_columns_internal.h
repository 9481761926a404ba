/// \file
/// Columns out of the headers of messages.
#pragma once

#include <string_view>

#include "codec/row_failure_internal.h"
#include "columnar/column_builder.h"
#include "columnar/text_format.h"
#include "event/headers.h"

namespace weir::codec {

/// True for a type that headers (all of them, or one) fit: map<string, string or binary>; string or binary.
bool fits_headers(ColumnOrigin origin, const Type& type);

/// False, with `failure` set, for what `field` cannot hold of the headers of an event: text that is not UTF-8, a header
/// that is not there in a required column. `name`: of the one header, for ColumnOrigin::header.
bool check_headers(ColumnOrigin origin, const Field& field, std::string_view name, std::string_view headers,
                   RowFailure& failure);

/// Appends what was checked: of headers that are there several times, the last counts, as Kafka's clients have it.
void append_headers(ColumnOrigin origin, std::string_view name, std::string_view headers, ColumnBuilder& builder);

}  // namespace weir::codec
