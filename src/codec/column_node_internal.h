/// \file
/// The plan that a decoder is compiled into: one node a column or nested part of one, with what to do for a value and
/// where it goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codec/decoder.h"
#include "codec/key_table_internal.h"
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
};

struct ColumnNode {
  ValueOp op = ValueOp::string;
  bool required = false;
  /// Decimal digits between the unit of the text and a microsecond: seconds 6, millis 3, micros 0.
  int epoch_digits = 0;
  const Type* type = nullptr;
  ColumnBuilder* builder = nullptr;
  std::string name;                  ///< the column's, for reject paths
  std::string expected;              ///< "expected long, found ": how messages about its values begin
  std::vector<ColumnNode> children;  ///< structure: by field; list: {element}; map: {key, value}
  KeyTable keys;                     ///< structure: names in the event -> child
  ColumnPtr default_value;           ///< one row that stands for an absent field; null for none
  size_t object_index = 0;           ///< structure: counts the structures of the plan from 0
  /// structure: its first child's place among all fields of the plan, for marks of what was seen.
  size_t seen_slot = 0;

  template <typename Builder>
  Builder& as() const {
    return static_cast<Builder&>(*builder);
  }
};

/// Compiles `field` with `format` for `builder`, which has the field's type. object_index and seen_slot are set by
/// number_fields(). Errors: invalid_argument, unsupported; messages start with the column's path.
Result<ColumnNode> compile_column(const Field& field, const TextFormat& format, ColumnBuilder& builder);

/// Sets object_index and seen_slot in all of a finished plan.
void number_fields(ColumnNode& root);

}  // namespace weir::codec
