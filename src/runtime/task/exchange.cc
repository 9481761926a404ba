#include <algorithm>

#include "runtime/task/exchange_internal.h"
#include "state/key_groups.h"
#include "state/key_layout.h"

namespace weir::runtime {
namespace {

class ChannelOutlet : public Outlet {
 public:
  explicit ChannelOutlet(std::vector<std::shared_ptr<Channel>> channels) : channels_(std::move(channels)) {}

  bool has_credit() const override {
    return std::all_of(channels_.begin(), channels_.end(), [](const auto& channel) { return channel->has_credit(); });
  }
  void advance(const StreamStatus& status) override {
    for (const auto& channel : channels_) channel->push(status);
  }
  void barrier(const Barrier& barrier) override {
    for (const auto& channel : channels_) channel->push(barrier);
  }

 protected:
  const std::vector<std::shared_ptr<Channel>> channels_;
};

class Forward final : public ChannelOutlet {
 public:
  using ChannelOutlet::ChannelOutlet;
  Result<void> write(const Batch& batch) override {
    channels_.front()->push(batch);
    return {};
  }
};

/// Deals rows by the owner of their key group. Batches share their columns: each channel gets the rows that are its own
/// made dense, and without the raw bytes, so that no task keeps alive what it has not.
class ByKeyGroup final : public ChannelOutlet {
 public:
  ByKeyGroup(state::KeyLayout layout, std::vector<std::shared_ptr<Channel>> channels)
      : ChannelOutlet(std::move(channels)), layout_(std::move(layout)), rows_(channels_.size()) {}

  Result<void> write(const Batch& batch) override {
    WEIR_TRY(layout_.encode(batch, keys_));
    const auto tasks = static_cast<uint32_t>(channels_.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
      const uint32_t owner = state::task_of_key_group(state::key_group_of(keys_.hashes[i]), tasks);
      const int32_t row = batch.all_selected() ? static_cast<int32_t>(i) : batch.selection()[i];
      rows_[owner].push_back(row);
    }
    for (size_t task = 0; task < rows_.size(); ++task) {
      if (rows_[task].empty()) continue;
      channels_[task]->push(batch.with_selection(std::exchange(rows_[task], {})).without_raw().compact());
    }
    return {};
  }

 private:
  state::KeyLayout layout_;
  state::KeyBatch keys_;
  std::vector<std::vector<int32_t>> rows_;  ///< by task
};

/// All rows to the task that owns the key group of rows without a key.
class ToOne final : public ChannelOutlet {
 public:
  explicit ToOne(std::vector<std::shared_ptr<Channel>> channels) : ChannelOutlet(std::move(channels)) {
    const auto tasks = static_cast<uint32_t>(channels_.size());
    owner_ = state::task_of_key_group(state::key_group_of(state::hash_without_key()), tasks);
  }
  Result<void> write(const Batch& batch) override {
    channels_[owner_]->push(batch.without_raw());
    return {};
  }

 private:
  uint32_t owner_;
};

}  // namespace

Result<std::unique_ptr<Outlet>> make_outlet(const std::optional<std::vector<int>>& key, const SchemaPtr& schema,
                                            std::vector<std::shared_ptr<Channel>> channels) {
  if (!key) return std::unique_ptr<Outlet>(std::make_unique<Forward>(std::move(channels)));
  if (key->empty()) return std::unique_ptr<Outlet>(std::make_unique<ToOne>(std::move(channels)));
  WEIR_ASSIGN(state::KeyLayout layout, state::KeyLayout::bind(*schema, *key));
  return std::unique_ptr<Outlet>(std::make_unique<ByKeyGroup>(std::move(layout), std::move(channels)));
}

}  // namespace weir::runtime
