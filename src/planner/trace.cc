#include "planner/trace.h"

#include "planner/graph_builder_internal.h"

namespace weir::planner {
namespace {

/// Stands for a source: the events are pushed.
class PushedSource final : public Source {
 public:
  Result<void> open(const SourceProgress*, const StopAsked&) override { return {}; }
  Result<Poll> poll(int) override { return Poll{Poll::State::finished, nullptr}; }
  SourceProgress progress() const override { return {}; }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}
};

class NoRows final : public SinkWriter {
 public:
  Result<void> write(const Batch&) override { return {}; }
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }
};

}  // namespace

Result<std::vector<TracedNode>> trace_events(const Plan& plan, size_t source, std::shared_ptr<const RawBatch> events) {
  GraphEnds ends;
  ends.make_source = [](const PlannedSource&) -> Result<std::unique_ptr<Source>> {
    return std::unique_ptr<Source>(std::make_unique<PushedSource>());
  };
  ends.make_sink = [](const std::string&, const SchemaPtr&) -> Result<std::unique_ptr<SinkWriter>> {
    return std::unique_ptr<SinkWriter>(std::make_unique<NoRows>());
  };
  WEIR_ASSIGN(const std::unique_ptr<Graph> graph, build_graph(plan, ends));
  WEIR_TRY(graph->push(source, std::move(events)));
  while (graph->is_busy()) WEIR_TRY(graph->work_on());
  const std::vector<std::string> names = graph->node_names();
  const std::vector<NodeStats> stats = graph->node_stats();
  std::vector<TracedNode> nodes;
  for (size_t i = 0; i < names.size() && i < stats.size(); ++i) nodes.push_back({.name = names[i], .stats = stats[i]});
  return nodes;
}

}  // namespace weir::planner
