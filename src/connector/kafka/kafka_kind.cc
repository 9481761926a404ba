#include "connector/kafka/kafka_kind.h"

#include <algorithm>
#include <array>

#include "base/civil_time.h"
#include "config/type_shape.h"
#include "connector/kafka/kafka_source.h"

namespace weir::connector {
namespace {

using config::Description;
using config::EnumName;

constexpr int64_t kTopicWaitOnceMs = 60'000;  // --once: then it ends

constexpr std::array kProtocols = {
    EnumName{"plaintext", static_cast<int64_t>(KafkaSecurity::Protocol::plaintext)},
    EnumName{"ssl", static_cast<int64_t>(KafkaSecurity::Protocol::ssl)},
    EnumName{"sasl_plaintext", static_cast<int64_t>(KafkaSecurity::Protocol::sasl_plaintext)},
    EnumName{"sasl_ssl", static_cast<int64_t>(KafkaSecurity::Protocol::sasl_ssl)}};

}  // namespace

std::span<const EnumName> enum_names(KafkaSecurity::Protocol) {
  return kProtocols;
}

namespace {

struct StartKeys {
  std::optional<std::string> at;                          ///< "earliest"
  std::optional<config::Located<std::string>> timestamp;  ///< RFC 3339
  std::optional<std::map<std::string, int64_t>> offsets;  ///< "topic/partition" -> offset
};

struct SecurityKeys {
  KafkaSecurity::Protocol protocol = KafkaSecurity::Protocol::plaintext;
  std::string mechanism;
  std::string username;
  config::Secret password;
  std::string ca;
  std::string certificate;
  config::Secret key;
  config::Secret key_password;
  bool check_hostname = true;
};

struct KafkaKeys {
  std::string brokers;
  std::vector<std::string> topics;
  StartKeys start;
  std::string group;
  SecurityKeys security;
  config::ByteSize fetch_budget{int64_t{64} * 1024 * 1024};
  std::map<std::string, std::string> properties;
  FormatParts formats;
};

constexpr FormatsFit kFormats{.fits = &codec::FormatKind::fits_messages, .place = "Kafka messages"};

void describe(Description& d, StartKeys& s) {
  d.structure("kafka_start", "Where partitions begin of which the tables have no progress yet. There is no 'latest'.");
  d.shorthand("at");
  d.field("at", s.at).allowed({"earliest"}).doc("The oldest record that is there.");
  d.field("timestamp", s.timestamp).doc("The first record of this time or later.").example("2026-11-20T06:00:00Z");
  d.field("offsets", s.offsets)
      .doc("Offsets by topic/partition; partitions that are not named begin at the oldest record.")
      .example("{events/0: 1200}");
  d.at_most_one({"at", "timestamp", "offsets"});
}

void describe(Description& d, SecurityKeys& s) {
  d.structure("kafka_security", "How to talk to the brokers.");
  d.field("protocol", s.protocol).doc("Whether the connection is encrypted (ssl) and how the client logs in (sasl).");
  d.field("mechanism", s.mechanism)
      .allowed({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
      .doc("For sasl_plaintext and sasl_ssl.");
  d.field("username", s.username).doc("For sasl_plaintext and sasl_ssl.");
  d.field("password", s.password)
      .doc("For sasl_plaintext and sasl_ssl. Give a reference, not the password.")
      .example("${KAFKA_PASSWORD}");
  d.field("ca", s.ca)
      .doc("PEM file with the authorities that signed the brokers' certificates; by default the system's.");
  d.field("certificate", s.certificate).doc("PEM file of the client's certificate, for mutual TLS.");
  d.field("key", s.key).doc("PEM file or text of its private key.").example("${file:/run/secrets/kafka.key}");
  d.field("key_password", s.key_password).doc("Password of the private key.");
  d.field("check_hostname", s.check_hostname)
      .doc("Whether the broker's certificate must name the host that is connected to.");
}

void describe(Description& d, KafkaKeys& s) {
  d.structure("kafka_source", "Reads committed records of Kafka topics.");
  d.field("brokers", s.brokers)
      .required()
      .not_empty()
      .doc("host:port, several separated by commas.")
      .example("${KAFKA_BROKERS}");
  d.field("topics", s.topics)
      .required()
      .not_empty()
      .list_or_one()
      .doc("Names of topics, or regular expressions that begin with '^'.");
  d.field("start", s.start).doc("Where to begin when the tables have no progress yet.");
  d.field("group", s.group)
      .doc("Consumer group that gets the committed offsets, for lag tools only; by default weir-PIPELINE.");
  d.field("security", s.security).doc("TLS and SASL settings.");
  d.field("fetch_budget", s.fetch_budget)
      .min(config::ByteSize{1024 * 1024})
      .doc("Memory for records that are fetched ahead.");
  d.field("properties", s.properties).doc("More settings of librdkafka, of those that cannot change what is read.");
  describe_formats(d, s.formats, kFormats);
}

KafkaSecurity security_of(const SecurityKeys& keys, const SourceContext& context) {
  const auto file = [&](const std::string& path) { return path.empty() ? path : context.absolute(path); };
  KafkaSecurity security;
  security.protocol = keys.protocol;
  security.mechanism = keys.mechanism;
  security.username = keys.username;
  security.password = keys.password.reveal();
  security.ca_file = file(keys.ca);
  security.certificate = file(keys.certificate);
  security.key = keys.key.reveal();
  security.key_password = keys.key_password.reveal();
  security.check_hostname = keys.check_hostname;
  return security;
}

Result<KafkaStart> start_of(const StartKeys& keys) {
  KafkaStart start;
  if (keys.timestamp) {
    int64_t micros = 0;
    if (parse_instant(**keys.timestamp, micros) != TimeParse::ok) {
      return Error(ErrorKind::invalid_argument,
                   "start.timestamp: '" + **keys.timestamp + "' is not a time; write it as 2026-11-20T06:00:00Z");
    }
    start.at = KafkaStart::At::timestamp;
    start.timestamp_ms = micros / 1000;
  }
  if (keys.offsets) {
    start.at = KafkaStart::At::offsets;
    start.offsets = *keys.offsets;
  }
  return start;
}

/// Checked as far as that goes without a broker. Errors: invalid_argument, "SETTING: what is wrong", SETTING as a path
/// below `kafka`.
Result<KafkaSpec> settings(const KafkaKeys& keys, const SourceContext& context) {
  KafkaSpec kafka;
  kafka.source = context.name;
  kafka.brokers = keys.brokers;
  kafka.topics = keys.topics;
  WEIR_ASSIGN(kafka.start, start_of(keys.start));
  kafka.group = keys.group.empty() ? "weir-" + context.pipeline : keys.group;
  kafka.security = security_of(keys.security, context);
  kafka.fetch_budget_bytes = keys.fetch_budget.bytes / context.tasks;
  kafka.record_bytes_max = context.event_bytes_max;
  kafka.properties = keys.properties;
  WEIR_TRY(check_kafka_spec(kafka));
  return kafka;
}

/// Adds what `settings()` said at the setting that it is about.
void explain(const Error& error, const std::string& path, const SourceContext& context) {
  const std::string& message = error.message();
  const size_t end = std::min(message.find(": "), message.size());
  std::string place = path + "." + message.substr(0, end);
  if (place.ends_with("fetch_budget_bytes")) place.resize(place.size() - std::string_view("_bytes").size());
  context.errors.at_path(context.errors.has(place) ? place : path,
                         context.errors.has(place) ? message.substr(end + 2) : message);
}

std::string summary_of(const KafkaSpec& spec, bool once) {
  std::string topics;
  for (const std::string& topic : spec.topics) topics += (topics.empty() ? "" : ", ") + topic;
  return std::string(spec.topics.size() == 1 ? "reading topic " : "reading topics ") + topics + " at " + spec.brokers +
         (once ? " up to their present end" : "");
}

BoundSource bind_kafka(const KafkaKeys& keys, const SourceContext& context) {
  BoundSource bound;
  const std::string path = config::path_key(context.path, "kafka");
  bound.format = bind_format(context, keys.formats, path, kFormats);
  if (context.errors.any_below(path)) return bound;  // what the file's reader has refused has its default here
  const Result<KafkaSpec> checked = settings(keys, context);
  if (!checked.ok()) {
    explain(checked.error(), path, context);
    return bound;
  }
  // librdkafka's own count passes the limit by what is on its way, and leaves out what each record takes beside itself.
  bound.fetch_bytes = keys.fetch_budget.bytes + keys.fetch_budget.bytes / 2;
  bound.summary = [spec = *checked](bool once) { return summary_of(spec, once); };
  bound.nothing_there = "source '" + context.name + "' has no events yet";
  bound.make = [spec = *checked](const SourceEnvironment& environment) -> Result<std::unique_ptr<SourceFactory>> {
    KafkaSpec kafka = spec;
    kafka.bounded = environment.once;
    kafka.wait_for_topics_ms = environment.once ? kTopicWaitOnceMs : -1;
    const auto log = [log = environment.log](KafkaLogLevel level, std::string_view line) {
      if (log) log(level == KafkaLogLevel::warning, line);
    };
    return make_kafka_source(std::move(kafka), environment.clock, log);
  };
  return bound;
}

}  // namespace

SourceKind kafka_kind() {
  return source_kind("kafka", "Kafka topics.", &bind_kafka);
}

}  // namespace weir::connector
