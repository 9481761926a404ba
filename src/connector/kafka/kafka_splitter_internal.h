/// \file
/// Finds partitions and deals them to readers.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connector/kafka/client_internal.h"
#include "connector/kafka/survey_internal.h"
#include "dataflow/source.h"

namespace weir::connector {

class KafkaSplitter final : public SourceSplitter {
 public:
  /// `spec` and `clock` outlive it.
  KafkaSplitter(const KafkaSpec& spec, TopicSelection selection, const Clock& clock, KafkaLog log, int readers)
      : spec_(spec), selection_(std::move(selection)), clock_(clock), log_(std::move(log)), readers_(readers) {}

  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) override;
  Result<Discovery> discover(bool is_in_doubt) override;
  void release(const SourceProgress& durable) override;

 private:
  void expect_topics(const SourceProgress& from);
  Result<std::vector<PartitionFacts>> survey(Deadline deadline);
  bool may_appear(const Error& error);
  void ask_for_lost_tables(const std::vector<PartitionFacts>& facts);
  Result<std::vector<AssignedSplit>> deal(const std::vector<PartitionFacts>& facts);

  const KafkaSpec& spec_;
  const TopicSelection selection_;
  const Clock& clock_;
  const KafkaLog log_;
  const int readers_;
  StopAsked stop_asked_;
  std::string cluster_id_;
  std::unique_ptr<KafkaClient> client_;  // before all that holds objects of it
  std::unique_ptr<PartitionSurvey> survey_;
  SourceProgress from_;  ///< what is decided when the run begins
  bool has_dealt_ = false;
  int64_t missing_since_us_ = -1;  ///< monotonic: a topic is not there; -1: none is missed
  int64_t next_survey_us_ = 0;     ///< monotonic
  std::set<std::string> dealt_;    ///< names of partitions
};

}  // namespace weir::connector
