/// \file
/// What a reader is told of a partition.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/result.h"
#include "connector/kafka/handles_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

inline constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();

struct KafkaSplit {
  TopicPartition partition;
  std::string cluster_id;
  std::string topic_id;       ///< base64; empty: not known
  int64_t next = 0;           ///< first offset to read
  int32_t leader_epoch = -1;  ///< of the record before it; -1: not known
  int64_t end = kNoEnd;       ///< one pass: read no offset from here on
  int64_t high = 0;           ///< end of the log when it was dealt
};

AssignedSplit to_assigned(const KafkaSplit& split, int reader);
/// Errors: internal, for anything that to_assigned() does not make.
Result<KafkaSplit> from_assigned(const AssignedSplit& assigned);

}  // namespace weir::connector
