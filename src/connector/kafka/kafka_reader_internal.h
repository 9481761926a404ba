/// \file
/// Reads the partitions that a task was dealt.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "connector/kafka/batches_internal.h"
#include "connector/kafka/client_internal.h"
#include "connector/kafka/partitions_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

/// Its client is made with the first partition. Of a paused partition nothing more is fetched; what was, may still
/// come.
class KafkaReader final : public SourceReader {
 public:
  /// `spec` and `clock` outlive it.
  KafkaReader(const KafkaSpec& spec, const Clock& clock, KafkaLog log, std::function<void()> wake_up)
      : spec_(spec), clock_(clock), log_(std::move(log)), wake_up_(std::move(wake_up)) {}

  Result<void> add(std::vector<AssignedSplit> splits) override;
  void no_more_splits() override { is_last_ = true; }
  void pause(std::string_view name) override;
  void resume(std::string_view name) override;
  Result<Poll> poll() override;
  SourceProgress progress() const override;
  SourceLag lag() const override;
  void release(const SourceProgress&) override {}

 private:
  Result<Poll> poll_events();
  Result<void> connect();
  Result<void> validate(const std::vector<AssignedSplit>& splits);
  Result<void> require_same_topics();
  bool is_finished() const { return is_last_ && (!partitions_ || partitions_->all_finished()); }

  const KafkaSpec& spec_;
  const Clock& clock_;
  const KafkaLog log_;
  const std::function<void()> wake_up_;
  std::string cluster_id_;
  std::unique_ptr<KafkaClient> client_;  // before all that holds objects of it
  std::unique_ptr<ReaderPartitions> partitions_;
  std::unique_ptr<KafkaBatches> batches_;
  std::optional<Error> failure_;  ///< once failed, failed for good
  bool is_last_ = false;
  std::vector<SplitPtr> begun_;  ///< since the last poll
  mutable int64_t lag_events_ = -1;
  mutable int64_t next_lag_us_ = 0;
};

}  // namespace weir::connector
