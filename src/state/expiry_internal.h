/// \file
/// Which keys may be due when: buckets of event time with the hashes of the entries filed there.
///
/// An entry is filed once, in a bucket at or before its own. Touching it only writes the entry's time; when the bucket
/// comes up and the entry is not due yet, it is filed again where it then belongs. So the cost is O(entries that go)
/// plus one more filing for each time to live, however often an entry is touched.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "state/table_spec.h"

namespace weir::state {

class ExpiryBuckets {
 public:
  explicit ExpiryBuckets(int64_t step_us) : step_us_(step_us) {}

  /// Bucket b holds the times in ((b - 1) x step, b x step]: all of them are due at b x step.
  int64_t bucket_of(int64_t time_us) const {
    const int64_t quotient = time_us / step_us_;
    return quotient + (time_us % step_us_ > 0 ? 1 : 0);
  }
  /// Bucket `b` is due once event time has reached `until_us`.
  bool is_due(int64_t bucket, int64_t until_us) const { return bucket <= floor_bucket(until_us); }

  void file(int64_t time_us, uint64_t hash) {
    if (time_us == kNever) return;
    std::vector<uint64_t>& hashes = buckets_[bucket_of(time_us)];
    const size_t before = hashes.capacity();
    hashes.push_back(hash);
    memory_bytes_ += static_cast<int64_t>((hashes.capacity() - before) * sizeof(uint64_t));
  }

  /// Takes out the earliest bucket when it is due: its number and the hashes filed there. False when none is due.
  bool take_due(int64_t until_us, int64_t& bucket, std::vector<uint64_t>& hashes) {
    if (buckets_.empty() || !is_due(buckets_.begin()->first, until_us)) return false;
    bucket = buckets_.begin()->first;
    hashes = std::move(buckets_.begin()->second);
    memory_bytes_ -= static_cast<int64_t>(hashes.capacity() * sizeof(uint64_t));
    buckets_.erase(buckets_.begin());
    return true;
  }

  int64_t memory_bytes() const { return memory_bytes_ + static_cast<int64_t>(buckets_.size() * kNodeBytes); }

 private:
  static constexpr size_t kNodeBytes = 64;  ///< of a map's node

  int64_t floor_bucket(int64_t time_us) const { return time_us / step_us_ - (time_us % step_us_ < 0 ? 1 : 0); }

  int64_t step_us_;
  std::map<int64_t, std::vector<uint64_t>> buckets_;
  int64_t memory_bytes_ = 0;
};

}  // namespace weir::state
