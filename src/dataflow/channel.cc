#include "dataflow/channel.h"

namespace weir {
namespace {

/// What a row costs beside its columns: its position.
constexpr int64_t kRowBytes = 16;

int64_t bytes_of(const ChannelItem& item) {
  const auto* batch = std::get_if<Batch>(&item);
  return batch == nullptr ? 0 : static_cast<int64_t>(batch->memory_bytes()) + batch->physical_rows() * kRowBytes;
}

}  // namespace

bool Channel::has_credit() const {
  const std::scoped_lock lock(mutex_);
  return bytes_ < bytes_max_;
}

void Channel::push(ChannelItem item) {
  {
    const std::scoped_lock lock(mutex_);
    bytes_ += bytes_of(item);
    items_.push_back(std::move(item));
  }
  on_item_();
}

std::optional<ChannelItem> Channel::pop() {
  std::optional<ChannelItem> item;
  bool is_credit_back = false;
  {
    const std::scoped_lock lock(mutex_);
    if (items_.empty()) return item;
    item = std::move(items_.front());
    items_.pop_front();
    const bool had_credit = bytes_ < bytes_max_;
    bytes_ -= bytes_of(*item);
    is_credit_back = !had_credit && bytes_ < bytes_max_;
  }
  if (is_credit_back) on_credit_();
  return item;
}

int64_t Channel::memory_bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

}  // namespace weir
