/// \file
/// Which columns of a source never had a value.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "contract/contract.h"

namespace weir::operators {

/// Watches the decoded rows of one source, over all of its tasks. Thread-safe; costs a look at each column's count of
/// nulls a batch.
class ColumnWatch {
 public:
  explicit ColumnWatch(size_t columns) : had_value_(columns) {}

  /// Takes note of a batch with the columns of the contract.
  void note(const Batch& batch);

  /// A line for each column that was null in every row; none when there were no rows. `contract` is the source's.
  std::vector<std::string> notes(const contract::Contract& contract) const;

 private:
  std::vector<std::atomic<bool>> had_value_;
  std::atomic<int64_t> rows_ = 0;
};

}  // namespace weir::operators
