#include "dataflow/graph.h"

#include <utility>

#include "dataflow/counter_names.h"

namespace weir {

/// Sends what one operator emits to the nodes behind it.
class Graph::NodeCollector final : public Collector {
 public:
  NodeCollector(Graph& graph, Node& node) : graph_(graph), node_(node) {}

  Result<void> emit(const Batch& batch) override {
    if (batch.empty()) return {};
    node_.stats.rows_out += batch.rows();
    return graph_.deliver(node_, batch);
  }

  Result<void> reject(Rejects rejects) override { return graph_.reject(node_, std::move(rejects)); }

 private:
  Graph& graph_;
  Node& node_;
};

/// Adds the CPU time of its life to `stats`, except what nodes behind took meanwhile.
class Graph::Stopwatch {
 public:
  Stopwatch(Graph& graph, NodeStats& stats)
      : graph_(graph), stats_(stats), before_ns_(std::exchange(graph.handed_on_ns_, 0)), began_ns_(now()) {}
  ~Stopwatch() {
    const int64_t took_ns = now() - began_ns_;
    stats_.cpu_ns += took_ns - graph_.handed_on_ns_;
    graph_.handed_on_ns_ = before_ns_ + took_ns;
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  int64_t now() const { return graph_.cpu_clock_ == nullptr ? 0 : graph_.cpu_clock_->thread_cpu_ns(); }

  Graph& graph_;
  NodeStats& stats_;
  int64_t before_ns_;
  int64_t began_ns_;
};

Graph::NodeIndex Graph::add_node(std::unique_ptr<Node> node, NodeIndex from) {
  const auto index = static_cast<NodeIndex>(nodes_.size());
  if (from >= 0) {
    Node& feeder = *nodes_[static_cast<size_t>(from)];
    node->source_node = feeder.source_node;
    feeder.outputs.push_back(index);
  } else {
    node->source_node = index;
  }
  nodes_.push_back(std::move(node));
  return index;
}

Graph::NodeIndex Graph::add_source(std::string name, std::unique_ptr<Source> source) {
  auto node = std::make_unique<Node>();
  node->name = std::move(name);
  node->source = std::move(source);
  const NodeIndex index = add_node(std::move(node), -1);
  sources_.push_back(index);
  return index;
}

Graph::NodeIndex Graph::add_operator(std::string name, NodeIndex from, std::unique_ptr<Operator> op) {
  auto node = std::make_unique<Node>();
  node->name = std::move(name);
  node->op = std::move(op);
  return add_node(std::move(node), from);
}

Graph::NodeIndex Graph::add_sink(std::string name, NodeIndex from, std::unique_ptr<SinkWriter> writer) {
  auto node = std::make_unique<Node>();
  node->name = std::move(name);
  node->sink = std::move(writer);
  return add_node(std::move(node), from);
}

void Graph::set_reject_writer(std::string name, std::unique_ptr<RejectWriter> writer) {
  reject_sink_name_ = std::move(name);
  reject_writer_ = std::move(writer);
}

Result<Poll> Graph::poll(size_t source, int wait_ms) {
  Node& node = *nodes_[static_cast<size_t>(sources_[source])];
  const Stopwatch watch(*this, node.stats);
  return node.source->poll(wait_ms);
}

Result<void> Graph::push(size_t source, std::shared_ptr<const RawBatch> events) {
  static const SchemaPtr kNoColumns = std::make_shared<const Schema>(std::vector<Field>());
  Node& node = *nodes_[static_cast<size_t>(sources_[source])];
  const auto count = static_cast<int64_t>(events->size());
  node.stats.rows_out += count;
  return deliver(node, Batch(kNoColumns, {}, count, nullptr, std::move(events)));
}

Result<void> Graph::deliver(Node& from, const Batch& batch) {
  for (const NodeIndex index : from.outputs) {
    WEIR_TRY(receive(*nodes_[static_cast<size_t>(index)], batch));
  }
  return {};
}

Result<void> Graph::receive(Node& node, const Batch& batch) {
  const Stopwatch watch(*this, node.stats);
  node.stats.rows_in += batch.rows();
  if (node.sink) return node.sink->write(batch);
  NodeCollector out(*this, node);
  return node.op->process(batch, out);
}

Result<void> Graph::reject(Node& node, Rejects rejects) {
  const auto count = static_cast<int64_t>(rejects.rejects.size());
  if (count == 0) return {};
  node.stats.rejected += count;
  rejected_ += count;
  for (Reject& entry : rejects.rejects) {
    ++reject_counts_[entry.reject_class][entry.rule];
    bound_message(entry.message);
  }
  const Node& source = *nodes_[static_cast<size_t>(node.source_node)];
  return reject_writer_->write(rejects, source.name, source.source->partitions());
}

Counters Graph::take_reject_counters() {
  Counters counters;
  for (const auto& [reject_class, by_name] : std::exchange(reject_counts_, {})) {
    for (const auto& [name, count] : by_name) counters[rejected_counter(reject_class, name)] = count;
  }
  return counters;
}

Result<void> Graph::barrier(EpochResult& result) {
  // Nodes stand in flow order: a node is added after the one that feeds it.
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (!node->op) continue;
    const Stopwatch watch(*this, node->stats);
    NodeCollector out(*this, *node);
    WEIR_ASSIGN(const Counters counters, node->op->barrier(out));
    add_counters(result.counters, counters);
  }
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (!node->sink) continue;
    const Stopwatch watch(*this, node->stats);
    WEIR_ASSIGN(std::string part, node->sink->prepare());
    if (!part.empty()) result.parts[node->name].push_back(std::move(part));
  }
  add_counters(result.counters, take_reject_counters());
  WEIR_ASSIGN(std::string part, reject_writer_->prepare());
  if (!part.empty()) result.parts[reject_sink_name_].push_back(std::move(part));
  return {};
}

std::vector<std::string> Graph::node_names() const {
  std::vector<std::string> names;
  for (const std::unique_ptr<Node>& node : nodes_) names.push_back(node->name);
  return names;
}

std::vector<NodeStats> Graph::node_stats() const {
  std::vector<NodeStats> stats;
  stats.reserve(nodes_.size());
  for (const std::unique_ptr<Node>& node : nodes_) stats.push_back(node->stats);
  return stats;
}

int64_t Graph::memory_bytes() const {
  int64_t bytes = reject_writer_ ? reject_writer_->memory_bytes() : 0;
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->sink) bytes += node->sink->memory_bytes();
  }
  return bytes;
}

}  // namespace weir
