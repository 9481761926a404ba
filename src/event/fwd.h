/// \file
/// Names of the event module for headers that need no more than the name.
#pragma once

namespace weir {
class Progress;
class RawBatch;
class RawBatchBuilder;
struct PartitionProgress;
struct SourceProgress;
}  // namespace weir
