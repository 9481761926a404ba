/// \file
/// The operators of one task and how batches flow between them: plain calls, one thread, no queue but where an operator
/// is not done with its last input.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dataflow/cpu_clock.h"
#include "dataflow/operator.h"
#include "dataflow/outlet.h"
#include "dataflow/sink.h"
#include "dataflow/source.h"

namespace weir {

/// Counts of one node since the task began. Read by the host once a step.
struct NodeStats {
  int64_t rows_in = 0;
  int64_t rows_out = 0;
  int64_t rejected = 0;
  int64_t cpu_ns = 0;  ///< of the node alone, without what it hands on to; 0 without a CPU clock
};

/// Built once by the planner, then driven by a host. One thread.
///
/// New input (push(), advance()) may come only while !is_busy() and has_credit(): so what waits inside is bounded by
/// what one batch of input makes of itself.
class Graph {
 public:
  using NodeIndex = int;

  /// One output of a node.
  struct Output {
    // NOLINTNEXTLINE(google-explicit-constructor): a node stands for its main output
    Output(NodeIndex of, OutputIndex number = kMainOutput) : node(of), output(number) {}
    NodeIndex node;
    OutputIndex output;
  };

  /// Adds a source; its first operator (the decoder) gets batches that have raw events and no columns. `reader` may be
  /// null where events are only pushed.
  NodeIndex add_source(std::string name, std::unique_ptr<SourceReader> reader);
  /// Adds the place where batches of other tasks come in.
  NodeIndex add_inlet(std::string name);
  /// Adds an operator whose input i takes what `inputs[i]` hands on.
  NodeIndex add_operator(std::string name, const std::vector<Output>& inputs, std::unique_ptr<Operator> op);
  /// Adds a sink that takes what `from` hands on.
  NodeIndex add_sink(std::string name, Output from, std::unique_ptr<SinkWriter> writer);
  /// Adds the place where what `from` hands on leaves for other tasks.
  NodeIndex add_outlet(std::string name, Output from, std::unique_ptr<Outlet> outlet);

  /// Feeds NodeStats::cpu_ns from now on. `clock` outlives the graph.
  void measure_with(const CpuClock& clock) { cpu_clock_ = &clock; }

  size_t source_count() const { return sources_.size(); }
  const std::string& source_name(size_t i) const { return node(sources_[i]).name; }
  SourceReader& reader(size_t i) { return *node(sources_[i]).reader; }

  /// Polls the reader of source `i`; its time counts as the source's.
  Result<Poll> poll(size_t source);

  /// Pushes a raw batch of source `i` through everything that hangs on it, down to the writers.
  Result<void> push(size_t source, std::shared_ptr<const RawBatch> events);
  /// Pushes a batch that came from another task.
  Result<void> push(NodeIndex inlet, const Batch& batch);
  /// Says what is known of the rest of what comes in at `inlet`.
  Result<void> advance(NodeIndex inlet, const StreamStatus& status);
  /// Says which splits of source `i` have begun or ended; event time waits for the former only. Only while !is_busy().
  Result<void> change_splits(size_t source, const SplitChange& change);
  /// Gives operators that asked for it the time; `now_us` is monotonic.
  Result<void> tell_time(int64_t now_us);
  /// When the next operator wants to be told; kNoTime for none.
  int64_t next_time_us() const;

  /// Some operator has more to hand on before new input may come.
  bool is_busy() const { return !busy_.empty(); }
  /// Does a piece of that work. Only while is_busy(). False when there is none that can be done now: what is needed is
  /// on its way.
  Result<bool> work_on();
  /// All outlets take more.
  bool has_credit() const;

  /// Passes the barrier of `result.epoch` on to other tasks, lets the writers close their files, and adds this task's
  /// share of the epoch to `result` (counters; progress is the host's). Only while !is_busy(); the parts of the barrier
  /// before have been taken.
  Result<void> barrier(EpochResult& result);
  /// Adds the parts of the last barrier that have come since the last call; true once all have.
  Result<bool> take_parts(EpochResult& result);

  /// The operators that have state, with the names of their nodes, in flow order.
  std::vector<std::pair<std::string, Operator*>> stateful_operators() const;

  /// Names of all nodes, in flow order; fixed once the graph is built.
  std::vector<std::string> node_names() const;
  /// Counts of all nodes, in the same order.
  std::vector<NodeStats> node_stats() const;
  /// Bytes buffered by writers.
  int64_t memory_bytes() const;
  /// Events rejected since the task began.
  int64_t rejected() const { return rejected_; }

 private:
  struct Edge {
    OutputIndex from;
    NodeIndex to;
    InputIndex input;
  };
  struct Arrival {
    InputIndex input;
    std::variant<Batch, StreamStatus> what;
  };
  struct Node {
    std::string name;
    std::unique_ptr<SourceReader> reader;
    std::unique_ptr<Operator> op;
    std::unique_ptr<SinkWriter> sink;
    std::unique_ptr<Outlet> outlet;
    std::vector<Edge> edges;
    StatusMerger status;
    NodeStats stats;
    std::weak_ptr<const RawBatch> rejected_of;  ///< the raw batch of the last rejects
    std::vector<bool> rejected_events;          ///< which of its events the node has rejected
    bool has_more = false;                      ///< of the operator's last input
    bool is_waiting = false;                    ///< for what it needs to go on with it
    std::deque<Arrival> arrivals;               ///< behind it
    std::optional<Pending<std::string>> part;   ///< the writer's, of the last barrier; nothing once it was taken
  };
  class NodeCollector;
  class Stopwatch;

  Node& node(NodeIndex index) { return *nodes_[static_cast<size_t>(index)]; }
  const Node& node(NodeIndex index) const { return *nodes_[static_cast<size_t>(index)]; }
  NodeIndex add_node(std::string name, const std::vector<Output>& inputs);
  Result<void> deliver(Node& from, OutputIndex output, const Batch& batch);
  Result<void> deliver(Node& from, const StreamStatus& status);
  Result<void> tell_splits(Node& from, const SplitChange& change);
  Result<void> go_on(NodeIndex index);
  static void note(Node& node, Step step);
  template <typename What>
  Result<void> arrive(NodeIndex to, InputIndex input, const What& what);
  Result<void> receive(Node& node, InputIndex input, const Batch& batch);
  Result<void> receive(Node& node, InputIndex input, const StreamStatus& status);
  Result<void> take_arrivals(Node& node);
  Result<void> reject(Node& node, Rejects rejects);
  static void drop_repeated(Node& node, Rejects& rejects);
  void sample(const Rejects& rejects);
  Counters take_reject_counters();

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<NodeIndex> sources_;
  std::vector<NodeIndex> busy_;  ///< nodes with has_more, in no order
  int64_t rejected_ = 0;
  const CpuClock* cpu_clock_ = nullptr;
  int64_t handed_on_ns_ = 0;  ///< CPU time of the nodes behind the one that runs
  /// Rejects since the last barrier, by class and by the rule or step that made them ("" for neither). No text is made
  /// for an event: it may be one of millions.
  std::map<RejectClass, std::map<std::string, int64_t>> reject_counts_;
  std::vector<std::string> reject_samples_;  ///< since the last barrier
};

}  // namespace weir
