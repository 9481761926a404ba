/// \file
/// The Kafka source: topics and partitions read from a stored position, committed records only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dataflow/source.h"

namespace weir::connector {

struct KafkaSecurity {
  enum class Protocol { plaintext, ssl, sasl_plaintext, sasl_ssl };
  Protocol protocol = Protocol::plaintext;
  std::string mechanism = {};  ///< sasl_*: "PLAIN", "SCRAM-SHA-256" or "SCRAM-SHA-512"
  std::string username = {};
  std::string password = {};  ///< shown in no message and no log line
  /// Who may have signed the brokers' certificates: a PEM file, or the same as text. Neither: the system's own list.
  std::string ca_file = {};
  std::string ca_pem = {};
  /// Mutual TLS: our certificate and its private key, each as PEM text or as the path of a PEM file.
  std::string certificate = {};
  std::string key = {};
  std::string key_password = {};
  bool check_hostname = true;
};

/// Where a partition begins of which the tables have no progress yet. There is no "latest": nothing is skipped unless a
/// time or an offset says so.
struct KafkaStart {
  enum class At { earliest, timestamp, offsets };
  At at = At::earliest;
  int64_t timestamp_ms = 0;                     ///< timestamp: the first record of this time or later, else the end
  std::map<std::string, int64_t> offsets = {};  ///< offsets: by "topic/partition"; others begin at the earliest
};

struct KafkaSpec {
  std::string source = {};   ///< name of the source in the pipeline file
  std::string brokers = {};  ///< "host:port,host:port"
  /// Exact names, and POSIX extended regular expressions that begin with '^' (unanchored at the end).
  std::vector<std::string> topics = {};
  KafkaStart start = {};
  std::string group = {};  ///< takes the offsets that lag tools look at, after each commit; empty: none are sent
  KafkaSecurity security = {};
  int64_t fetch_budget_bytes = int64_t{64} << 20;  ///< of one reader; see make_kafka_source()
  bool bounded = false;                            ///< one pass: up to the ends that are there at open()
  /// Of a longer value or key only the beginning is kept; the event is marked as truncated.
  size_t record_bytes_max = size_t{1} << 20;
  int64_t open_timeout_ms = 10'000;  ///< of one attempt
  /// How long a topic that is not there when reading begins is waited for, by errors with a retry hint; -1: for ever.
  int64_t wait_for_topics_ms = 0;
  int64_t discover_every_ms = 60'000;  ///< how often to look for new partitions and topics; never when bounded
  /// More of librdkafka's settings, of those that cannot change what is read.
  std::map<std::string, std::string> properties = {};
};

enum class KafkaLogLevel { info, warning };
/// Takes one line for people. Called by splitter and readers from inside of their calls. Thread-safe.
using KafkaLog = std::function<void(KafkaLogLevel, std::string_view)>;

/// Checks what can be checked without a broker; all of it is checked again by make(). Errors: invalid_argument, naming
/// the setting.
[[nodiscard]] Result<void> check_kafka_spec(const KafkaSpec& spec);

/// Partitions are dealt by hash of topic and number; there is no consumer group to join. `clock` outlives the factory
/// and what it makes.
///
/// Identity: progress names the cluster and the topics by their ids. Another cluster, a topic that was deleted or
/// re-created, offsets that retention has removed or that the log has lost: position_lost with the range, at open() or
/// while running. Nothing is skipped, ever. Offsets that transactions and compaction leave empty are no events;
/// progress moves past them at the end of the partition.
///
/// The splitter has a client of its own, by which it looks at topics and partitions, tells the group how far the tables
/// are, and says through `log` when brokers are away, with growing pauses. One open() or discover() waits for brokers
/// up to open_timeout_ms. Errors: unavailable (no broker answers), unauthenticated (password, certificates),
/// permission_denied, not_found (topics), position_lost, invalid_argument, cancelled. Once partitions are dealt,
/// brokers that are away make it and the readers idle; the connection comes back by itself.
///
/// Back-pressure: a reader's client fetches ahead into one queue. When the queue holds half of fetch_budget_bytes, or
/// as many records as that half could hold with their bookkeeping, every partition is paused before its next fetch and
/// resumed once poll() has drained it; a host that does not poll therefore stops the network, not the memory. The other
/// half is for answers under way (at most a quarter a broker, compressed) and the run of events in hand. A broker's
/// answer holds at least one record batch, whatever its size; that is the only overshoot.
std::unique_ptr<SourceFactory> make_kafka_source(KafkaSpec spec, const Clock& clock, KafkaLog log);

}  // namespace weir::connector
