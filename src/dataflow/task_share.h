/// \file
/// Which of the tasks that do the same.
#pragma once

namespace weir {

/// Task `index` of `count` of one stage of a pipeline; of a source: the reader that takes this share. Partitions are
/// dealt out by a rule that every reader computes alone.
struct TaskShare {
  int index = 0;
  int count = 1;
};

}  // namespace weir
