/// \file
/// The operators of one task and how batches flow between them: plain calls, one thread, no queue.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dataflow/cpu_clock.h"
#include "dataflow/operator.h"
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
class Graph {
 public:
  using NodeIndex = int;

  /// Adds a source; its first operator (the decoder) gets batches that have raw events and no columns.
  NodeIndex add_source(std::string name, std::unique_ptr<Source> source);
  /// Adds an operator that takes what `from` emits.
  NodeIndex add_operator(std::string name, NodeIndex from, std::unique_ptr<Operator> op);
  /// Adds a sink that takes what `from` emits.
  NodeIndex add_sink(std::string name, NodeIndex from, std::unique_ptr<SinkWriter> writer);
  /// Sets where rejects go. Required before the first push().
  void set_reject_writer(std::string name, std::unique_ptr<RejectWriter> writer);

  /// Feeds NodeStats::cpu_ns from now on. `clock` outlives the graph.
  void measure_with(const CpuClock& clock) { cpu_clock_ = &clock; }

  size_t source_count() const { return sources_.size(); }
  const std::string& source_name(size_t i) const { return nodes_[static_cast<size_t>(sources_[i])]->name; }
  Source& source(size_t i) { return *nodes_[static_cast<size_t>(sources_[i])]->source; }

  /// Polls source `i`; its time counts as the source's.
  Result<Poll> poll(size_t source, int wait_ms);

  /// Pushes a raw batch of source `i` through everything that hangs on it, down to the writers.
  Result<void> push(size_t source, std::shared_ptr<const RawBatch> events);

  /// Passes the barrier through all operators in flow order, closes the writers' files, and adds this task's share of
  /// the epoch to `result` (parts and counters; progress is the host's).
  Result<void> barrier(EpochResult& result);

  /// Names of all nodes, in flow order; fixed once the graph is built.
  std::vector<std::string> node_names() const;
  /// Counts of all nodes, in the same order.
  std::vector<NodeStats> node_stats() const;
  /// Bytes buffered by writers.
  int64_t memory_bytes() const;
  /// Events rejected since the task began.
  int64_t rejected() const { return rejected_; }

 private:
  struct Node {
    std::string name;
    NodeIndex source_node = 0;  ///< the source whose rows arrive here
    std::unique_ptr<Source> source;
    std::unique_ptr<Operator> op;
    std::unique_ptr<SinkWriter> sink;
    std::vector<NodeIndex> outputs;
    NodeStats stats;
  };
  class NodeCollector;
  class Stopwatch;

  NodeIndex add_node(std::unique_ptr<Node> node, NodeIndex from);
  Result<void> deliver(Node& from, const Batch& batch);
  Result<void> receive(Node& node, const Batch& batch);
  Result<void> reject(Node& node, Rejects rejects);
  Counters take_reject_counters();

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<NodeIndex> sources_;
  std::string reject_sink_name_;
  std::unique_ptr<RejectWriter> reject_writer_;
  int64_t rejected_ = 0;
  const CpuClock* cpu_clock_ = nullptr;
  int64_t handed_on_ns_ = 0;  ///< CPU time of the nodes behind the one that runs
  /// Rejects since the last barrier, by class and by the rule or step that made them ("" for neither). No text is made
  /// for an event: it may be one of millions.
  std::map<RejectClass, std::map<std::string, int64_t>> reject_counts_;
};

}  // namespace weir
