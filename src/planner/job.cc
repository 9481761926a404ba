#include "planner/job.h"

#include <algorithm>
#include <map>

#include "planner/graph_builder_internal.h"

namespace weir::planner {
namespace {

/// True when a column takes what stands beside events in one of these ways.
bool reads(const contract::Contract& contract, std::initializer_list<ColumnOrigin> origins) {
  return std::any_of(contract.columns.begin(), contract.columns.end(), [&](const contract::ColumnContract& column) {
    return std::find(origins.begin(), origins.end(), column.format.origin) != origins.end();
  });
}

Result<std::unique_ptr<SourceFactory>> source_factory(const PlannedSource& source, const JobEnvironment& environment,
                                                      const std::shared_ptr<const Intake>& intake) {
  auto made = source.bound.make({.files = environment.files,
                                 .clock = environment.clock,
                                 .log = environment.log,
                                 .once = environment.once,
                                 .wants_lines = reads(*source.contract, {ColumnOrigin::line}),
                                 .check = [intake](const RawBatch& first) { return intake->check_first(first); },
                                 .leave = environment.leave});
  if (!made.ok()) return std::move(made).error().with_context("source '" + source.name + "'");
  return made;
}

/// What the tasks of a job are made by.
struct JobParts {
  SinkGroup sinks;
  std::map<std::string, std::shared_ptr<SourceFactory>> sources;
  std::map<std::string, std::shared_ptr<const Intake>> intakes;  ///< by source
};

using Log = std::function<void(bool is_warning, std::string_view line)>;

void say(const Log& log, std::string_view source, std::string_view note) {
  if (log) log(true, "source '" + std::string(source) + "': " + std::string(note));
}

GraphEnds ends_of(const std::shared_ptr<JobParts>& parts) {
  GraphEnds ends;
  ends.source_of = [parts](const PlannedSource& source) { return parts->sources.at(source.name); };
  ends.make_sink = [parts](const std::string&, const SchemaPtr& input, const WriterStart& start) {
    return parts->sinks.make_writer(input, start);
  };
  ends.intakes = parts->intakes;
  return ends;
}

}  // namespace

Result<runtime::Job> make_job(const Plan& plan, const JobEnvironment& environment) {
  const auto parts = std::make_shared<JobParts>();
  parts->sinks = plan.kinds->make_sinks(plan, environment);
  const Log& log = environment.log;
  parts->intakes =
      make_intakes(plan, [log](std::string_view source, std::string_view note) { say(log, source, note); });
  for (const PlannedSource& source : plan.sources) {
    WEIR_ASSIGN(parts->sources[source.name], source_factory(source, environment, parts->intakes.at(source.name)));
  }
  const auto on_finished = [parts, log] {
    for (const auto& [source, intake] : parts->intakes) {
      for (const std::string& note : intake->notes()) say(log, source, note);
    }
  };
  return runtime::Job{.committer = std::move(parts->sinks.committer),
                      .graph = build_graph(plan, ends_of(parts)),
                      .on_finished = on_finished};
}

runtime::RunOptions run_options(const Plan& plan) {
  return {.commit_every_ms = plan.commit.every.count(),
          .progress_every_ms = plan.commit.progress_every.count(),
          .epoch_bytes_max = plan.commit.epoch_max.bytes,
          .tasks = plan.resources.tasks,
          .channel_bytes_max = plan.memory.channel_bytes,
          .state_bytes_max = plan.memory.state_bytes,
          .stop_deadline_ms = plan.commit.stop_deadline.count(),
          .reject_limits = plan.reject_limits};
}

}  // namespace weir::planner
