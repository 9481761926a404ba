#include "planner/pipeline_spec.h"

#include <array>

namespace weir::planner {
namespace {

using config::Description;
using config::Duration;
using config::EnumName;

constexpr std::array kFormats = {
    EnumName{"json", static_cast<int64_t>(FormatSpec::json), "JSON objects; in files one a line"},
    EnumName{"json_documents", static_cast<int64_t>(FormatSpec::json_documents),
             "JSON objects over any number of lines, or one array of them; for files"},
    EnumName{"csv", static_cast<int64_t>(FormatSpec::csv), "RFC 4180 with a header; files only"}};
constexpr std::array kEncodings = {
    EnumName{"utf-8", static_cast<int64_t>(EncodingSpec::utf_8)},
    EnumName{"utf-16", static_cast<int64_t>(EncodingSpec::utf_16), "a byte order mark says in which order"},
    EnumName{"utf-16le", static_cast<int64_t>(EncodingSpec::utf_16le)},
    EnumName{"utf-16be", static_cast<int64_t>(EncodingSpec::utf_16be)},
    EnumName{"latin-1", static_cast<int64_t>(EncodingSpec::latin_1), "ISO 8859-1"},
    EnumName{"windows-1252", static_cast<int64_t>(EncodingSpec::windows_1252)}};
constexpr std::array kModes = {EnumName{"append", static_cast<int64_t>(SinkMode::append), "every row is added"}};
constexpr std::array kParquetEncodings = {
    EnumName{"compatible", static_cast<int64_t>(ParquetEncodings::compatible), "what every reader knows"},
    EnumName{"modern", static_cast<int64_t>(ParquetEncodings::modern),
             "smaller and cheaper; docs/formats/parquet.md says who reads it"}};
constexpr std::array kProtocols = {EnumName{"plaintext", static_cast<int64_t>(SecurityProtocol::plaintext)},
                                   EnumName{"ssl", static_cast<int64_t>(SecurityProtocol::ssl)},
                                   EnumName{"sasl_plaintext", static_cast<int64_t>(SecurityProtocol::sasl_plaintext)},
                                   EnumName{"sasl_ssl", static_cast<int64_t>(SecurityProtocol::sasl_ssl)}};

}  // namespace

std::span<const EnumName> enum_names(FormatSpec) {
  return kFormats;
}
std::span<const EnumName> enum_names(EncodingSpec) {
  return kEncodings;
}
std::span<const EnumName> enum_names(SinkMode) {
  return kModes;
}
std::span<const EnumName> enum_names(ParquetEncodings) {
  return kParquetEncodings;
}
std::span<const EnumName> enum_names(SecurityProtocol) {
  return kProtocols;
}

void describe(Description& d, KafkaStartSpec& s) {
  d.structure("kafka_start", "Where partitions begin of which the tables have no progress yet. There is no 'latest'.");
  d.shorthand("at");
  d.field("at", s.at).allowed({"earliest"}).doc("The oldest record that is there.");
  d.field("timestamp", s.timestamp).doc("The first record of this time or later.").example("2026-11-20T06:00:00Z");
  d.field("offsets", s.offsets)
      .doc("Offsets by topic/partition; partitions that are not named begin at the oldest record.")
      .example("{events/0: 1200}");
  d.at_most_one({"at", "timestamp", "offsets"});
}

void describe(Description& d, KafkaSecuritySpec& s) {
  d.structure("kafka_security", "How to talk to the brokers.");
  d.field("protocol", s.protocol).doc("Whether the connection is encrypted (ssl) and who we say we are (sasl).");
  d.field("mechanism", s.mechanism)
      .allowed({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
      .doc("For sasl_plaintext and sasl_ssl.");
  d.field("username", s.username).doc("For sasl_plaintext and sasl_ssl.");
  d.field("password", s.password)
      .doc("For sasl_plaintext and sasl_ssl. Give a reference, not the password.")
      .example("${KAFKA_PASSWORD}");
  d.field("ca", s.ca).doc("PEM file of who signed the brokers' certificates; by default the system's list.");
  d.field("certificate", s.certificate).doc("PEM file of our own certificate, for mutual TLS.");
  d.field("key", s.key).doc("PEM file or text of its private key.").example("${file:/run/secrets/kafka.key}");
  d.field("key_password", s.key_password).doc("Password of the private key.");
  d.field("check_hostname", s.check_hostname)
      .doc("Whether the broker's certificate must name the host that we connect to.");
}

void describe(Description& d, KafkaSourceSpec& s) {
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
      .doc("Names of topics, and regular expressions that begin with '^'.");
  d.field("start", s.start).doc("Where to begin when the tables have no progress yet.");
  d.field("group", s.group)
      .doc("Consumer group that gets the committed offsets, for lag tools only; by default weir-PIPELINE.");
  d.field("security", s.security).doc("TLS and SASL settings.");
  d.field("fetch_budget", s.fetch_budget)
      .min(config::ByteSize{1024 * 1024})
      .doc("Memory for records that were fetched ahead.");
  d.field("properties", s.properties).doc("More settings of librdkafka, of those that cannot change what is read.");
}

void describe(Description& d, FilesSourceSpec& s) {
  d.structure("files_source", "Reads the files of a folder, plain, gzip or zstd.");
  d.shorthand("path");
  d.field("path", s.path)
      .required()
      .not_empty()
      .doc("A file, a folder, or a glob with * ? [...] and **.")
      .example("data/*.ndjson.gz");
  d.field("watch", s.watch).doc("Whether to go on looking for new files (`weir run --once` never does).");
  d.field("scan_every", s.scan_every)
      .min(Duration(50))
      .max(Duration(3'600'000))
      .doc("How often to look for new files.");
  d.field("settle", s.settle)
      .max(Duration(3'600'000))
      .doc("How long a new file must not have changed before it is read.");
  d.field("delimiter", s.delimiter).doc("CSV: the character between fields; no quote and no line end.");
  d.field("null_words", s.null_words)
      .list_or_one()
      .doc("CSV: unquoted fields that are null, beside empty ones, letter by letter.")
      .example("NA");
  d.field("trim", s.trim).doc("CSV: whether blanks around fields are left out.");
  d.field("skip_lines", s.skip_lines)
      .min(0)
      .max(1'000'000)
      .doc("CSV: lines in front of the header that are passed over.");
  d.field("comment", s.comment).doc("CSV: lines that begin with this character are passed over.").example("#");
  d.field("encoding", s.encoding).doc("How the files' text is encoded.");
}

void describe(Description& d, SourceSpec& s) {
  d.structure("source", "Where events come from, how they are written and what they must look like.");
  d.field("kafka", s.kafka).doc("Kafka topics.");
  d.field("files", s.files).doc("Files in a folder.");
  d.exactly_one({"kafka", "files"});
  d.field("format", s.format).doc("How events are written.");
  d.field("contract", s.contract)
      .required()
      .not_empty()
      .doc("File with the data contract.")
      .example("contracts/flight.yaml");
  d.field("event_max", s.event_max)
      .min(config::ByteSize{1})
      .max(config::ByteSize{int64_t{64} * 1024 * 1024})
      .doc("Larger events are rejected.");
  d.field("depth_max", s.depth_max).min(1).max(500).doc("Events nested deeper than this are rejected.");
}

void describe(Description& d, StepSpec& s) {
  d.structure("step", "One transformation. Without `from` it follows the one above, the first one the source.");
  d.field("name", s.name).required().not_empty().doc("Name of what this step yields.");
  d.field("from", s.from).doc("Name of the source or step that it takes.");
  d.field("filter", s.filter)
      .doc("SQL condition; rows for which it is not true are left out.")
      .example("cancelled = false");
  d.field("select", s.select)
      .not_empty()
      .doc("Columns and SQL expressions (`expression as name`, `*`, `* exclude (a)`).")
      .example("[origin, dest, dep_delay / 60.0 as dep_delay_h]");
  d.at_least_one({"filter", "select"});
}

void describe(Description& d, ParquetSpec& s) {
  d.structure("parquet", "How data files are written.");
  d.field("encodings", s.encodings)
      .required()
      .doc("Which encodings files may use; goes before the table's property `write.parquet.encodings`.");
}

void describe(Description& d, IcebergSinkSpec& s) {
  d.structure("iceberg_sink", "Lands rows in an Iceberg table, which is made when it is missing.");
  d.shorthand("table");
  d.field("table", s.table).required().not_empty().doc("Namespace and name.").example("ops.flights");
  d.field("partition", s.partition)
      .list_or_one()
      .doc("Columns and transforms: day(ts), bucket(16, id), truncate(4, code), year, month, hour.")
      .example("[day(ts)]");
  d.field("mode", s.mode).doc("What becomes of rows.");
  d.field("parquet", s.parquet).doc("How this sink's data files are written; by default as the table says.");
  d.field("properties", s.properties)
      .doc("Table properties for a table that is made; not those that Weir keeps or cannot honour.")
      .example("{write.metadata.metrics.default: full}");
}

void describe(Description& d, SinkSpec& s) {
  d.structure("sink", "Where rows land.");
  d.field("from", s.from).doc("Name of the source or step that it takes; by default the last step.");
  d.field("iceberg", s.iceberg).doc("An Iceberg table.");
  d.field("lead", s.lead)
      .doc(
          "Whether this table's commits decide those of the others and keep the pipeline's progress. By default the "
          "first sink's do; a pipeline that has run stays with its lead.");
  d.exactly_one({"iceberg"});
}

void describe(Description& d, DeadLetterSpec& s) {
  d.structure("dead_letter", "The table that rejected events go to.");
  d.shorthand("table");
  d.field("table", s.table)
      .required()
      .not_empty()
      .doc("Namespace and name; by default the first sink's table with _dead_letter added.")
      .example("ops.flights_dead_letter");
}

void describe(Description& d, SqliteCatalogSpec& s) {
  d.structure(
      "sqlite_catalog",
      "The embedded catalog: a folder with a SQLite file and the tables. PyIceberg and Iceberg Java can use it too.");
  d.shorthand("path");
  d.field("path", s.path)
      .not_empty()
      .doc(
          "The folder; by default the one that WEIR_WAREHOUSE names, else `warehouse` beside this file. "
          "`--warehouse` goes before it.")
      .example("./warehouse");
  d.field("name", s.name).not_empty().doc("Name of the catalog in the SQLite file; other engines must use the same.");
}

void describe(Description& d, CatalogSpec& s) {
  d.structure("catalog", "Which catalog keeps the tables.");
  d.field("sqlite", s.sqlite).doc("The embedded catalog; the default.");
}

void describe(Description& d, CommitSpec& s) {
  d.structure("commit", "When rows become visible.");
  d.field("every", s.every)
      .min(Duration(10))
      .max(Duration(86'400'000))
      .doc("Longest time between two commits while events arrive.");
  d.field("epoch_max", s.epoch_max).min(config::ByteSize{1024 * 1024}).doc("Input after which a commit comes early.");
  d.field("target_file_size", s.target_file_size)
      .min(config::ByteSize{64 * 1024})
      .doc("Size at which data files are closed.");
  d.field("stop_deadline", s.stop_deadline)
      .max(Duration(3'600'000))
      .doc("How long a stop may take before uncommitted work is given up (and read again at the next start).");
  d.field("keep_snapshots", s.keep_snapshots)
      .min(0)
      .max(100'000)
      .doc(
          "Newest snapshots that stay in a table's history, for time travel and incremental readers; 0 keeps all. "
          "Older ones leave it at a commit, unless a tag or branch holds them; no row and no file goes with them. "
          "Every commit writes the whole history again, so it costs more the more is kept.");
}

void describe(Description& d, ResourcesSpec& s) {
  d.structure("resources", "What the pipeline may use.");
  d.field("tasks", s.tasks)
      .min(1)
      .max(256)
      .doc("Tasks that run at the same time, each with its share of partitions or files.");
  d.field("writer_memory", s.writer_memory)
      .min(config::ByteSize{8 * 1024 * 1024})
      .doc("Memory for data files being written, for each task.");
}

void describe(Description& d, PipelineSpec& s) {
  d.structure("pipeline", "A Weir pipeline: sources, steps, sinks. Relative paths start from the folder of this file.");
  d.field("pipeline", s.pipeline)
      .required()
      .not_empty()
      .pattern("^[A-Za-z0-9_-]{1,64}$")
      .doc("Name of the pipeline. Progress is kept under it: a new name reads everything again.")
      .example("flights");
  d.field("description", s.description).doc("What the pipeline is for.");
  d.field("source", s.source).doc("The only source; it is called 'source'.");
  d.field("sources", s.sources).not_empty().doc("Sources by name.");
  d.exactly_one({"source", "sources"});
  d.field("steps", s.steps).doc("Transformations in order.");
  d.field("sink", s.sink).doc("The only sink; it is called 'sink'.");
  d.field("sinks", s.sinks).not_empty().doc("Sinks by name.");
  d.exactly_one({"sink", "sinks"});
  d.field("dead_letter", s.dead_letter).doc("The table that rejected events go to.");
  d.field("catalog", s.catalog).doc("Which catalog keeps the tables.");
  d.field("commit", s.commit).doc("When rows become visible.");
  d.field("resources", s.resources).doc("What the pipeline may use.");
  d.field("state", s.state).doc("Folder for intents of commits under way; by default .weir/PIPELINE in the warehouse.");
  d.field("tests", s.tests).list_or_one().doc("Files with unit tests of this pipeline, for `weir test`.");
}

}  // namespace weir::planner
