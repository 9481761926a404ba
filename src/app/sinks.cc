#include <utility>

#include "app/sinks_internal.h"
#include "connector/iceberg/iceberg_sink.h"
#include "planner/plan_diff.h"

namespace weir::app {

planner::SinkGroup make_sinks(const planner::Plan& plan, const planner::JobEnvironment& environment) {
  connector::IcebergSinkOptions options;
  options.pipeline = plan.pipeline;
  for (const planner::PlannedSink& sink : plan.sinks)
    options.targets.push_back({.sink = sink.name,
                               .definition = sink.definition,
                               .is_lead = sink.is_lead,
                               .write_properties = sink.write_properties,
                               .evolution = sink.evolution});
  options.targets.push_back({.sink = std::string(planner::kDeadLetterSink),
                             .definition = plan.dead_letter,
                             .is_dead_letter = true,
                             .write_properties = {},
                             .evolution = planner::dead_letter_evolution(plan)});
  options.say = environment.table_log;
  options.store_folder = file_uri(plan.state_directory, "/");
  options.keep_snapshots = plan.commit.keep_snapshots;
  options.target_file_bytes = plan.commit.target_file_size.bytes;
  options.writer_memory_bytes = plan.resources.writer_memory.bytes;
  const std::shared_ptr<connector::IcebergSinks> sinks = connector::make_iceberg_sinks(
      std::move(options), environment.catalog, environment.store, environment.clock, environment.random);
  return {.committer = sinks->take_committer(),
          .make_writer = [sinks](const std::string& sink, const SchemaPtr& input, TaskShare share) {
            return sinks->make_writer(sink, input, share);
          }};
}

}  // namespace weir::app
