/// \file
/// Operators with event time and state: where streams become one, where event time comes from, what is a duplicate, and
/// windows. Their state is in tables (src/state); two tasks with different key groups share nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataflow/operator.h"
#include "expression/expression.h"

namespace weir::operators {

/// The second output of dedupe and window: rows that came too late to be judged, and rows without a time, as they came.
inline constexpr OutputIndex kLateOutput = 1;

/// Several streams with the same columns as one; its event time is the lowest of theirs, which the graph sees to.
/// Columns are matched by name and put in the order of the first input. Errors: invalid_argument, naming the column,
/// when an input lacks one, has another or has it with another type.
Result<std::unique_ptr<Operator>> make_union(const std::vector<SchemaPtr>& inputs);

struct WatermarkSpec {
  std::string name;  ///< of the step
  std::string time;  ///< a column of type timestamptz or timestamp
  /// Rows are at most this much older than the newest row of their split that came before: the watermark of a split is
  /// its newest time less this.
  int64_t disorder_us = 0;
  /// A split that brings no row for so long (of the monotonic clock) no longer holds the others back; 0: never.
  int64_t idle_after_us = 0;
  /// A time that is further ahead of its split's newest than this is not believed, so that one bad clock does not close
  /// all windows; unless kJumpRows rows of the split follow each other that are all so far ahead: then it is the stream
  /// that has moved. 0: every time is believed.
  int64_t jump_us = 0;
  /// All that rows come from: event time waits for each of them that has splits to be read.
  std::vector<std::string> sources = {};
};
inline constexpr int64_t kJumpRows = 1'000;

/// Sets the event time of rows to a column and derives the watermark, each split of the source for itself. Errors:
/// not_found for the column; invalid_argument for its type and for negative spans.
Result<std::unique_ptr<Operator>> make_watermark(const WatermarkSpec& spec, const SchemaPtr& input);

/// Which row of those with the same key.
enum class Keep : uint8_t { first, last };

struct DedupeSpec {
  std::string name;
  std::vector<std::string> key;  ///< columns
  std::string time;              ///< column of the event time
  int64_t ttl_us = 0;            ///< > 0
  int64_t lateness_us = 0;       ///< how far behind the watermark a row is still judged
  Keep keep = Keep::first;
};

/// Keep::first: hands on the first row of each key, at once. A key is known from the first row's time on until `ttl`
/// has passed: rows of the key with a time before that are duplicates. A row that is behind the watermark by the
/// lateness or more leaves by kLateOutput: its key may be forgotten. Which of several equal keys comes first is a
/// matter of their splits' reading; within a split it is the log's order.
///
/// Keep::last: hands on the row with the newest time of each key and interval of `ttl`, which begin at multiples of it
/// since 1970-01-01T00:00Z as windows do, once event time has passed the interval's end and the lateness. Of rows with
/// the same time it is the one with the highest (source, topic, partition, offset): nothing depends on the order of
/// reading. A row whose interval has been handed on leaves by kLateOutput. A row of more than 16 MiB is rejected.
///
/// Errors: not_found, invalid_argument, unsupported.
Result<std::unique_ptr<Operator>> make_dedupe(const DedupeSpec& spec, const SchemaPtr& input);

struct WindowAggregate {
  std::string name;  ///< of the column
  std::string text;  ///< "sum(price) filter (where kind = 'sale')"
};

struct WindowSpec {
  std::string name;
  std::string time;             ///< column of the event time
  int64_t size_us = 0;          ///< > 0; windows begin at multiples of it since 1970-01-01T00:00Z
  int64_t lateness_us = 0;      ///< a window is kept so long after its end
  std::vector<std::string> by;  ///< columns; may be none
  std::vector<WindowAggregate> aggregates;
};

/// Tumbling windows: one row a group and window, with the columns of `by`, window_start, window_end and the aggregates,
/// once event time has passed the window's end and the lateness. Rows that come after that leave by kLateOutput, so
/// that windows and late rows together are the whole input. Sums and averages are exact and rounded once, so that
/// nothing depends on the order of rows. sum of whole numbers and decimals is a decimal of 38 digits, as in DuckDB.
/// `place`->item counts the aggregates. Errors: not_found, invalid_argument, unsupported.
Result<std::unique_ptr<Operator>> make_window(const WindowSpec& spec, const SchemaPtr& input,
                                              expression::TextPlace* place = nullptr);

}  // namespace weir::operators
