#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "base/suggest.h"
#include "connector/kafka/config_internal.h"
#include "connector/kafka/topics_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kBrokersMax = 100;
constexpr size_t kPropertyBytesMax = 4096;
constexpr size_t kRecordBytesMaxMax = size_t{1} << 30;
constexpr int64_t kOpenTimeoutMsMax = 600'000;
constexpr int64_t kDiscoverEveryMsMin = 100;

/// librdkafka's settings that a user may add: connections, time-outs, TLS details. Not among them: what decides which
/// records are read, file and library paths to load or run, memory, and everything that KafkaSpec says itself.
constexpr std::array<std::string_view, 30> kAllowedProperties = {
    "api.version.request.timeout.ms",
    "broker.address.family",
    "broker.address.ttl",
    "client.id",
    "client.rack",
    "connections.max.idle.ms",
    "fetch.error.backoff.ms",
    "fetch.min.bytes",
    "fetch.queue.backoff.ms",
    "fetch.wait.max.ms",
    "log.connection.close",
    "metadata.max.age.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "receive.message.max.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "socket.connection.setup.timeout.ms",
    "socket.keepalive.enable",
    "socket.max.fails",
    "socket.nagle.disable",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
    "socket.timeout.ms",
    "ssl.cipher.suites",
    "ssl.curves.list",
    "ssl.sigalgs.list",
    "topic.metadata.refresh.interval.ms",
};

constexpr std::array<std::string_view, 3> kMechanisms = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};

Error invalid(std::string message) {
  return Error(ErrorKind::invalid_argument, std::move(message));
}

bool uses_tls(const KafkaSecurity& security) {
  return security.protocol == KafkaSecurity::Protocol::ssl || security.protocol == KafkaSecurity::Protocol::sasl_ssl;
}
bool uses_sasl(const KafkaSecurity& security) {
  return security.protocol == KafkaSecurity::Protocol::sasl_plaintext ||
         security.protocol == KafkaSecurity::Protocol::sasl_ssl;
}

const char* protocol_name(KafkaSecurity::Protocol protocol) {
  switch (protocol) {
    case KafkaSecurity::Protocol::plaintext: return "plaintext";
    case KafkaSecurity::Protocol::ssl: return "ssl";
    case KafkaSecurity::Protocol::sasl_plaintext: return "sasl_plaintext";
    case KafkaSecurity::Protocol::sasl_ssl: return "sasl_ssl";
  }
  return "";
}

bool is_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// "host:port", "10.0.0.1:9092" or "[::1]:9092"; the port may be missing.
bool is_broker_address(std::string_view address) {
  const size_t colon = address.rfind(':');
  const size_t bracket = address.rfind(']');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon == bracket + 1);
  const std::string_view host = has_port ? address.substr(0, colon) : address;
  if (has_port) {
    const std::string_view port = address.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos) return false;
    const int number = std::stoi(std::string(port));
    if (number < 1 || number > 65535) return false;
  }
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string_view inner = in_brackets ? host.substr(1, host.size() - 2) : host;
  const std::string_view extra = in_brackets ? ".-_%:" : ".-_";
  return !inner.empty() && inner.size() <= 255 && std::all_of(inner.begin(), inner.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  });
}

Result<void> check_brokers(const std::string& brokers) {
  size_t count = 0;
  std::string_view rest = brokers;
  while (true) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view address = rest.substr(0, comma);
    if (!is_broker_address(address)) {
      return invalid("brokers: '" + std::string(address.substr(0, 300)) +
                     "' is not an address; write \"host:port,host:port\", without a protocol and without blanks");
    }
    if (++count > kBrokersMax)
      return invalid("brokers: more than " + std::to_string(kBrokersMax) +
                     "; a few to begin with are enough, the others are found");
    if (comma == rest.size()) return {};
    rest.remove_prefix(comma + 1);
  }
}

Result<void> check_security(const KafkaSecurity& security) {
  const std::string protocol = protocol_name(security.protocol);
  if (uses_sasl(security)) {
    if (std::find(kMechanisms.begin(), kMechanisms.end(), security.mechanism) == kMechanisms.end()) {
      return invalid("security.mechanism: '" + security.mechanism +
                     "' is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
    }
    if (security.username.empty())
      return invalid("security.username: missing; " + protocol + " needs a user and a password");
    if (security.password.empty())
      return invalid("security.password: missing; " + protocol + " needs a user and a password");
  } else if (!security.mechanism.empty() || !security.username.empty() || !security.password.empty()) {
    return invalid("security.protocol: '" + protocol +
                   "' takes no mechanism, username or password; is sasl_ssl meant?");
  }
  if (!uses_tls(security)) {
    if (!security.ca_file.empty() || !security.ca_pem.empty() || !security.certificate.empty() ||
        !security.key.empty()) {
      return invalid("security.protocol: '" + protocol + "' takes no certificates; is " +
                     (uses_sasl(security) ? "sasl_ssl" : "ssl") + " meant?");
    }
    return {};
  }
  if (!security.ca_file.empty() && !security.ca_pem.empty())
    return invalid("security.ca: give a file or its text, not both");
  if (!security.ca_pem.empty() && !is_pem(security.ca_pem))
    return invalid("security.ca: not a certificate in PEM form (\"-----BEGIN CERTIFICATE-----\")");
  if (security.certificate.empty() != security.key.empty())
    return invalid("security: certificate and key go together; one of them is missing");
  return {};
}

Result<void> check_start(const KafkaStart& start) {
  if (start.at == KafkaStart::At::timestamp && start.timestamp_ms < 0) return invalid("start: a timestamp before 1970");
  if (start.at == KafkaStart::At::offsets && start.offsets.empty())
    return invalid("start: no offsets given; name them by \"topic/partition\"");
  for (const auto& [name, offset] : start.offsets) {
    const size_t slash = name.rfind('/');
    const std::string number = slash == std::string::npos ? "" : name.substr(slash + 1);
    const bool is_number =
        !number.empty() && number.size() <= 9 && number.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || !is_topic_name(name.substr(0, slash)))
      return invalid("start: '" + name + "' is not \"topic/partition\", such as \"flights/0\"");
    if (offset < 0)
      return invalid("start: the offset of '" + name +
                     "' is negative; there is no \"latest\" and no counting from the end");
  }
  return {};
}

Result<void> check_properties(const std::map<std::string, std::string>& properties) {
  for (const auto& [key, value] : properties) {
    if (std::find(kAllowedProperties.begin(), kAllowedProperties.end(), key) == kAllowedProperties.end()) {
      const std::vector<std::string> names(kAllowedProperties.begin(), kAllowedProperties.end());
      std::string near = did_you_mean(key, names);
      if (near.empty())
        near =
            "; Weir sets what decides which records are read, and lets through settings of connections and time-outs "
            "only";
      return invalid("properties: '" + key.substr(0, 100) + "' may not be set" + near);
    }
    if (value.size() > kPropertyBytesMax || has_control_characters(value))
      return invalid("properties: the value of '" + key + "' is too long or not printable");
  }
  return {};
}

/// Sets one property, remembering the first failure.
class Setter {
 public:
  explicit Setter(rd_kafka_conf_t* conf) : conf_(conf) {}
  void set(const char* name, const std::string& value) {
    char reason[512] = "";
    if (failure_.empty() && rd_kafka_conf_set(conf_, name, value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
      failure_ = std::string(name) + ": " + reason;
  }
  void set(const char* name, int64_t value) { set(name, std::to_string(value)); }
  const std::string& failure() const { return failure_; }

 private:
  rd_kafka_conf_t* conf_;
  std::string failure_;
};

void set_security(const KafkaSecurity& security, Setter& out) {
  out.set("security.protocol", protocol_name(security.protocol));
  if (uses_sasl(security)) {
    out.set("sasl.mechanism", security.mechanism);
    out.set("sasl.username", security.username);
    out.set("sasl.password", security.password);
  }
  if (!uses_tls(security)) return;
  out.set("enable.ssl.certificate.verification", "true");
  out.set("ssl.endpoint.identification.algorithm", security.check_hostname ? "https" : "none");
  if (!security.ca_file.empty()) out.set("ssl.ca.location", security.ca_file);
  if (!security.ca_pem.empty()) out.set("ssl.ca.pem", security.ca_pem);
  if (!security.certificate.empty()) {
    out.set(is_pem(security.certificate) ? "ssl.certificate.pem" : "ssl.certificate.location", security.certificate);
    out.set(is_pem(security.key) ? "ssl.key.pem" : "ssl.key.location", security.key);
    if (!security.key_password.empty()) out.set("ssl.key.password", security.key_password);
  }
}

/// Settings that make reading cheap; a user may change them.
void set_defaults(Setter& out) {
  out.set("client.id", "weir");
  out.set("log.connection.close", "false");
  out.set("reconnect.backoff.ms", 100);
  out.set("reconnect.backoff.max.ms", 2000);
  out.set("socket.keepalive.enable", "true");
  // The broker waits a moment for more rather than answering with a handful of records; a tenth of a second is nothing
  // beside a commit interval.
  out.set("fetch.wait.max.ms", 100);
  out.set("fetch.min.bytes", 64 * 1024);
  out.set("fetch.error.backoff.ms", 200);
  // The pause of a partition that finds the queue full: shorter than what drains half a queue, or reading would
  // stutter.
  out.set("fetch.queue.backoff.ms", 5);
}

/// Settings on which correctness and memory hang; nobody may change them.
void set_fixed(const KafkaSpec& spec, Setter& out) {
  const FetchBudget budget = FetchBudget::split(spec.fetch_budget_bytes);
  out.set("bootstrap.servers", spec.brokers);
  out.set("group.id", spec.group.empty() ? "weir" : spec.group);
  out.set("isolation.level", "read_committed");
  out.set("enable.auto.commit", "false");
  out.set("enable.auto.offset.store", "false");
  out.set("auto.offset.reset", "error");
  out.set("allow.auto.create.topics", "false");
  out.set("enable.partition.eof", "true");
  out.set("check.crcs", "true");
  out.set("queued.max.messages.kbytes", std::max<int64_t>(1, budget.queued_bytes / 1000));
  out.set("queued.min.messages", budget.queued_records);
  out.set("message.max.bytes",
          std::min<int64_t>(1'000'000, budget.response_bytes));  // librdkafka wants it below fetch.max.bytes
  out.set("fetch.max.bytes", budget.response_bytes);
  out.set("max.partition.fetch.bytes", budget.partition_bytes);
  out.set("log.queue", "true");
  // The only notice of a changed topic id is a debug line; see KafkaClient::take_topic_ids().
  out.set("debug", "metadata");
  out.set("log_level", 7);
}

void replace_all(std::string& text, const std::string& what) {
  if (what.empty()) return;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 3))
    text.replace(at, what.size(), "***");
}

}  // namespace

FetchBudget FetchBudget::split(int64_t budget_bytes) {
  FetchBudget split;
  const int64_t half = budget_bytes / 2;
  split.queued_bytes = std::min<int64_t>(half, int64_t{2'000'000'000});
  split.queued_records = std::clamp<int64_t>(half / 2 / kRecordOverheadBytes, 100, 10'000'000);
  split.response_bytes = std::clamp<int64_t>(budget_bytes / 4, 64 * 1024, int64_t{50} << 20);
  split.partition_bytes = std::clamp<int64_t>(budget_bytes / 16, 64 * 1024, int64_t{1} << 20);
  split.batch_bytes = std::clamp<int64_t>(budget_bytes / 16, 64 * 1024, int64_t{4} << 20);
  return split;
}

Result<void> check_kafka_spec(const KafkaSpec& spec) {
  WEIR_TRY(check_brokers(spec.brokers));
  WEIR_ASSIGN(const TopicSelection topics, TopicSelection::make(spec.topics));
  WEIR_TRY(check_start(spec.start));
  WEIR_TRY(check_security(spec.security));
  WEIR_TRY(check_properties(spec.properties));
  if (spec.group.size() > 255 || has_control_characters(spec.group))
    return invalid("group: too long, or not printable");
  if (spec.fetch_budget_bytes < kFetchBudgetBytesMin || spec.fetch_budget_bytes > kFetchBudgetBytesMax) {
    return invalid("fetch_budget_bytes: must be between " + std::to_string(kFetchBudgetBytesMin) + " and " +
                   std::to_string(kFetchBudgetBytesMax));
  }
  if (spec.record_bytes_max < 1 || spec.record_bytes_max > kRecordBytesMaxMax)
    return invalid("record_bytes_max: must be between 1 and " + std::to_string(kRecordBytesMaxMax));
  if (spec.open_timeout_ms < 1 || spec.open_timeout_ms > kOpenTimeoutMsMax)
    return invalid("open_timeout_ms: must be between 1 and " + std::to_string(kOpenTimeoutMsMax));
  if (spec.discover_every_ms < kDiscoverEveryMsMin)
    return invalid("discover_every_ms: must be at least " + std::to_string(kDiscoverEveryMsMin));
  return {};
}

Result<KafkaConf> make_kafka_conf(const KafkaSpec& spec) {
  WEIR_TRY(check_kafka_spec(spec));
  KafkaConf conf(rd_kafka_conf_new());
  Setter out(conf.get());
  set_defaults(out);
  for (const auto& [key, value] : spec.properties) out.set(key.c_str(), value);
  set_security(spec.security, out);
  set_fixed(spec, out);
  if (!out.failure().empty()) return settings_refused(out.failure(), spec.security);
  return conf;
}

Error settings_refused(const std::string& reason, const KafkaSecurity& security) {
  struct File {
    std::string_view property;
    std::string_view setting;
    const std::string& path;
  };
  const std::array<File, 3> files = {File{"ssl.ca.location", "security.ca", security.ca_file},
                                     File{"ssl.certificate.location", "security.certificate", security.certificate},
                                     File{"ssl.key.location", "security.key", security.key}};
  for (const File& file : files) {
    if (file.path.empty() || is_pem(file.path) || reason.find(file.property) == std::string::npos) continue;
    return invalid(std::string(file.setting) + ": '" + file.path +
                   "' cannot be read, or is not a PEM file; check the path, the rights and what is in it");
  }
  return invalid("Kafka settings: " + without_secrets(reason, security));
}

std::string without_secrets(std::string text, const KafkaSecurity& security) {
  replace_all(text, security.password);
  replace_all(text, security.key_password);
  if (is_pem(security.key)) replace_all(text, security.key);
  return text;
}

}  // namespace weir::connector
