/// \file
/// Rejects on their way through the graph: to operators a list of reasons beside a raw batch, to edges a batch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "event/reject.h"

namespace weir {

/// Rejected events of one raw batch, as an operator says them.
struct Rejects {
  std::shared_ptr<const RawBatch> raw;
  std::vector<Reject> rejects;
};

/// An operator as the dead letter names it.
struct RejectingNode {
  std::string name;
  std::vector<std::string> sinks;  ///< whose rows come from it, by whatever way
};

/// Places of the columns of reject_schema().
struct RejectColumn {
  static constexpr size_t kErrorClass = 0;  ///< string: to_string() of the class
  static constexpr size_t kRule = 1;        ///< string, null: Reject::rule
  static constexpr size_t kColumn = 2;      ///< string, null: Reject::column
  static constexpr size_t kMessage = 3;     ///< string, at most kRejectMessageBytesMax
  static constexpr size_t kEventTime = 4;   ///< timestamptz, null
};

/// The columns of what leaves by kRejectOutput.
const SchemaPtr& reject_schema();

/// One row a reject, with its position and the raw batch. Messages are cut to kRejectMessageBytesMax.
Batch to_batch(Rejects rejects);

}  // namespace weir
