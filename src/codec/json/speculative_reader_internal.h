/// \file
/// Reads one JSON event into builders in a single pass, guessing that its keys come in the order of the events before.
#pragma once

#include <memory>
#include <string_view>

#include "codec/column_node_internal.h"
#include "codec/row_failure_internal.h"

namespace weir::codec {

class UnknownTally;

enum class Speculation {
  taken,     ///< one value is appended to every column
  rejected,  ///< the event is JSON, but not what the schema wants: `failure` says what JsonReader would say
  gave_up,   ///< anything else: JsonReader decides
};

/// As strict as JsonReader, which has the last word: what this reader takes or rejects, JsonReader takes with the same
/// values or rejects for the same reason.
///
/// One thread. Learns the keys of unknown fields and the order of all, within fixed bounds; what it has learned changes
/// its speed only.
class SpeculativeReader {
 public:
  /// `root` is finished (finish_plan) and outlives the reader. Where unknown fields are refused, it gives up on them.
  SpeculativeReader(const ColumnNode& root, const DecodeLimits& limits, UnknownFields unknown);
  ~SpeculativeReader();

  /// Reads `event`, a piece of a RawBatch's arena: 64 bytes must be readable after it, and somewhere after it stands a
  /// zero byte. Unless it is taken, the builders may hold pieces of the row, to be cut off.
  Speculation read(std::string_view event, RowFailure& failure);

  /// Hands over what was counted of the events taken since the last call.
  void count_unknown(UnknownTally& tally);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::codec
