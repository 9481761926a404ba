#include "planner/trace.h"

#include "planner/one_task_internal.h"

namespace weir::planner {
namespace {

class NoRows final : public SinkWriter {
 public:
  Result<void> write(const Batch&) override { return {}; }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string()); }
  int64_t memory_bytes() const override { return 0; }
};

}  // namespace

Result<std::vector<TracedNode>> trace_events(const Plan& plan, size_t source, std::shared_ptr<const RawBatch> events) {
  WEIR_ASSIGN(const OneTaskRun run, run_as_one_task(plan, {{plan.sources[source].name, {std::move(events)}}},
                                                    [](const std::string&) { return std::make_unique<NoRows>(); }));
  std::vector<TracedNode> nodes;
  for (size_t i = 0; i < run.nodes.size(); ++i) nodes.push_back({.name = run.nodes[i], .stats = run.stats[i]});
  return nodes;
}

}  // namespace weir::planner
