#include "planner/job.h"

#include <algorithm>
#include <map>

#include "connector/files/files_source.h"
#include "connector/iceberg/iceberg_sink.h"
#include "connector/kafka/kafka_source.h"
#include "planner/graph_builder_internal.h"
#include "planner/source_settings_internal.h"

namespace weir::planner {
namespace {

/// True when a column takes what stands beside events in one of these ways.
bool reads(const contract::Contract& contract, std::initializer_list<ColumnOrigin> origins) {
  return std::any_of(contract.columns.begin(), contract.columns.end(), [&](const contract::ColumnContract& column) {
    return std::find(origins.begin(), origins.end(), column.format.origin) != origins.end();
  });
}

Result<std::unique_ptr<SourceFactory>> source_factory(const Plan& plan, const PlannedSource& source,
                                                      const JobEnvironment& environment) {
  if (source.spec.files) {
    connector::FilesSpec files = files_settings(source.name, source.spec, environment.once);
    files.count_lines = reads(*source.contract, {ColumnOrigin::line});
    return connector::make_files_source(std::move(files), environment.files, environment.clock);
  }
  Result<connector::KafkaSpec> spec = kafka_settings(plan, source.name, source.spec, environment.once);
  if (!spec.ok()) return std::move(spec).error().with_context("source '" + source.name + "'");
  spec->read_headers = reads(*source.contract, {ColumnOrigin::headers, ColumnOrigin::header});
  const auto log = [log = environment.log](connector::KafkaLogLevel level, std::string_view line) {
    if (log) log(level == connector::KafkaLogLevel::warning, line);
  };
  return connector::make_kafka_source(*std::move(spec), environment.clock, log);
}

/// What the tasks of a job are made by.
struct JobParts {
  std::unique_ptr<connector::IcebergSinks> sinks;
  std::map<std::string, std::shared_ptr<SourceFactory>> sources;
  std::map<std::string, std::shared_ptr<operators::ColumnWatch>> watches;  ///< by source
};

using Log = std::function<void(bool is_warning, std::string_view line)>;

/// Says which columns were null in every row of the run: a mistyped name in the contract looks like that.
void say_null_columns(const Plan& plan, const JobParts& parts, const Log& log) {
  for (const PlannedSource& source : plan.sources) {
    for (const std::string& note : parts.watches.at(source.name)->notes(*source.contract)) {
      if (log) log(true, "source '" + source.name + "': " + note);
    }
  }
}

GraphEnds ends_of(const std::shared_ptr<JobParts>& parts, const Log& log) {
  GraphEnds ends;
  ends.source_of = [parts](const PlannedSource& source) { return parts->sources.at(source.name); };
  ends.make_sink = [parts](const std::string& name, const SchemaPtr& input, TaskShare share) {
    return parts->sinks->make_writer(name, input, share);
  };
  ends.watch = [parts](const PlannedSource& source) { return parts->watches.at(source.name); };
  ends.say = [log](std::string_view source, std::string_view note) {
    if (log) log(true, "source '" + std::string(source) + "': " + std::string(note));
  };
  return ends;
}

}  // namespace

Result<runtime::Job> make_job(const Plan& plan, const JobEnvironment& environment) {
  connector::IcebergSinkOptions options;
  options.pipeline = plan.pipeline;
  for (const PlannedSink& sink : plan.sinks)
    options.targets.push_back({.sink = sink.name,
                               .definition = sink.definition,
                               .is_lead = sink.is_lead,
                               .write_properties = sink.write_properties});
  options.targets.push_back({.sink = std::string(kDeadLetterSink),
                             .definition = plan.dead_letter,
                             .is_dead_letter = true,
                             .write_properties = {}});
  options.store_folder = file_uri(plan.state_directory, "/");
  options.keep_snapshots = plan.commit.keep_snapshots;
  options.target_file_bytes = plan.commit.target_file_size.bytes;
  options.writer_memory_bytes = plan.resources.writer_memory.bytes;
  const auto parts = std::make_shared<JobParts>();
  parts->sinks = connector::make_iceberg_sinks(std::move(options), environment.catalog, environment.store,
                                               environment.clock, environment.random);
  for (const PlannedSource& source : plan.sources) {
    WEIR_ASSIGN(parts->sources[source.name], source_factory(plan, source, environment));
    parts->watches[source.name] = std::make_shared<operators::ColumnWatch>(source.contract->schema->size());
  }
  return runtime::Job{.committer = parts->sinks->take_committer(),
                      .graph = build_graph(plan, ends_of(parts, environment.log)),
                      .on_finished = [parts, &plan, log = environment.log] { say_null_columns(plan, *parts, log); }};
}

runtime::RunOptions run_options(const Plan& plan) {
  return {.commit_every_ms = plan.commit.every.count(),
          .epoch_bytes_max = plan.commit.epoch_max.bytes,
          .tasks = plan.resources.tasks,
          .stop_deadline_ms = plan.commit.stop_deadline.count()};
}

}  // namespace weir::planner
