#include <map>

#include "operator/operators.h"
#include "planner/graph_builder_internal.h"

namespace weir::planner {
namespace {

/// What a source or step yields while the graph grows.
struct Stream {
  int node = 0;  ///< of the logical graph
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

  LogicalGraph build() {
    for (const PlannedSource& source : plan_.sources) add_source(source);
    for (const PlannedStep& step : plan_.steps) add_step(step);
    for (const PlannedSink& sink : plan_.sinks) add_sink(sink.name, sink.input, streams_.at(sink.from).node);
    add_dead_letter();
    return std::move(graph_);
  }

 private:
  using Made = Result<std::unique_ptr<Operator>>;

  void add_source(const PlannedSource& source) {
    const int from = graph_.add({.name = source.name, .source = ends_.source_of(source)});
    operators::DecodeSpec spec = decode_spec(source.spec);
    if (ends_.watch) spec.watch = ends_.watch(source);
    if (ends_.say) spec.say = [say = ends_.say, name = source.name](std::string_view note) { say(name, note); };
    const int decoded = add_operator(source.name + ".decode", from, [spec, &source](TaskShare) -> Made {
      return operators::make_decode(spec, *source.contract);
    });
    const int validated = add_operator(source.name + ".validate", decoded, [&source](TaskShare) -> Made {
      return operators::make_validate(*source.contract);
    });
    streams_[source.name] = {validated, source.contract->schema};
  }

  void add_step(const PlannedStep& step) {
    Stream at = streams_.at(step.from);
    if (!step.filter.empty()) {
      at.node = add_operator(step.name + (step.select.empty() ? "" : ".filter"), at.node,
                             [&step, input = at.schema](TaskShare) -> Made {
                               return operators::make_filter(step.name, step.filter, input);
                             });
    }
    if (!step.select.empty()) {
      at.node = add_operator(step.name, at.node, [&step, input = at.schema](TaskShare) -> Made {
        return operators::make_select(step.name, step.select, input);
      });
      at.schema = step.output;
    }
    streams_[step.name] = at;
  }

  int add_operator(const std::string& name, int from, std::function<Made(TaskShare)> make) {
    const int node = graph_.add({.name = name, .inputs = {{.node = from}}, .make_operator = std::move(make)});
    rejecting_.push_back({.node = node, .output = kRejectOutput});
    return node;
  }

  void add_sink(const std::string& name, const SchemaPtr& input, int from) {
    graph_.add(
        {.name = name, .inputs = {{.node = from}}, .make_sink = [make = ends_.make_sink, name, input](TaskShare share) {
           return make(name, input, share);
         }});
  }

  void add_dead_letter() {
    std::map<std::string, std::string> contracts;
    for (const PlannedSource& source : plan_.sources) contracts[source.name] = contract_text(*source.contract);
    const std::string name(kDeadLetterSink);
    const int rows = graph_.add({.name = name + ".rows",
                                 .inputs = rejecting_,
                                 .make_operator = [pipeline = plan_.pipeline, contracts](TaskShare) -> Made {
                                   return operators::make_dead_letter(pipeline, contracts);
                                 }});
    add_sink(name, operators::dead_letter_schema(), rows);
  }

  /// "name version".
  static std::string contract_text(const contract::Contract& contract) {
    return contract.version.empty() ? contract.name : contract.name + " " + contract.version;
  }

  const Plan& plan_;
  const GraphEnds& ends_;
  LogicalGraph graph_;
  Streams streams_;
  std::vector<LogicalInput> rejecting_;
};

}  // namespace

LogicalGraph build_graph(const Plan& plan, const GraphEnds& ends) {
  return Builder(plan, ends).build();
}

}  // namespace weir::planner
