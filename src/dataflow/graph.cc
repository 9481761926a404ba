#include "dataflow/graph.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/check.h"

namespace weir {
namespace {

/// Stands for no input: the status that an operator's own outputs are still to be told.
constexpr InputIndex kOwnStatus = -1;

}  // namespace

/// Sends what one operator emits to the nodes behind it.
class Graph::NodeCollector final : public Collector {
 public:
  NodeCollector(Graph& graph, Node& node) : graph_(graph), node_(node) {}

  using Collector::emit;
  Result<void> emit(OutputIndex output, const Batch& batch) override {
    if (batch.empty()) return {};
    node_.stats.rows_out += batch.rows();
    return graph_.deliver(node_, output, batch);
  }

  Result<void> reject(Rejects rejects) override { return graph_.reject(node_, std::move(rejects)); }
  Result<void> advance(const StreamStatus& status) override { return graph_.deliver(node_, status); }

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

Graph::NodeIndex Graph::add_node(std::string name, const std::vector<Output>& inputs) {
  const auto index = static_cast<NodeIndex>(nodes_.size());
  auto added = std::make_unique<Node>();
  added->name = std::move(name);
  for (size_t i = 0; i < inputs.size(); ++i) {
    node(inputs[i].node).edges.push_back({.from = inputs[i].output, .to = index, .input = static_cast<InputIndex>(i)});
    added->status.add();
  }
  nodes_.push_back(std::move(added));
  return index;
}

Graph::NodeIndex Graph::add_source(std::string name, std::unique_ptr<SourceReader> reader) {
  const NodeIndex index = add_node(std::move(name), {});
  node(index).reader = std::move(reader);
  sources_.push_back(index);
  return index;
}

Graph::NodeIndex Graph::add_inlet(std::string name) {
  return add_node(std::move(name), {});
}

Graph::NodeIndex Graph::add_operator(std::string name, const std::vector<Output>& inputs,
                                     std::unique_ptr<Operator> op) {
  const NodeIndex index = add_node(std::move(name), inputs);
  node(index).op = std::move(op);
  return index;
}

Graph::NodeIndex Graph::add_sink(std::string name, Output from, std::unique_ptr<SinkWriter> writer) {
  const NodeIndex index = add_node(std::move(name), {from});
  node(index).sink = std::move(writer);
  return index;
}

Graph::NodeIndex Graph::add_outlet(std::string name, Output from, std::unique_ptr<Outlet> outlet) {
  const NodeIndex index = add_node(std::move(name), {from});
  node(index).outlet = std::move(outlet);
  return index;
}

Result<Poll> Graph::poll(size_t source) {
  Node& polled = node(sources_[source]);
  const Stopwatch watch(*this, polled.stats);
  return polled.reader->poll();
}

Result<void> Graph::push(size_t source, std::shared_ptr<const RawBatch> events) {
  static const SchemaPtr kNoColumns = std::make_shared<const Schema>(std::vector<Field>());
  const auto count = static_cast<int64_t>(events->size());
  return push(sources_[source], Batch(kNoColumns, {}, count, nullptr, std::move(events)));
}

Result<void> Graph::push(NodeIndex inlet, const Batch& batch) {
  WEIR_CHECK(!is_busy());
  Node& from = node(inlet);
  from.stats.rows_out += batch.rows();
  return deliver(from, kMainOutput, batch);
}

Result<void> Graph::advance(NodeIndex inlet, const StreamStatus& status) {
  WEIR_CHECK(!is_busy());
  return deliver(node(inlet), status);
}

Result<void> Graph::deliver(Node& from, OutputIndex output, const Batch& batch) {
  for (const Edge& edge : from.edges) {
    if (edge.from == output) WEIR_TRY(arrive(edge.to, edge.input, batch));
  }
  return {};
}

/// Rejects stand outside of event time: they are never late, and hold nobody up.
Result<void> Graph::deliver(Node& from, const StreamStatus& status) {
  for (const Edge& edge : from.edges) {
    if (edge.from != kRejectOutput) WEIR_TRY(arrive(edge.to, edge.input, status));
  }
  return {};
}

template <typename What>
Result<void> Graph::arrive(NodeIndex to, InputIndex input, const What& what) {
  Node& receiver = node(to);
  if (receiver.has_more) {
    receiver.arrivals.push_back({.input = input, .what = what});
    return {};
  }
  WEIR_TRY(receive(receiver, input, what));
  if (receiver.has_more) busy_.push_back(to);
  return {};
}

Result<void> Graph::receive(Node& node, InputIndex input, const Batch& batch) {
  const Stopwatch watch(*this, node.stats);
  node.stats.rows_in += batch.rows();
  if (node.sink) return node.sink->write(batch);
  if (node.outlet) return node.outlet->write(batch);
  NodeCollector out(*this, node);
  WEIR_ASSIGN(const Step step, node.op->process(input, batch, out));
  note(node, step);
  return {};
}

Result<void> Graph::receive(Node& node, InputIndex input, const StreamStatus& status) {
  if (!node.status.set(static_cast<size_t>(input), status)) return {};
  const StreamStatus merged = node.status.merged();
  if (node.outlet) node.outlet->advance(merged);
  if (!node.op || node.op->makes_status()) return {};
  {
    const Stopwatch watch(*this, node.stats);
    NodeCollector out(*this, node);
    WEIR_ASSIGN(const Step step, node.op->on_watermark(merged.watermark, out));
    note(node, step);
  }
  if (!node.has_more) return deliver(node, merged);
  node.arrivals.push_front({.input = kOwnStatus, .what = merged});  // behind what the operator still has to hand on
  return {};
}

Result<void> Graph::change_splits(size_t source, const SplitChange& change) {
  WEIR_CHECK(!is_busy());
  Node& from = node(sources_[source]);
  WEIR_TRY(deliver(from, StreamStatus{.is_idle = change.has_none}));
  return tell_splits(from, change);
}

/// Down to the operators that make event time.
Result<void> Graph::tell_splits(Node& from, const SplitChange& change) {
  for (const Edge& edge : from.edges) {
    Node& told = node(edge.to);
    if (edge.from == kRejectOutput || !told.op) continue;
    if (!told.op->makes_status()) {
      WEIR_TRY(tell_splits(told, change));
      continue;
    }
    const Stopwatch watch(*this, told.stats);
    NodeCollector out(*this, told);
    WEIR_TRY(told.op->on_splits(change, out));
  }
  return {};
}

Result<void> Graph::tell_time(int64_t now_us) {
  WEIR_CHECK(!is_busy());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& told = *nodes_[i];
    if (!told.op || told.op->next_time_us() > now_us || told.has_more) continue;
    const Stopwatch watch(*this, told.stats);
    NodeCollector out(*this, told);
    WEIR_ASSIGN(const Step step, told.op->on_time(now_us, out));
    note(told, step);
    if (told.has_more) busy_.push_back(static_cast<NodeIndex>(i));
  }
  return {};
}

int64_t Graph::next_time_us() const {
  int64_t next = kNoTime;
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->op) next = std::min(next, node->op->next_time_us());
  }
  return next;
}

/// The node furthest down goes first: what those above hand on meanwhile has a place to go. One that waits is passed
/// over until none is left that can go on; then each is asked once.
Result<bool> Graph::work_on() {
  std::sort(busy_.begin(), busy_.end(), std::greater<>());
  const auto ready = std::find_if(busy_.begin(), busy_.end(), [&](NodeIndex i) { return !node(i).is_waiting; });
  if (ready != busy_.end()) {
    WEIR_TRY(go_on(*ready));
    return true;
  }
  bool has_worked = false;
  for (const NodeIndex index : std::vector<NodeIndex>(busy_)) {
    WEIR_TRY(go_on(index));
    has_worked = has_worked || !node(index).is_waiting;
  }
  return has_worked;
}

Result<void> Graph::go_on(NodeIndex index) {
  Node& busy = node(index);
  {
    const Stopwatch watch(*this, busy.stats);
    NodeCollector out(*this, busy);
    WEIR_ASSIGN(const Step step, busy.op->emit_more(out));
    note(busy, step);
  }
  WEIR_TRY(take_arrivals(busy));
  if (!busy.has_more) busy_.erase(std::find(busy_.begin(), busy_.end(), index));
  return {};
}

void Graph::note(Node& node, Step step) {
  node.has_more = step != Step::done;
  node.is_waiting = step == Step::waiting;
}

/// Gives a node that is done what has arrived meanwhile, until it has more to hand on again.
Result<void> Graph::take_arrivals(Node& node) {
  while (!node.has_more && !node.arrivals.empty()) {
    const Arrival arrival = std::move(node.arrivals.front());
    node.arrivals.pop_front();
    if (const auto* batch = std::get_if<Batch>(&arrival.what)) {
      WEIR_TRY(receive(node, arrival.input, *batch));
    } else if (arrival.input == kOwnStatus) {
      WEIR_TRY(deliver(node, std::get<StreamStatus>(arrival.what)));
    } else {
      WEIR_TRY(receive(node, arrival.input, std::get<StreamStatus>(arrival.what)));
    }
  }
  return {};
}

bool Graph::has_credit() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const auto& node) { return !node->outlet || node->outlet->has_credit(); });
}

/// An event comes to a node twice by two branches that become one stream again. Both come within one push, so that what
/// must be remembered is one raw batch.
void Graph::drop_repeated(Node& node, Rejects& rejects) {
  if (node.rejected_of.lock() != rejects.raw) {
    node.rejected_of = rejects.raw;
    node.rejected_events.assign(rejects.raw->size(), false);
  }
  std::erase_if(rejects.rejects, [&](const Reject& reject) {
    if (node.rejected_events[reject.raw_index]) return true;
    node.rejected_events[reject.raw_index] = true;
    return false;
  });
}

Result<void> Graph::reject(Node& node, Rejects rejects) {
  if (!rejects.rejects.empty()) drop_repeated(node, rejects);
  const auto count = static_cast<int64_t>(rejects.rejects.size());
  if (count == 0) return {};
  node.stats.rejected += count;
  rejected_ += count;
  for (const Reject& entry : rejects.rejects) ++reject_counts_[entry.reject_class][entry.rule];
  sample(rejects);
  return deliver(node, kRejectOutput, to_batch(std::move(rejects)));
}

/// Keeps the first few of an epoch as text: "events/0:1200 wrong_type: ...".
void Graph::sample(const Rejects& rejects) {
  for (const Reject& reject : rejects.rejects) {
    if (reject_samples_.size() == kRejectSamplesMax) return;
    const Split& split = rejects.raw->split(reject.raw_index);
    const int64_t offset = rejects.raw->offset(reject.raw_index);
    std::string text = split.topic;
    if (split.partition != 0) text += "/" + std::to_string(split.partition);
    if (offset != kNoOffset) text += ":" + std::to_string(offset);
    text.append(" ").append(to_string(reject.reject_class));
    if (!reject.rule.empty()) text.append(" ").append(reject.rule);
    std::string message = reject.message.substr(0, kRejectMessageBytesMax + 4);
    bound_message(message);
    reject_samples_.push_back(text + ": " + message);
  }
}

Counters Graph::take_reject_counters() {
  Counters counters;
  for (const auto& [reject_class, by_name] : std::exchange(reject_counts_, {})) {
    for (const auto& [name, count] : by_name)
      counters[{.kind = CounterKind::rejected, .name = name, .reject_class = reject_class}] = count;
  }
  return counters;
}

Result<void> Graph::barrier(EpochResult& result) {
  WEIR_CHECK(!is_busy());
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->outlet) node->outlet->barrier({.epoch = result.epoch});
  }
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->op) add_counters(result.counters, node->op->take_counters());
    if (!node->sink) continue;
    const Stopwatch watch(*this, node->stats);
    WEIR_CHECK(!node->part);
    WEIR_ASSIGN(node->part, node->sink->prepare());
  }
  add_counters(result.counters, take_reject_counters());
  for (std::string& sample : std::exchange(reject_samples_, {})) {
    if (result.reject_samples.size() < kRejectSamplesMax) result.reject_samples.push_back(std::move(sample));
  }
  return {};
}

Result<bool> Graph::take_parts(EpochResult& result) {
  bool has_all = true;
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (!node->part) continue;
    const Stopwatch watch(*this, node->stats);
    WEIR_ASSIGN(std::optional<std::string> part, node->part->take());
    has_all = has_all && part;
    if (!part) continue;
    node->part.reset();
    if (!part->empty()) result.parts[node->name].push_back(*std::move(part));
  }
  return has_all;
}

std::vector<std::pair<std::string, Operator*>> Graph::stateful_operators() const {
  std::vector<std::pair<std::string, Operator*>> found;
  for (const auto& node : nodes_) {
    if (node->op != nullptr && !node->op->tables().empty()) found.emplace_back(node->name, node->op.get());
  }
  return found;
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
  int64_t bytes = 0;
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->sink) bytes += node->sink->memory_bytes();
  }
  return bytes;
}

}  // namespace weir
