/// \file
/// Which topic-partition or file a PartitionIndex stands for.
#pragma once

#include <deque>

#include "event/raw_batch.h"

namespace weir {

/// Grows only; an index stays valid, and so do references. One thread.
class PartitionNames {
 public:
  const PartitionName& name(PartitionIndex index) const { return names_[static_cast<size_t>(index)]; }
  size_t size() const { return names_.size(); }
  PartitionIndex add(PartitionName name) {
    names_.push_back(std::move(name));
    return static_cast<PartitionIndex>(names_.size() - 1);
  }

 private:
  std::deque<PartitionName> names_;
};

}  // namespace weir
