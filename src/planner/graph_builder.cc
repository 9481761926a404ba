#include <map>

#include "operator/operators.h"
#include "planner/graph_builder_internal.h"

namespace weir::planner {
namespace {

/// What a source or step yields while the graph grows.
struct Stream {
  Graph::NodeIndex node = 0;
  SchemaPtr schema;
};
using Streams = std::map<std::string, Stream>;

operators::DecodeSpec decode_spec(const SourceSpec& source) {
  operators::DecodeSpec spec{.format = source.format == FormatSpec::csv ? operators::EventFormat::csv
                                                                        : operators::EventFormat::json};
  spec.limits.event_bytes = static_cast<size_t>(source.event_max.bytes);
  spec.limits.depth = source.depth_max;
  if (source.files) spec.csv_delimiter = source.files->delimiter[0];
  return spec;
}

Result<void> add_source(Graph& graph, const PlannedSource& source, const GraphEnds& ends, Streams& streams) {
  WEIR_ASSIGN(std::unique_ptr<Source> reader, ends.make_source(source));
  const PartitionNames& partitions = reader->partitions();
  const Graph::NodeIndex from = graph.add_source(source.name, std::move(reader));
  operators::DecodeSpec spec = decode_spec(source.spec);
  if (ends.say) spec.say = [say = ends.say, name = source.name](std::string_view note) { say(name, note); };
  WEIR_ASSIGN(std::unique_ptr<Operator> decode, operators::make_decode(spec, *source.contract, partitions));
  const Graph::NodeIndex decoded = graph.add_operator(source.name + ".decode", from, std::move(decode));
  WEIR_ASSIGN(std::unique_ptr<Operator> validate, operators::make_validate(*source.contract, partitions));
  streams[source.name] = {graph.add_operator(source.name + ".validate", decoded, std::move(validate)),
                          source.contract->schema};
  return {};
}

Result<void> add_step(Graph& graph, const PlannedStep& step, Streams& streams) {
  Stream at = streams.at(step.from);
  if (!step.filter.empty()) {
    WEIR_ASSIGN(std::unique_ptr<Operator> filter, operators::make_filter(step.name, step.filter, at.schema));
    at.node = graph.add_operator(step.name + (step.select.empty() ? "" : ".filter"), at.node, std::move(filter));
  }
  if (!step.select.empty()) {
    WEIR_ASSIGN(std::unique_ptr<Operator> select, operators::make_select(step.name, step.select, at.schema));
    at.schema = select->output_schema();
    at.node = graph.add_operator(step.name, at.node, std::move(select));
  }
  streams[step.name] = at;
  return {};
}

}  // namespace

Result<std::unique_ptr<Graph>> build_graph(const Plan& plan, const GraphEnds& ends) {
  auto graph = std::make_unique<Graph>();
  Streams streams;
  for (const PlannedSource& source : plan.sources) WEIR_TRY(add_source(*graph, source, ends, streams));
  for (const PlannedStep& step : plan.steps) WEIR_TRY(add_step(*graph, step, streams));
  for (const PlannedSink& sink : plan.sinks) {
    WEIR_ASSIGN(std::unique_ptr<SinkWriter> writer, ends.make_sink(sink));
    graph->add_sink(sink.name, streams.at(sink.from).node, std::move(writer));
  }
  WEIR_ASSIGN(std::unique_ptr<RejectWriter> rejects, ends.make_rejects());
  graph->set_reject_writer(std::string(kDeadLetterSink), std::move(rejects));
  return graph;
}

}  // namespace weir::planner
