/// \file
/// What an operator says of its state before it runs: the tables that it wants, how their values are coded, and how
/// older values become present ones.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "base/result.h"

namespace weir::state {

enum class TableKind : uint8_t {
  keyed = 0,  ///< entries belong to key groups and move with them
  dealt = 1,  ///< a small list; on a change of parallelism its items are dealt anew, in the order of their names
  every = 2,  ///< a small list; after a change of parallelism every task gets all items of all tasks
};

/// The value of an entry: the fixed part and the variable one (empty when the table has none).
struct StoredValue {
  std::string fixed;
  std::string payload;
};

/// Turns a value of one codec version into one of the next. Errors: corrupt, for what no version ever wrote.
using Migration = std::function<Result<StoredValue>(StoredValue old)>;

/// Never, as a time of expiry.
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

struct StateTableSpec {
  std::string name;  ///< unique within the step; checkpoints know the table by it
  TableKind kind = TableKind::keyed;
  std::string codec;           ///< what the values mean ("window.aggregates"); another one is another table
  uint32_t codec_version = 1;  ///< of the values' bytes; >= 1
  std::map<uint32_t, Migration> migrations = {};  ///< by the version that they take; each makes the next

  // Of keyed tables only:
  std::string key_layout = {};         ///< KeyLayout::text()
  uint32_t value_bytes = 0;            ///< of the fixed part; at most kValueBytesMax
  bool has_payload = false;            ///< a variable part, too
  bool is_windowed = false;            ///< the key is (key bytes, window), in the group of the key bytes
  bool expires = false;                ///< entries have an event time at which they go
  int64_t expiry_step_us = 1'000'000;  ///< width of a bucket of times; entries go by whole buckets

  static constexpr uint32_t kValueBytesMax = 4'096;
  static constexpr uint32_t kPayloadBytesMax = 16U << 20;
};

}  // namespace weir::state
