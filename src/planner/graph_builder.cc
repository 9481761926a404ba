#include <map>
#include <set>

#include "planner/graph_builder_internal.h"

namespace weir::planner {
namespace {

/// A graph as it grows.
class Builder {
 public:
  Builder(const Plan& plan, const GraphEnds& ends) : plan_(plan), ends_(ends) {}

  LogicalGraph build() {
    for (const PlannedSource& source : plan_.sources) add_source(source);
    for (const PlannedStep& step : plan_.steps) {
      for (const PlannedOperator& one : step.operators) add_step(one);
    }
    for (const PlannedSink& sink : plan_.sinks) add_sink(sink.name, input_of(sink.input), sink.input.schema);
    add_dead_letter();
    return std::move(graph_);
  }

 private:
  using Made = Result<std::unique_ptr<Operator>>;

  void add_source(const PlannedSource& source) {
    const int from = graph_.add({.name = source.name, .source = ends_.source_of(source)});
    const std::shared_ptr<const Intake> intake = ends_.intakes.at(source.name);
    const int decoded =
        add_operator(source.name + ".decode", {{.node = from}}, [intake] { return intake->make_decoder(); });
    nodes_[source.name] =
        add_operator(source.name + ".validate", {{.node = decoded}}, [intake] { return intake->make_rules(); });
  }

  void add_step(const PlannedOperator& planned) {
    std::vector<LogicalInput> inputs;
    for (const PlannedInput& input : planned.inputs) {
      inputs.push_back(input_of(input));
      inputs.back().key = planned.bound.key;
      inputs.back().schema = input.schema;
    }
    nodes_[planned.name] = add_operator(planned.name, std::move(inputs), planned.bound.make);
  }

  LogicalInput input_of(const PlannedInput& input) const {
    return {.node = nodes_.at(input.from), .output = input.output};
  }

  int add_operator(const std::string& name, std::vector<LogicalInput> inputs, std::function<Made()> make) {
    const int node =
        graph_.add({.name = name, .inputs = std::move(inputs), .make_operator = [make = std::move(make)](TaskShare) {
                      return make();
                    }});
    rejecting_.push_back({.node = node, .output = kRejectOutput});
    return node;
  }

  void add_sink(const std::string& name, const LogicalInput& from, const SchemaPtr& input) {
    graph_.add(
        {.name = name, .inputs = {from}, .make_sink = [make = ends_.make_sink, name, input](const WriterStart& start) {
           return make(name, input, start);
         }});
  }

  void add_dead_letter() {
    std::map<std::string, std::string> contracts;
    for (const PlannedSource& source : plan_.sources) contracts[source.name] = contract_text(*source.contract);
    const std::string name(kDeadLetterSink);
    const int rows =
        graph_.add({.name = name + ".rows",
                    .inputs = rejecting_,
                    .make_operator = [&plan = plan_, contracts, nodes = rejecting_nodes()](TaskShare) -> Made {
                      return plan.kinds->intakes->make_dead_letter(plan.pipeline, contracts, nodes);
                    }});
    add_sink(name, {.node = rows}, plan_.dead_letter.schema);
  }

  /// What each input of the dead letter comes from. All sinks but the dead letter's are in the graph.
  std::vector<RejectingNode> rejecting_nodes() const {
    std::vector<std::set<std::string>> sinks(graph_.nodes.size());
    for (size_t i = graph_.nodes.size(); i-- > 0;) {  // what takes from a node stands behind it
      const LogicalNode& node = graph_.nodes[i];
      if (node.make_sink) sinks[i].insert(node.name);
      for (const LogicalInput& input : node.inputs)
        sinks[static_cast<size_t>(input.node)].insert(sinks[i].begin(), sinks[i].end());
    }
    std::vector<RejectingNode> nodes;
    for (const LogicalInput& input : rejecting_) {
      const auto at = static_cast<size_t>(input.node);
      nodes.push_back({.name = graph_.nodes[at].name, .sinks = {sinks[at].begin(), sinks[at].end()}});
    }
    return nodes;
  }

  /// "name version".
  static std::string contract_text(const contract::Contract& contract) {
    return contract.version.empty() ? contract.name : contract.name + " " + contract.version;
  }

  const Plan& plan_;
  const GraphEnds& ends_;
  LogicalGraph graph_;
  std::map<std::string, int> nodes_;  ///< of the logical graph, by the name of the source or operator that ends there
  std::vector<LogicalInput> rejecting_;
};

}  // namespace

std::map<std::string, std::shared_ptr<const Intake>> make_intakes(
    const Plan& plan, const std::function<void(std::string_view source, std::string_view note)>& say) {
  std::map<std::string, std::shared_ptr<const Intake>> intakes;
  for (const PlannedSource& source : plan.sources) {
    SayNote note;
    if (say) note = [say, name = source.name](std::string_view text) { say(name, text); };
    intakes[source.name] = plan.kinds->intakes->make(source.events, source.contract, std::move(note));
  }
  return intakes;
}

LogicalGraph build_graph(const Plan& plan, const GraphEnds& ends) {
  return Builder(plan, ends).build();
}

}  // namespace weir::planner
