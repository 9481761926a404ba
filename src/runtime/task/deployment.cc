#include "runtime/task/deployment.h"

#include <algorithm>
#include <map>

#include "runtime/task/exchange_internal.h"

namespace weir::runtime {
namespace {

using Node = Graph::NodeIndex;

/// Stage of each node: one more than that of any node that feeds it by key; never less than that of one that feeds it.
std::vector<int> stages_of(const LogicalGraph& graph, int parallelism) {
  std::vector<int> stages;
  for (const LogicalNode& node : graph.nodes) {
    int stage = 0;
    for (const LogicalInput& input : node.inputs) {
      const bool is_exchange = input.key && parallelism > 1;
      stage = std::max(stage, stages[static_cast<size_t>(input.node)] + (is_exchange ? 1 : 0));
    }
    stages.push_back(stage);
  }
  return stages;
}

/// The graphs of all tasks while they grow together: an edge between two stages has an end in each.
class Deployer {
 public:
  Deployer(const LogicalGraph& graph, const DeploymentOptions& options, Threads& threads,
           const WriterContext& context_of)
      : graph_(graph),
        options_(options),
        threads_(threads),
        context_of_(context_of),
        stages_(stages_of(graph, options.parallelism)) {
    const int last = stages_.empty() ? 0 : *std::max_element(stages_.begin(), stages_.end());
    for (int i = 0; i < (last + 1) * options.parallelism; ++i)
      parts_.push_back({.graph = std::make_unique<Graph>(), .waiter = threads_.make_waiter(), .inlets = {}});
  }

  Result<std::vector<DeployedTask>> deploy() {
    places_.resize(graph_.nodes.size());
    for (size_t i = 0; i < graph_.nodes.size(); ++i) WEIR_TRY(add(i));
    std::vector<DeployedTask> tasks;
    for (size_t i = 0; i < parts_.size(); ++i) {
      Part& part = parts_[i];
      const TaskShare share{.index = static_cast<int>(i) % options_.parallelism, .count = options_.parallelism};
      WEIR_ASSIGN(std::unique_ptr<Task> task,
                  Task::make(std::move(part.graph), std::move(part.inlets), share, options_.state_bytes_max));
      tasks.push_back({.task = std::move(task), .waiter = std::move(part.waiter)});
    }
    return tasks;
  }

 private:
  struct Part {
    std::unique_ptr<Graph> graph;
    std::shared_ptr<Waiter> waiter;
    std::vector<InletChannels> inlets;
  };

  Part& part(int stage, int task) {
    return parts_[static_cast<size_t>(stage) * static_cast<size_t>(options_.parallelism) + static_cast<size_t>(task)];
  }

  /// Adds logical node `i` to the graph of each task of its stage.
  Result<void> add(size_t i) {
    const LogicalNode& node = graph_.nodes[i];
    std::vector<std::vector<Graph::Output>> inputs(static_cast<size_t>(options_.parallelism));
    for (const LogicalInput& input : node.inputs) WEIR_TRY(connect(node, input, stages_[i], inputs));
    for (int task = 0; task < options_.parallelism; ++task) {
      WEIR_ASSIGN(const Node place, make(node, part(stages_[i], task), task, inputs[static_cast<size_t>(task)]));
      places_[i].push_back(place);
    }
    return {};
  }

  Result<Node> make(const LogicalNode& node, Part& part, int task, const std::vector<Graph::Output>& inputs) {
    const TaskShare share{.index = task, .count = options_.parallelism};
    if (node.source) {
      WEIR_ASSIGN(std::unique_ptr<SourceReader> reader,
                  node.source->make_reader([waiter = part.waiter] { waiter->notify(); }));
      return part.graph->add_source(node.name, std::move(reader));
    }
    if (node.make_sink) {
      WEIR_ASSIGN(std::string context, context_of_(node.name));
      WEIR_ASSIGN(std::unique_ptr<SinkWriter> sink, node.make_sink({.context = std::move(context), .share = share}));
      return part.graph->add_sink(node.name, inputs.at(0), std::move(sink));
    }
    WEIR_ASSIGN(std::unique_ptr<Operator> op, node.make_operator(share));
    return part.graph->add_operator(node.name, inputs, std::move(op));
  }

  /// Adds to `inputs`, for each task, where `input` comes from in that task's graph.
  Result<void> connect(const LogicalNode& node, const LogicalInput& input, int stage,
                       std::vector<std::vector<Graph::Output>>& inputs) {
    const std::vector<Node>& feeders = places_[static_cast<size_t>(input.node)];
    const int from_stage = stages_[static_cast<size_t>(input.node)];
    const size_t count = inputs.size();
    if (from_stage == stage) {
      for (size_t task = 0; task < count; ++task) inputs[task].emplace_back(feeders[task], input.output);
      return {};
    }
    const std::string name = graph_.nodes[static_cast<size_t>(input.node)].name + ".to." + node.name;
    std::vector<InletChannels> inlets;
    for (size_t task = 0; task < count; ++task) {
      const Node inlet = part(stage, static_cast<int>(task)).graph->add_inlet(name);
      inlets.push_back({.inlet = inlet, .channels = {}});
      inputs[task].emplace_back(inlet);
    }
    for (size_t from = 0; from < count; ++from) {
      std::vector<std::shared_ptr<Channel>> channels;
      for (size_t to = 0; to < count; ++to) {
        if (!input.key && to != from) continue;  // rows stay with their task
        channels.push_back(channel(part(from_stage, static_cast<int>(from)), part(stage, static_cast<int>(to))));
        inlets[to].channels.push_back(channels.back());
      }
      WEIR_ASSIGN(std::unique_ptr<Outlet> outlet, make_outlet(input.key, input.schema, std::move(channels)));
      part(from_stage, static_cast<int>(from))
          .graph->add_outlet(name, {feeders[from], input.output}, std::move(outlet));
    }
    for (size_t task = 0; task < count; ++task)
      part(stage, static_cast<int>(task)).inlets.push_back(std::move(inlets[task]));
    return {};
  }

  std::shared_ptr<Channel> channel(const Part& from, const Part& to) const {
    return std::make_shared<Channel>(
        options_.channel_bytes_max, [waiter = to.waiter] { waiter->notify(); },
        [waiter = from.waiter] { waiter->notify(); });
  }

  const LogicalGraph& graph_;
  DeploymentOptions options_;
  Threads& threads_;
  const WriterContext& context_of_;
  std::vector<int> stages_;
  std::vector<Part> parts_;                ///< stage by stage
  std::vector<std::vector<Node>> places_;  ///< of each logical node: its place in the graph of each task of its stage
};

}  // namespace

Result<std::vector<DeployedTask>> deploy(const LogicalGraph& graph, const DeploymentOptions& options, Threads& threads,
                                         const WriterContext& context_of) {
  return Deployer(graph, options, threads, context_of).deploy();
}

}  // namespace weir::runtime
