#include "operator/tests/random_events.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "state/tests/memory_store.h"

namespace weir::operators {
namespace {

constexpr int64_t kSecond = 1'000'000;

}  // namespace

RandomCases random_cases() {
  RandomCases cases;
  if (const char* count = std::getenv("WEIR_RANDOM_CASES")) cases.count = std::strtoull(count, nullptr, 10);
  if (const char* first = std::getenv("WEIR_RANDOM_SEED")) cases.first = std::strtoull(first, nullptr, 10);
  return cases;
}

RandomStream::RandomStream(uint64_t seed) : random_(seed) {
  const uint64_t splits = 1 + below(3);
  const uint64_t keys = 1 + below(20);
  const uint64_t span = 1 + below(600);
  const uint64_t jitter = below(90);
  disorder_us_ = static_cast<int64_t>(below(60)) * kSecond;
  const uint64_t count = 1 + below(200);
  for (uint64_t i = 0; i < count; ++i) {
    if (!rows_.empty() && below(10) == 0) {
      rows_.push_back(rows_[rows_.size() - 1 - below(std::min<uint64_t>(rows_.size(), 20))]);
      continue;
    }
    // Quarters of small numbers: their sums are exact in any order, so that DuckDB's are, too.
    rows_.push_back({.id = "id" + std::to_string(i),
                     .k = "k" + std::to_string(below(keys)),
                     .ts_us = static_cast<int64_t>(i * span / count) * kSecond -
                              static_cast<int64_t>(below(jitter + 1)) * kSecond + 3'600 * kSecond,
                     .x = below(8) == 0 ? std::nullopt : std::optional<int64_t>(static_cast<int64_t>(below(10)) - 2),
                     .d = static_cast<double>(static_cast<int64_t>(below(1'000)) - 500) / 4,
                     .split = static_cast<int>(below(splits))});
  }
}

bool RandomStream::is_ordered_enough(int64_t lateness_us) const {
  int64_t newest = INT64_MIN;
  for (const EventRow& row : rows_) {
    if (newest != INT64_MIN && row.ts_us < newest - disorder_us_ - lateness_us) return false;
    newest = std::max(newest, row.ts_us);
  }
  return true;
}

JobOutput RandomStream::run(OperatorPool& pool, const std::string& key) {
  state::MemoryStore objects;
  const state::CheckpointStore store(objects, "memory://test");
  const WatermarkSpec watermark{.name = "t", .time = "ts", .disorder_us = disorder_us_};
  auto job = std::make_unique<StatefulJob>(pool, watermark, key, task_count());
  StatefulJob::Checkpoint last;
  size_t last_at = 0;
  uint64_t kills = below(3);
  for (size_t at = 0, checkpoints = 0; at < rows_.size();) {
    const size_t size = std::min<size_t>(rows_.size() - at, 1 + below(below(2) == 0 ? 5 : 100));
    job->process(batch_of(std::span(rows_).subspan(at, size), static_cast<int64_t>(at)));
    at += size;
    if (below(3) == 0) {
      last = job->checkpoint(store, "epoch-" + std::to_string(checkpoints++));
      last_at = at;
    }
    if (last_at != 0 && kills > 0 && below(3) == 0) {
      --kills;
      job = std::make_unique<StatefulJob>(pool, watermark, key, task_count());
      job->restore(store, last);
      at = last_at;
    }
  }
  job->finish();
  return job->output();
}

}  // namespace weir::operators
