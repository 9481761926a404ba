/// \file
/// A keyed table as it was at a barrier: read-only, to be written off the task's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "state/key_groups.h"
#include "state/table_spec.h"

namespace weir::state {

/// One entry as stored.
struct EntryView {
  std::string_view key;
  int64_t window = 0;
  int64_t expires_at_us = kNever;
  std::string_view value;
  std::string_view payload;
};

/// Movable between threads; one thread at a time. May outlive its table.
class FrozenTable {
 public:
  class Rep;
  explicit FrozenTable(std::unique_ptr<Rep> rep);
  ~FrozenTable();
  FrozenTable(FrozenTable&&) noexcept;
  FrozenTable& operator=(FrozenTable&&) noexcept;

  const StateTableSpec& spec() const;
  KeyGroupRange groups() const;

  /// Visits the entries of a group in the order in which they lie, the same for the same history of the table. The
  /// views live as long as the group. Stops at the first error.
  Result<void> visit(uint32_t group, const std::function<Result<void>(const EntryView&)>& visitor) const;
  /// Lets a group go: its pages need no copies any more.
  void release(uint32_t group);

 private:
  std::unique_ptr<Rep> rep_;
};

}  // namespace weir::state
