#include "event/finished_partitions.h"

#include <algorithm>
#include <iterator>

namespace weir {
namespace {

constexpr int kBucketShift = 54;

size_t bucket_number(uint64_t name_hash) {
  return name_hash >> kBucketShift;
}

template <typename Bucket>
auto place_in(Bucket& bucket, uint64_t name_hash) {
  return std::lower_bound(bucket.begin(), bucket.end(), name_hash,
                          [](const FinishedPartition& entry, uint64_t hash) { return entry.name_hash < hash; });
}

}  // namespace

uint64_t name_hash(std::string_view name) {
  return hash64(name);
}

const FinishedPartition* FinishedPartitions::find(uint64_t name_hash) const {
  if (buckets_.empty() || !buckets_[bucket_number(name_hash)]) return nullptr;
  const Bucket& bucket = *buckets_[bucket_number(name_hash)];
  const auto at = place_in(bucket, name_hash);
  return at != bucket.end() && at->name_hash == name_hash ? &*at : nullptr;
}

void FinishedPartitions::put(std::span<const FinishedPartition> entries) {
  if (buckets_.empty() && !entries.empty()) buckets_.resize(kBuckets);
  while (!entries.empty()) {
    const size_t number = bucket_number(entries.front().name_hash);
    size_t count = 1;
    while (count < entries.size() && bucket_number(entries[count].name_hash) == number) ++count;
    put_into(buckets_[number], entries.first(count));
    entries = entries.subspan(count);
  }
}

/// Puts a bucket in the place of `bucket` that has `entries` too: others may share the old one.
void FinishedPartitions::put_into(std::shared_ptr<const Bucket>& bucket, std::span<const FinishedPartition> entries) {
  static const Bucket kNothing;
  const Bucket& old = bucket ? *bucket : kNothing;
  auto merged = std::make_shared<Bucket>();
  merged->reserve(old.size() + entries.size());
  // Of two with one name, the first range's is taken.
  std::set_union(entries.begin(), entries.end(), old.begin(), old.end(), std::back_inserter(*merged),
                 [](const FinishedPartition& a, const FinishedPartition& b) { return a.name_hash < b.name_hash; });
  size_ += merged->size() - old.size();
  bucket = std::move(merged);
}

void FinishedPartitions::erase(uint64_t name_hash) {
  if (find(name_hash) == nullptr) return;
  std::shared_ptr<const Bucket>& bucket = buckets_[bucket_number(name_hash)];
  auto left = std::make_shared<Bucket>(*bucket);
  left->erase(place_in(*left, name_hash));
  bucket = std::move(left);
  --size_;
}

std::vector<FinishedPartition> FinishedPartitions::changed_since(const FinishedPartitions& before) const {
  static const Bucket kNothing;
  std::vector<FinishedPartition> changed;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    const std::shared_ptr<const Bucket> none;
    const std::shared_ptr<const Bucket>& known = before.buckets_.empty() ? none : before.buckets_[i];
    if (!buckets_[i] || buckets_[i] == known) continue;
    const Bucket& old = known ? *known : kNothing;
    auto at = old.begin();
    for (const FinishedPartition& entry : *buckets_[i]) {
      while (at != old.end() && at->name_hash < entry.name_hash) ++at;
      if (at == old.end() || *at != entry) changed.push_back(entry);
    }
  }
  return changed;
}

void FinishedPartitions::share_with(const FinishedPartitions& other) {
  if (other.buckets_.empty()) return;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] && other.buckets_[i] && *buckets_[i] == *other.buckets_[i]) buckets_[i] = other.buckets_[i];
  }
}

std::vector<uint64_t> FinishedPartitions::missing_since(const FinishedPartitions& before) const {
  std::vector<uint64_t> missing;
  for (const FinishedPartition& entry : before.changed_since(*this)) {
    if (find(entry.name_hash) == nullptr) missing.push_back(entry.name_hash);
  }
  return missing;
}

}  // namespace weir
