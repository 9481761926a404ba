/// \file
/// Random streams for stateful operators, and random ways to run them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "operator/tests/stateful_job.h"

namespace weir::operators {

/// The seeds of the cases that a differential test tries: 0 to 499, or as many as WEIR_RANDOM_CASES says from
/// WEIR_RANDOM_SEED on.
struct RandomCases {
  uint64_t first = 0;
  uint64_t count = 500;
};
RandomCases random_cases();

/// Rows of one to three splits with unique ids, some of them delivered again with the same content.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed);

  /// All rows, those that are delivered again counted each time.
  const std::vector<EventRow>& rows() const { return rows_; }
  /// No row is further behind its split's newest, or another split's, than `lateness_us` beyond the disorder that the
  /// watermark allows: then none may be late.
  bool is_ordered_enough(int64_t lateness_us) const;

  /// Runs the rows through the operator, dealt by column `key`, in batches of random sizes, with kills and restores.
  JobOutput run(OperatorPool& pool, const std::string& key);

 private:
  uint64_t below(uint64_t bound) { return random_.next_u64() % bound; }
  uint32_t task_count() { return 1 + static_cast<uint32_t>(below(4)); }

  SeededRandom random_;
  int64_t disorder_us_ = 0;
  std::vector<EventRow> rows_;  ///< in the order of arrival
};

}  // namespace weir::operators
