#include "event/raw_batch.h"

namespace weir {

void RawBatchBuilder::reserve(size_t bytes, size_t events) {
  batch_->arena_.reserve(bytes + kArenaPaddingBytes);
  batch_->events_.reserve(events);
}

void RawBatchBuilder::add(std::string_view bytes, const EventInfo& info) {
  if (!info.fault.empty()) batch_->faults_.emplace(batch_->events_.size(), info.fault);
  batch_->arena_.append(info.key);
  batch_->events_.push_back({.begin = batch_->arena_.size(),
                             .size = bytes.size(),
                             .offset = info.offset,
                             .timestamp_ms = info.timestamp_ms,
                             .split = index_of(info.split),
                             .key_size = static_cast<uint32_t>(info.key.size()),
                             .has_key = info.has_key,
                             .is_null = info.is_null,
                             .is_truncated = info.is_truncated,
                             .is_broken = !info.fault.empty()});
  batch_->arena_.append(bytes);
  batch_->payload_bytes_ += bytes.size() + info.key.size();
  if (info.line != 0 || !info.headers.empty() || !batch_->lines_.empty() || !batch_->header_ends_.empty())
    add_beside(info);
}

/// What only some batches have.
void RawBatchBuilder::add_beside(const EventInfo& info) {
  const size_t before = batch_->events_.size() - 1;
  if (info.line != 0 || !batch_->lines_.empty()) {
    batch_->lines_.resize(before, 0);
    batch_->lines_.push_back(info.line);
  }
  if (info.headers.empty() && batch_->header_ends_.empty()) return;
  batch_->header_ends_.resize(before, batch_->header_bytes_.size());
  batch_->header_bytes_.append(info.headers);
  batch_->header_ends_.push_back(batch_->header_bytes_.size());
  batch_->payload_bytes_ += info.headers.size();
}

/// Events come in runs of one split: the table is asked once a run.
uint32_t RawBatchBuilder::index_of(const SplitPtr* split) {
  static const SplitPtr kNameless = std::make_shared<const Split>();
  const SplitPtr& wanted = split == nullptr ? kNameless : *split;
  if (wanted.get() == last_split_) return last_index_;
  const auto [found, is_new] = indexes_.emplace(wanted.get(), static_cast<uint32_t>(batch_->splits_.size()));
  if (is_new) batch_->splits_.push_back(wanted);
  last_split_ = wanted.get();
  last_index_ = found->second;
  return last_index_;
}

std::shared_ptr<const RawBatch> RawBatchBuilder::finish() {
  indexes_.clear();
  last_split_ = nullptr;
  batch_->arena_.append(kArenaPaddingBytes, '\0');
  std::shared_ptr<const RawBatch> done = std::move(batch_);
  batch_ = std::make_shared<RawBatch>();
  return done;
}

}  // namespace weir
