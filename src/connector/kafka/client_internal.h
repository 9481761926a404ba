/// \file
/// A connection to a cluster, of the splitter or of a reader: the librdkafka instance, what it reports, and telling
/// people about it in measure.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "connector/kafka/admin_internal.h"
#include "connector/kafka/handles_internal.h"
#include "connector/kafka/kafka_source.h"

namespace weir::connector {

/// One thread. All callbacks of librdkafka run inside of serve() and KafkaMessages::take(): its own threads never call
/// us, but for the wake-up.
class KafkaClient {
 public:
  /// What it is for. Outages are told by the one that looks around: it asks the brokers while nobody else does.
  enum class Role { looks, reads };
  /// Starts the client's threads; connects later. Errors: invalid_argument (settings, certificate files).
  static Result<std::unique_ptr<KafkaClient>> make(const KafkaSpec& spec, const Clock& clock, KafkaLog log, Role role);
  /// Returns within seconds (a name lookup under way is waited for).
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  /// Waits until a broker has let us in and returns the cluster id. Errors: unavailable, unauthenticated, unsupported
  /// (brokers before 0.10.1), cancelled (within a tenth of a second after `stop_asked` says so).
  Result<std::string> connect(Deadline deadline, const StopAsked& stop_asked);

  /// Lists the topics that we may see. Blocks up to `wait_ms`. Errors: unavailable, unauthenticated, timeout.
  Result<std::vector<std::string>> topic_names(int wait_ms);

  /// Runs callbacks, logs outages. Call it often; cheap.
  void serve(int wait_ms = 0);
  /// Calls `wake_up` from one of librdkafka's threads when something comes into queue() while it is empty.
  void wake_by(std::function<void()> wake_up);
  /// Tells that the brokers have answered something: ends an outage.
  void note_answer();
  /// True while no broker can be reached.
  bool is_away() const { return away_since_us_ != 0; }

  /// A topic and the id that the client reads it by from now on.
  struct TopicId {
    std::string topic;
    std::string id;
  };
  /// Hands over what has come in through queue() since the last call. librdkafka goes on at the same offset when a
  /// topic of the same name has another id, and has only a debug line for it; the line arrives before any record of the
  /// other topic.
  std::vector<TopicId> take_topic_ids() { return std::exchange(topic_ids_, {}); }

  /// Sends `offsets` to the group, unless the last sending is still under way. Failures are logged.
  void commit_offsets(const rd_kafka_topic_partition_list_t& offsets);

  /// Errors: unauthenticated, once a broker has refused us or we do not trust it, until one lets us in.
  Result<void> require_not_refused() const;
  /// Adds to `error` what is known of failed connections.
  Error explain(Error error) const;
  /// What a wait ends with that a stop has cut short. Kind: cancelled.
  Error stopped() const;
  void log(KafkaLogLevel level, std::string_view text) const;

  rd_kafka_t* handle() const { return client_.get(); }
  /// Where messages, ends of partitions and their errors arrive, in order.
  rd_kafka_queue_t* queue() const { return queue_.get(); }

 private:
  KafkaClient(const KafkaSpec& spec, const Clock& clock, KafkaLog log, Role role);
  static void on_error(rd_kafka_t*, int code, const char* reason, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
  void take_group_answer(int wait_ms);
  void take_error(rd_kafka_resp_err_t code, std::string reason);
  Error unreachable(std::string_view doing) const;
  void log_outage();
  void note_topic_id(std::string_view line);

  struct Destroy {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }
  };

  const std::string brokers_;
  const KafkaSecurity security_;
  const std::string group_;  ///< empty: offsets are not sent
  const Clock& clock_;
  const KafkaLog log_;
  const Role role_;
  std::string last_reason_;       ///< of the last failure to reach a broker
  std::optional<Error> refusal_;  ///< a broker does not let us in, or we do not trust it: waiting does not help
  int64_t away_since_us_ = 0;     ///< 0: not away
  int64_t next_outage_log_us_ = 0;
  int64_t outage_log_pause_us_ = 0;
  int64_t next_reason_log_us_ = 0;
  int64_t log_window_us_ = 0;  ///< begin of the minute in which lines are counted
  int log_lines_ = 0;
  std::vector<TopicId> topic_ids_;
  std::function<void()> wake_up_;
  std::unique_ptr<rd_kafka_t, Destroy> client_;
  KafkaQueue queue_;
  std::optional<GroupOffsets> group_offsets_;  ///< under way
};

}  // namespace weir::connector
