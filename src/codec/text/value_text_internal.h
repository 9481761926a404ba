/// \file
/// One value of text into one column: what a JSON number, the content of a JSON string and a CSV field mean for each
/// type.
///
/// All functions append exactly one value to node.builder and return true, or append nothing, record in `failure` what
/// is wrong, and return false.
#pragma once

#include <string_view>

#include "codec/column_node_internal.h"
#include "codec/row_failure_internal.h"

namespace weir::codec {

/// `token` is what stands where a JSON number may stand; it need not be one.
bool append_number(const ColumnNode& node, std::string_view token, RowFailure& failure);

/// `text` is UTF-8, with escapes undone.
bool append_text(const ColumnNode& node, std::string_view text, RowFailure& failure);

bool append_boolean(const ColumnNode& node, bool value, RowFailure& failure);

/// A null that was written.
bool append_null(const ColumnNode& node, RowFailure& failure);

/// No value at all: the default, or null.
bool append_absent(const ColumnNode& node, RowFailure& failure);

/// The child that a path_list has for element `index`; null for none.
const ColumnNode* child_at(const ColumnNode& path_list, int index);

/// Appends what a path_list reads from elements that a list of `count` does not have.
bool append_missing(const ColumnNode& path_list, int count, RowFailure& failure);

/// The key of a map, from the key of a JSON object; `node` has one of the types that compile_column() allows for keys.
bool append_map_key(const ColumnNode& node, std::string_view key, RowFailure& failure);

/// A whole CSV field without its quotes; UTF-8. Not for nested and raw_json nodes, not for nulls.
bool append_csv_field(const ColumnNode& node, std::string_view text, RowFailure& failure);

/// Records that an object names `key` twice. Always false.
bool fail_duplicate(std::string_view key, RowFailure& failure);

/// Records that the event is no JSON, without a place. Always false.
bool fail_invalid_json(RowFailure& failure);

/// Records "expected long, got an object". Always false.
bool fail_type(const ColumnNode& node, std::string_view found, RowFailure& failure);

}  // namespace weir::codec
