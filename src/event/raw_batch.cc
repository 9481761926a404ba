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
                             .partition = info.partition,
                             .key_size = static_cast<uint32_t>(info.key.size()),
                             .has_key = info.has_key,
                             .is_null = info.is_null,
                             .is_truncated = info.is_truncated,
                             .is_broken = !info.fault.empty()});
  batch_->arena_.append(bytes);
  batch_->payload_bytes_ += bytes.size() + info.key.size();
}

std::shared_ptr<const RawBatch> RawBatchBuilder::finish() {
  batch_->arena_.append(kArenaPaddingBytes, '\0');
  std::shared_ptr<const RawBatch> done = std::move(batch_);
  batch_ = std::make_shared<RawBatch>();
  return done;
}

}  // namespace weir
