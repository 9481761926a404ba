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
  if (source.files)
    spec.csv = {
        .delimiter = source.files->delimiter[0], .null_words = source.files->null_words, .trim = source.files->trim};
  return spec;
}

/// A graph as it grows.
class Builder {
 public:
  Builder(const Plan& plan, const GraphEnds& ends) : plan_(plan), ends_(ends) {}

  Result<std::unique_ptr<Graph>> build() {
    for (const PlannedSource& source : plan_.sources) WEIR_TRY(add_source(source));
    for (const PlannedStep& step : plan_.steps) WEIR_TRY(add_step(step));
    for (const PlannedSink& sink : plan_.sinks) WEIR_TRY(add_sink(sink.name, sink.input, streams_.at(sink.from).node));
    WEIR_TRY(add_dead_letter());
    return std::move(graph_);
  }

 private:
  Result<void> add_source(const PlannedSource& source) {
    WEIR_ASSIGN(std::unique_ptr<Source> reader, ends_.make_source(source));
    const Graph::NodeIndex from = graph_->add_source(source.name, std::move(reader));
    operators::DecodeSpec spec = decode_spec(source.spec);
    if (ends_.watch) spec.watch = ends_.watch(source);
    if (ends_.say) spec.say = [say = ends_.say, name = source.name](std::string_view note) { say(name, note); };
    WEIR_ASSIGN(std::unique_ptr<Operator> decode, operators::make_decode(spec, *source.contract));
    const Graph::NodeIndex decoded = add_operator(source.name + ".decode", from, std::move(decode));
    WEIR_ASSIGN(std::unique_ptr<Operator> validate, operators::make_validate(*source.contract));
    streams_[source.name] = {add_operator(source.name + ".validate", decoded, std::move(validate)),
                             source.contract->schema};
    return {};
  }

  Result<void> add_step(const PlannedStep& step) {
    Stream at = streams_.at(step.from);
    if (!step.filter.empty()) {
      WEIR_ASSIGN(std::unique_ptr<Operator> filter, operators::make_filter(step.name, step.filter, at.schema));
      at.node = add_operator(step.name + (step.select.empty() ? "" : ".filter"), at.node, std::move(filter));
    }
    if (!step.select.empty()) {
      WEIR_ASSIGN(std::unique_ptr<Operator> select, operators::make_select(step.name, step.select, at.schema));
      at.schema = select->output_schema(kMainOutput);
      at.node = add_operator(step.name, at.node, std::move(select));
    }
    streams_[step.name] = at;
    return {};
  }

  Graph::NodeIndex add_operator(const std::string& name, Graph::NodeIndex from, std::unique_ptr<Operator> op) {
    const Graph::NodeIndex node = graph_->add_operator(name, {from}, std::move(op));
    rejecting_.emplace_back(node, kRejectOutput);
    return node;
  }

  Result<void> add_sink(const std::string& name, const SchemaPtr& input, Graph::NodeIndex from) {
    WEIR_ASSIGN(std::unique_ptr<SinkWriter> writer, ends_.make_sink(name, input));
    graph_->add_sink(name, from, std::move(writer));
    return {};
  }

  Result<void> add_dead_letter() {
    std::map<std::string, std::string> contracts;
    for (const PlannedSource& source : plan_.sources) contracts[source.name] = contract_text(*source.contract);
    const std::string name(kDeadLetterSink);
    const Graph::NodeIndex rows = graph_->add_operator(
        name + ".rows", rejecting_, operators::make_dead_letter(plan_.pipeline, std::move(contracts)));
    return add_sink(name, operators::dead_letter_schema(), rows);
  }

  /// "name version".
  static std::string contract_text(const contract::Contract& contract) {
    return contract.version.empty() ? contract.name : contract.name + " " + contract.version;
  }

  const Plan& plan_;
  const GraphEnds& ends_;
  std::unique_ptr<Graph> graph_ = std::make_unique<Graph>();
  Streams streams_;
  std::vector<Graph::Output> rejecting_;
};

}  // namespace

Result<std::unique_ptr<Graph>> build_graph(const Plan& plan, const GraphEnds& ends) {
  return Builder(plan, ends).build();
}

}  // namespace weir::planner
