/// \file
/// Which of the tasks that do the same.
#pragma once

namespace weir {

/// Task `index` of `count` of one stage of a pipeline.
struct TaskShare {
  int index = 0;
  int count = 1;
};

}  // namespace weir
