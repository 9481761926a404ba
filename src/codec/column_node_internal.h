/// \file
/// The plan that a decoder is compiled into: one node a column or nested part of one, with what to do for a value and
/// where it goes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/time_pattern.h"
#include "codec/decoder.h"
#include "codec/json/key_table_internal.h"
#include "columnar/column_builder.h"

namespace weir::codec {

/// What to do with a value; a type together with its text format.
enum class ValueOp : uint8_t {
  boolean,
  int32,
  int64,
  float32,
  float64,
  decimal,
  date,
  time,
  local_time_text,  ///< timestamp as RFC 3339 text without offset
  instant_text,     ///< timestamptz as RFC 3339 text with offset
  epoch,            ///< either as number; see ColumnNode::epoch_digits
  epoch_nanos,      ///< either as a count of nanoseconds
  epoch_days,       ///< date as a count of days
  time_pattern,     ///< date, time or either timestamp as text; see ColumnNode::pattern
  string,
  raw_json,
  uuid,
  fixed_base64,
  fixed_hex,
  binary_base64,
  binary_hex,
  structure,
  list,
  map,
  path_object,  ///< leads to values inside of an object; has no column of its own
  path_list,    ///< leads to elements of a list; has no column of its own
};

constexpr bool is_path(ValueOp op) {
  return op == ValueOp::path_object || op == ValueOp::path_list;
}

struct ColumnNode {
  ValueOp op = ValueOp::string;
  bool required = false;
  /// Decimal digits between the unit of the text and a microsecond: seconds 6, millis 3, micros 0.
  int epoch_digits = 0;
  bool accept_text = false;     ///< a number may stand in quotes
  bool decimal_comma = false;   ///< CSV fields and numbers in quotes have a comma for the point
  bool truncate_finer = false;  ///< what is finer than a microsecond is cut
  std::shared_ptr<const TimePattern> pattern;
  int32_t offset_minutes = 0;  ///< with a pattern that reads none
  const Type* type = nullptr;
  /// Of the column. A path has none; of the root it takes the fields that nothing else reads (BytesBuilder), or is
  /// null.
  ColumnBuilder* builder = nullptr;
  std::string name;      ///< the column's, for reject paths; of a path empty
  std::string expected;  ///< "expected long": how messages about its values begin
  std::vector<ColumnNode>
      children;             ///< structure: by field; list: {element}; map: {key, value}; path: what it leads to
  KeyTable keys;            ///< structure, path_object: names in the event -> child
  PathStep step;            ///< child of a path or of the root: where it lies
  std::string prefix;       ///< structure: of the names inside, "geo." or empty
  ColumnPtr default_value;  ///< one row that stands for an absent field; null for none
  size_t object_index = 0;  ///< structure, path_object: counts those of the plan from 0
  /// structure, path_object: its first child's place among all fields of the plan, for marks of what was seen.
  size_t seen_slot = 0;

  template <typename Builder>
  Builder& as() const {
    return static_cast<Builder&>(*builder);
  }
};

/// Compiles `field` with `format` for `builder`, which has the field's type. object_index and seen_slot are set by
/// number_fields(). Errors: invalid_argument, unsupported; messages start with the column's path.
Result<ColumnNode> compile_column(const Field& field, const TextFormat& format, ColumnBuilder& builder);

/// Puts `leaf` where `path` leads to from `root`, with the nodes on the way. Errors: invalid_argument when something
/// else is read there.
Result<void> insert_at(ColumnNode& root, std::span<const PathStep> path, ColumnNode leaf);

/// Sets keys, object_index, seen_slot and prefix in all of a plan to which nothing is added any more.
void finish_plan(ColumnNode& root);

/// "$.a.b[0]", with names in quotes where they must be.
std::string path_text(std::span<const PathStep> path);

}  // namespace weir::codec
