#include <utility>

#include "app/sinks_internal.h"
#include "config/type_shape.h"
#include "connector/iceberg/iceberg_kind.h"
#include "connector/iceberg/iceberg_sink.h"
#include "planner/plan_diff.h"

namespace weir::app {

planner::SinkKind iceberg_kind() {
  using Part = std::optional<connector::IcebergKeys>;
  const std::string key = "iceberg";
  return {.key = key,
          .make_spec = [] { return std::make_shared<Part>(); },
          .is_given = [](const void* spec) { return static_cast<const Part*>(spec)->has_value(); },
          .describe = [key](config::Description& sink,
                            void* spec) { sink.field(key, *static_cast<Part*>(spec)).doc("An Iceberg table."); },
          .bind =
              [key](const void* spec, const SchemaPtr& input, const std::string& path, config::FileErrors& errors) {
                const connector::IcebergKeys& keys = **static_cast<const Part*>(spec);
                auto bound = connector::bind_iceberg(keys, input, config::path_key(path, key), errors);
                return planner::BoundSink{.table = keys.table,
                                          .definition = std::move(bound.definition),
                                          .write_properties = std::move(bound.write_properties),
                                          .evolution = std::move(bound.evolution)};
              }};
}

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
  options.writer_memory_bytes = plan.memory.writer_bytes;
  return {.committer = connector::make_iceberg_committer(std::move(options), environment.catalog, environment.store,
                                                         environment.clock, environment.random),
          .make_writer = [&store = environment.store](const SchemaPtr& input, const WriterStart& start) {
            return connector::make_iceberg_writer(start, *input, store);
          }};
}

}  // namespace weir::app
