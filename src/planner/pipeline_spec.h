/// \file
/// The pipeline file as structs. describe() of each says which keys there are; the strict reader and the JSON Schema
/// (`weir schema`) come from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/binding.h"
#include "config/secret.h"

namespace weir::planner {

enum class FormatSpec { json, json_documents, csv };
enum class EncodingSpec { utf_8, utf_16, utf_16le, utf_16be, latin_1, windows_1252 };
enum class SinkMode { append };
enum class ParquetEncodings { compatible, modern };
enum class SecurityProtocol { plaintext, ssl, sasl_plaintext, sasl_ssl };

struct KafkaStartSpec {
  std::optional<std::string> at;                          ///< "earliest"
  std::optional<config::Located<std::string>> timestamp;  ///< RFC 3339
  std::optional<std::map<std::string, int64_t>> offsets;  ///< "topic/partition" -> offset
};

struct KafkaSecuritySpec {
  SecurityProtocol protocol = SecurityProtocol::plaintext;
  std::string mechanism;
  std::string username;
  config::Secret password;
  std::string ca;
  std::string certificate;
  config::Secret key;
  config::Secret key_password;
  bool check_hostname = true;
};

struct KafkaSourceSpec {
  std::string brokers;
  std::vector<std::string> topics;
  KafkaStartSpec start;
  std::string group;
  KafkaSecuritySpec security;
  config::ByteSize fetch_budget{int64_t{64} * 1024 * 1024};
  std::map<std::string, std::string> properties;
};

struct FilesSourceSpec {
  config::Located<std::string> path;
  bool watch = true;
  config::Duration scan_every{1000};
  config::Duration settle{2000};
  std::string delimiter = ",";
  std::vector<std::string> null_words;
  bool trim = false;
  int32_t skip_lines = 0;
  std::string comment;
  EncodingSpec encoding = EncodingSpec::utf_8;
};

struct SourceSpec {
  std::optional<KafkaSourceSpec> kafka;
  std::optional<FilesSourceSpec> files;
  FormatSpec format = FormatSpec::json;
  config::Located<std::string> contract;
  config::ByteSize event_max{int64_t{1} * 1024 * 1024};
  int32_t depth_max = 64;
};

struct StepSpec {
  config::Located<std::string> name;
  std::optional<config::Located<std::string>> from;
  std::optional<config::Located<std::string>> filter;
  std::vector<config::Located<std::string>> select;
};

struct ParquetSpec {
  ParquetEncodings encodings = ParquetEncodings::compatible;
};

struct IcebergSinkSpec {
  config::Located<std::string> table;
  std::vector<config::Located<std::string>> partition;
  SinkMode mode = SinkMode::append;
  std::optional<ParquetSpec> parquet;
  std::map<std::string, std::string> properties;
};

struct SinkSpec {
  std::optional<config::Located<std::string>> from;
  std::optional<IcebergSinkSpec> iceberg;
  bool lead = false;
};

struct DeadLetterSpec {
  config::Located<std::string> table;
};

struct SqliteCatalogSpec {
  std::optional<std::string> path;
  std::string name = "weir";
};

struct CatalogSpec {
  std::optional<SqliteCatalogSpec> sqlite;
};

struct CommitSpec {
  config::Duration every{10'000};
  config::ByteSize epoch_max{int64_t{4} * 1024 * 1024 * 1024};
  config::ByteSize target_file_size{int64_t{256} * 1000 * 1000};
  config::Duration stop_deadline{30'000};
  int64_t keep_snapshots = 300;
};

struct ResourcesSpec {
  int32_t tasks = 1;
  config::ByteSize writer_memory{int64_t{256} * 1024 * 1024};
};

struct PipelineSpec {
  config::Located<std::string> pipeline;
  std::string description;
  std::optional<SourceSpec> source;
  config::NamedList<SourceSpec> sources;
  std::vector<StepSpec> steps;
  std::optional<SinkSpec> sink;
  config::NamedList<SinkSpec> sinks;
  std::optional<DeadLetterSpec> dead_letter;
  CatalogSpec catalog;
  CommitSpec commit;
  ResourcesSpec resources;
  std::string state;
  std::vector<config::Located<std::string>> tests;
};

void describe(config::Description& d, PipelineSpec& s);

}  // namespace weir::planner
