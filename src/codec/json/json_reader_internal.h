/// \file
/// Reads one JSON event into builders with simdjson On-Demand: the complete and strict reader, which has the last word
/// on every event.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "codec/column_node_internal.h"
#include "codec/row_failure_internal.h"

namespace weir::codec {

class UnknownTally;

/// One thread. Keeps its parser's memory, which grows with the longest event (about 6 bytes a byte).
class JsonReader {
 public:
  /// `unknown`, which outlives the reader, has the policy for fields that no column reads and counts those of the
  /// events that are taken; null: they are passed over.
  explicit JsonReader(const DecodeLimits& limits, UnknownTally* unknown = nullptr);
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;

  /// Reads `event`, after which 64 bytes must be readable, as one object with the fields of `root` (a structure; see
  /// finish_plan). False with what is wrong in `failure`; the builders may then hold pieces of the row, to be cut
  /// off.
  bool read(std::string_view event, const ColumnNode& root, RowFailure& failure);

  /// True when `text` is one JSON value within the limits; else `failure` says why not.
  bool check_value(std::string_view text, RowFailure& failure);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads the JSON text of a column's default value into a column of one row. Errors: invalid_argument.
Result<ColumnPtr> read_default(const Field& field, const TextFormat& format, const std::string& json);

}  // namespace weir::codec
