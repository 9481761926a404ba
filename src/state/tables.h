/// \file
/// All state of one operator in one task.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "state/frozen_table.h"
#include "state/keyed_table.h"
#include "state/list_table.h"
#include "state/table_spec.h"

namespace weir::state {

/// A list as it was at a barrier.
struct FrozenList {
  StateTableSpec spec;
  std::map<std::string, std::string, std::less<>> items;
};

/// All tables of an operator as they were at a barrier, in the order of its specs. Movable to another thread.
using FrozenTables = std::vector<std::variant<FrozenTable, FrozenList>>;

/// Which part of a step's state a task holds.
struct TaskPlace {
  uint32_t task = 0;
  uint32_t tasks = 1;
  uint32_t group_count = kKeyGroupCount;

  KeyGroupRange groups() const { return key_groups_of_task(task, tasks, group_count); }
};

/// What an operator gets with every call: its tables, by their place in Operator::tables(). One thread at a time.
class Tables {
 public:
  /// `limit_bytes` bounds each keyed table. Errors: invalid_argument for specs that contradict themselves or each
  /// other.
  static Result<Tables> make(std::span<const StateTableSpec> specs, TaskPlace place, int64_t limit_bytes);

  size_t size() const { return tables_.size(); }
  const StateTableSpec& spec(size_t i) const;
  TaskPlace place() const { return place_; }
  /// The table must be of that kind.
  KeyedTable& keyed(size_t i) { return *std::get<std::unique_ptr<KeyedTable>>(tables_[i]); }
  ListTable& list(size_t i) { return *std::get<std::unique_ptr<ListTable>>(tables_[i]); }

  /// At a barrier, on the task's thread.
  FrozenTables freeze();

  int64_t memory_bytes() const;
  /// Held by frozen copies alone, until they are written and gone.
  int64_t frozen_bytes() const;

 private:
  TaskPlace place_;
  std::vector<std::variant<std::unique_ptr<KeyedTable>, std::unique_ptr<ListTable>>> tables_;
};

}  // namespace weir::state
