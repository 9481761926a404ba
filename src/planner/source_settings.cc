#include "base/check.h"
#include "base/civil_time.h"
#include "planner/source_settings_internal.h"

namespace weir::planner {
namespace {

constexpr int64_t kTopicWaitOnceMs = 60'000;  // --once: then it ends

connector::KafkaSecurity::Protocol kafka_protocol(SecurityProtocol protocol) {
  using Protocol = connector::KafkaSecurity::Protocol;
  switch (protocol) {
    case SecurityProtocol::plaintext: return Protocol::plaintext;
    case SecurityProtocol::ssl: return Protocol::ssl;
    case SecurityProtocol::sasl_plaintext: return Protocol::sasl_plaintext;
    case SecurityProtocol::sasl_ssl: return Protocol::sasl_ssl;
  }
  WEIR_CHECK(false);
}

connector::KafkaSecurity kafka_security(const KafkaSecuritySpec& spec, const std::string& folder) {
  connector::KafkaSecurity security;
  security.protocol = kafka_protocol(spec.protocol);
  security.mechanism = spec.mechanism;
  security.username = spec.username;
  security.password = spec.password.reveal();
  const auto file = [&](const std::string& path) { return path.empty() ? path : absolute_path(folder, path); };
  security.ca_file = file(spec.ca);
  security.certificate = file(spec.certificate);
  security.key = spec.key.reveal();
  security.key_password = spec.key_password.reveal();
  security.check_hostname = spec.check_hostname;
  return security;
}

Result<connector::KafkaStart> kafka_start(const KafkaStartSpec& spec) {
  connector::KafkaStart start;
  if (spec.timestamp) {
    int64_t micros = 0;
    if (parse_instant(**spec.timestamp, micros) != TimeParse::ok) {
      return Error(ErrorKind::invalid_argument,
                   "start.timestamp: '" + **spec.timestamp + "' is not a time; write it as 2026-11-20T06:00:00Z");
    }
    start.at = connector::KafkaStart::At::timestamp;
    start.timestamp_ms = micros / 1000;
  }
  if (spec.offsets) {
    start.at = connector::KafkaStart::At::offsets;
    start.offsets = *spec.offsets;
  }
  return start;
}

connector::FileFormat file_format(FormatSpec format) {
  switch (format) {
    case FormatSpec::json: return connector::FileFormat::ndjson;
    case FormatSpec::json_documents: return connector::FileFormat::json_documents;
    case FormatSpec::csv: break;
  }
  return connector::FileFormat::csv;
}

connector::Encoding encoding(EncodingSpec spec) {
  switch (spec) {
    case EncodingSpec::utf_8: return connector::Encoding::utf8;
    case EncodingSpec::utf_16: return connector::Encoding::utf16;
    case EncodingSpec::utf_16le: return connector::Encoding::utf16le;
    case EncodingSpec::utf_16be: return connector::Encoding::utf16be;
    case EncodingSpec::latin_1: return connector::Encoding::latin1;
    case EncodingSpec::windows_1252: break;
  }
  return connector::Encoding::windows_1252;
}

}  // namespace

connector::FilesSpec files_settings(const std::string& name, const SourceSpec& source, bool once) {
  const FilesSourceSpec& spec = *source.files;
  connector::FilesSpec files;
  files.source = name;
  files.path = *spec.path;
  files.format = file_format(source.format);
  files.csv = {.delimiter = spec.delimiter[0],
               .skip_lines = spec.skip_lines,
               .comment = spec.comment.empty() ? '\0' : spec.comment[0]};
  files.encoding = encoding(spec.encoding);
  files.watch = spec.watch && !once;
  files.scan_every_ms = spec.scan_every.count();
  files.settle_ms = spec.settle.count();
  files.record_bytes_max = static_cast<size_t>(source.event_max.bytes);
  return files;
}

Result<connector::KafkaSpec> kafka_settings(const Plan& plan, const std::string& name, const SourceSpec& source,
                                            bool once) {
  const KafkaSourceSpec& spec = *source.kafka;
  connector::KafkaSpec kafka;
  kafka.source = name;
  kafka.brokers = spec.brokers;
  kafka.topics = spec.topics;
  WEIR_ASSIGN(kafka.start, kafka_start(spec.start));
  kafka.group = spec.group.empty() ? "weir-" + plan.pipeline : spec.group;
  kafka.security = kafka_security(spec.security, plan.folder);
  kafka.fetch_budget_bytes = spec.fetch_budget.bytes / plan.resources.tasks;
  kafka.bounded = once;
  kafka.wait_for_topics_ms = once ? kTopicWaitOnceMs : -1;
  kafka.record_bytes_max = static_cast<size_t>(source.event_max.bytes);
  kafka.properties = spec.properties;
  WEIR_TRY(connector::check_kafka_spec(kafka));
  return kafka;
}

}  // namespace weir::planner
