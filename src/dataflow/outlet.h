/// \file
/// Where rows leave a task for others.
#pragma once

#include "base/result.h"
#include "dataflow/channel.h"

namespace weir {

/// Deals batches to the channels of other tasks. One thread.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// All channels take more: asked before work is begun that may end in write().
  virtual bool has_credit() const = 0;
  virtual Result<void> write(const Batch& batch) = 0;
  /// To all channels.
  virtual void advance(const StreamStatus& status) = 0;
  virtual void barrier(const Barrier& barrier) = 0;
};

}  // namespace weir
