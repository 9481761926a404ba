#include "planner/job.h"

#include <map>

#include "base/civil_time.h"
#include "connector/files.h"
#include "connector/iceberg_sink.h"
#include "connector/kafka.h"
#include "operator/operators.h"

namespace weir::planner {
namespace {

connector::FilesSpec files_spec(const SourceSpec& source, bool once) {
  const FilesSourceSpec& spec = *source.files;
  connector::FilesSpec files;
  files.path = *spec.path;
  files.format = source.format == FormatSpec::csv ? connector::FileFormat::csv : connector::FileFormat::ndjson;
  files.csv_delimiter = spec.delimiter[0];
  files.watch = spec.watch && !once;
  files.scan_every_ms = spec.scan_every.count();
  files.settle_ms = spec.settle.count();
  files.record_bytes_max = static_cast<size_t>(source.event_max.bytes);
  return files;
}

connector::KafkaSecurity kafka_security(const KafkaSecuritySpec& spec, const std::string& folder) {
  connector::KafkaSecurity security;
  security.protocol = static_cast<connector::KafkaSecurity::Protocol>(spec.protocol);
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
      return Error(ErrorKind::invalid_argument, "'" + **spec.timestamp + "' is not a time; write it as 2026-11-20T06:00:00Z");
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

Result<connector::KafkaSpec> kafka_spec(const Plan& plan, const SourceSpec& source, bool once) {
  const KafkaSourceSpec& spec = *source.kafka;
  connector::KafkaSpec kafka;
  kafka.brokers = spec.brokers;
  kafka.topics = spec.topics;
  WEIR_ASSIGN(kafka.start, kafka_start(spec.start));
  kafka.group = spec.group.empty() ? "weir-" + plan.pipeline : spec.group;
  kafka.security = kafka_security(spec.security, plan.folder);
  kafka.fetch_budget_bytes = spec.fetch_budget.bytes / plan.resources.tasks;
  kafka.bounded = once;
  kafka.record_bytes_max = static_cast<size_t>(source.event_max.bytes);
  kafka.properties = spec.properties;
  WEIR_TRY(connector::check_kafka_spec(kafka));
  return kafka;
}

Result<std::unique_ptr<SourceFactory>> source_factory(const Plan& plan, const PlannedSource& source, const JobEnvironment& environment) {
  if (source.spec.files) return connector::make_files_source(files_spec(source.spec, environment.once), environment.files, environment.clock);
  Result<connector::KafkaSpec> spec = kafka_spec(plan, source.spec, environment.once);
  if (!spec.ok()) return std::move(spec).error().with_context("source '" + source.name + "'");
  const auto log = [log = environment.log](connector::KafkaLogLevel level, std::string_view line) {
    if (log) log(level == connector::KafkaLogLevel::warning, line);
  };
  return connector::make_kafka_source(*std::move(spec), environment.clock, log);
}

/// Makes the graphs of a job's tasks.
class GraphBuilder {
 public:
  GraphBuilder(const Plan& plan, std::shared_ptr<connector::IcebergSinks> sinks) : plan_(plan), sinks_(std::move(sinks)) {}

  Result<void> prepare(const JobEnvironment& environment) {
    for (const PlannedSource& source : plan_.sources) {
      WEIR_ASSIGN(factories_[source.name], source_factory(plan_, source, environment));
      contracts_[source.name] = source.contract->name + (source.contract->version.empty() ? "" : " " + source.contract->version);
    }
    return {};
  }

  Result<std::unique_ptr<Graph>> build(ReaderShare share) {
    auto graph = std::make_unique<Graph>();
    std::map<std::string, Graph::NodeIndex> nodes;
    for (const PlannedSource& source : plan_.sources) WEIR_TRY(add_source(*graph, source, share, nodes));
    for (const PlannedStep& step : plan_.steps) WEIR_TRY(add_step(*graph, step, nodes));
    for (const PlannedSink& sink : plan_.sinks) {
      WEIR_ASSIGN(std::unique_ptr<SinkWriter> writer, sinks_->make_writer(sink.name, sink.input, share));
      graph->add_sink(sink.name, nodes.at(sink.from), std::move(writer));
    }
    const auto contract_of = [contracts = contracts_](const std::string& source) { return contracts.at(source); };
    WEIR_ASSIGN(std::unique_ptr<RejectWriter> rejects, sinks_->make_reject_writer(contract_of, share));
    graph->set_reject_writer(std::string(kDeadLetterSink), std::move(rejects));
    return graph;
  }

 private:
  Result<void> add_source(Graph& graph, const PlannedSource& source, ReaderShare share, std::map<std::string, Graph::NodeIndex>& nodes) {
    WEIR_ASSIGN(std::unique_ptr<Source> reader, factories_.at(source.name)->make(share));
    const PartitionNames& partitions = reader->partitions();
    const Graph::NodeIndex from = graph.add_source(source.name, std::move(reader));
    operators::DecodeSpec spec{.format = source.spec.format == FormatSpec::csv ? operators::EventFormat::csv : operators::EventFormat::json};
    spec.limits.event_bytes = static_cast<size_t>(source.spec.event_max.bytes);
    spec.limits.depth = source.spec.depth_max;
    if (source.spec.files) spec.csv_delimiter = source.spec.files->delimiter[0];
    WEIR_ASSIGN(std::unique_ptr<Operator> decode, operators::make_decode(spec, *source.contract, partitions));
    const Graph::NodeIndex decoded = graph.add_operator(source.name + ".decode", from, std::move(decode));
    WEIR_ASSIGN(std::unique_ptr<Operator> validate, operators::make_validate(*source.contract));
    nodes[source.name] = graph.add_operator(source.name + ".validate", decoded, std::move(validate));
    return {};
  }

  Result<void> add_step(Graph& graph, const PlannedStep& step, std::map<std::string, Graph::NodeIndex>& nodes) {
    Graph::NodeIndex at = nodes.at(step.from);
    SchemaPtr schema = schema_of(step.from);
    if (!step.filter.empty()) {
      WEIR_ASSIGN(std::unique_ptr<Operator> filter, operators::make_filter(step.name, step.filter, schema));
      at = graph.add_operator(step.name + (step.select.empty() ? "" : ".filter"), at, std::move(filter));
    }
    if (!step.select.empty()) {
      WEIR_ASSIGN(std::unique_ptr<Operator> select, operators::make_select(step.name, step.select, schema));
      at = graph.add_operator(step.name, at, std::move(select));
    }
    nodes[step.name] = at;
    return {};
  }

  SchemaPtr schema_of(const std::string& stream) const {
    for (const PlannedSource& source : plan_.sources) {
      if (source.name == stream) return source.contract->schema;
    }
    for (const PlannedStep& step : plan_.steps) {
      if (step.name == stream) return step.output;
    }
    check_failed("schema_of", stream, __FILE__, __LINE__);
  }

  const Plan& plan_;
  std::shared_ptr<connector::IcebergSinks> sinks_;
  std::map<std::string, std::unique_ptr<SourceFactory>> factories_;
  std::map<std::string, std::string> contracts_;
};

}  // namespace

Result<runtime::Job> make_job(const Plan& plan, const JobEnvironment& environment) {
  connector::IcebergSinkOptions options;
  options.pipeline = plan.pipeline;
  for (const PlannedSink& sink : plan.sinks) options.targets.push_back({.sink = sink.name, .definition = sink.definition});
  options.targets.push_back({.sink = std::string(kDeadLetterSink), .definition = plan.dead_letter, .is_dead_letter = true});
  options.target_file_bytes = plan.commit.target_file_size.bytes;
  options.writer_memory_bytes = plan.resources.writer_memory.bytes;
  std::shared_ptr<connector::IcebergSinks> sinks =
      connector::make_iceberg_sinks(std::move(options), environment.catalog, environment.store, environment.clock, environment.random);
  auto builder = std::make_shared<GraphBuilder>(plan, sinks);
  WEIR_TRY(builder->prepare(environment));
  return runtime::Job{.committer = sinks->take_committer(), .make_graph = [builder](ReaderShare share) { return builder->build(share); }};
}

runtime::RunOptions run_options(const Plan& plan) {
  return {.commit_every_ms = plan.commit.every.count(),
          .epoch_bytes_max = plan.commit.epoch_max.bytes,
          .tasks = plan.resources.tasks,
          .stop_deadline_ms = plan.commit.stop_deadline.count()};
}

}  // namespace weir::planner
