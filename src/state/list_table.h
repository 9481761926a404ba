/// \file
/// State that belongs to no key: a splitter's splits, a watermark per split, a cursor. Small, by name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "state/table_spec.h"

namespace weir::state {

/// One thread at a time. Freezing is copying items(): these tables are small by nature, and bounded.
class ListTable {
 public:
  static constexpr int64_t kBytesMax = 64 << 20;

  explicit ListTable(StateTableSpec spec) : spec_(std::move(spec)) {}

  const StateTableSpec& spec() const { return spec_; }
  const std::map<std::string, std::string, std::less<>>& items() const { return items_; }
  /// Null when there is none.
  const std::string* find(std::string_view name) const;
  /// Adds or replaces. Names are unique over all tasks of the step. Errors: resource_exhausted above kBytesMax; the
  /// table is then as before.
  Result<void> put(std::string_view name, std::string_view value);
  void erase(std::string_view name);

  /// Bytes of names and values, and about what a place in the list costs. O(1).
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  StateTableSpec spec_;
  std::map<std::string, std::string, std::less<>> items_;
  int64_t memory_bytes_ = 0;
};

}  // namespace weir::state
