/// \file
/// Key groups: the unit in which keyed state is written, read back and dealt to tasks.
///
/// A key belongs to one group for ever; a task owns a contiguous range of groups. So a change of parallelism moves
/// whole groups, and no key is looked at. The ranges are Flink's (KeyGroupRangeAssignment), so that the same checkpoint
/// can be dealt to Flink's subtasks.
#pragma once

#include <cstdint>

namespace weir::state {

/// The count of key groups of a pipeline unless it says otherwise: the highest parallelism that it can ever have. It is
/// stored in every checkpoint and cannot be changed afterwards.
inline constexpr uint32_t kKeyGroupCount = 128;
inline constexpr uint32_t kKeyGroupCountMax = 32'768;  ///< Flink's upper bound

/// Groups [begin, end).
struct KeyGroupRange {
  uint32_t begin = 0;
  uint32_t end = kKeyGroupCount;

  uint32_t size() const { return end - begin; }
  bool contains(uint32_t group) const { return group >= begin && group < end; }

  friend bool operator==(const KeyGroupRange&, const KeyGroupRange&) = default;
};

/// The group of a key by its hash (key_batch.h), from the high bits: the low ones find the key inside of the group.
constexpr uint32_t key_group_of(uint64_t hash, uint32_t group_count = kKeyGroupCount) {
  return static_cast<uint32_t>(((hash >> 32) * group_count) >> 32);
}

/// The groups of task `task` of `tasks`. 0 <= task < tasks <= group_count.
constexpr KeyGroupRange key_groups_of_task(uint32_t task, uint32_t tasks, uint32_t group_count = kKeyGroupCount) {
  const auto first = [&](uint32_t i) {
    return static_cast<uint32_t>((static_cast<uint64_t>(i) * group_count + tasks - 1) / tasks);
  };
  return {first(task), first(task + 1)};
}

/// The task of `tasks` that owns `group`.
constexpr uint32_t task_of_key_group(uint32_t group, uint32_t tasks, uint32_t group_count = kKeyGroupCount) {
  return static_cast<uint32_t>(static_cast<uint64_t>(group) * tasks / group_count);
}

}  // namespace weir::state
