#include <algorithm>
#include <map>

#include "runtime/local_tasks_internal.h"

namespace weir::runtime {

void add_to(std::vector<CommittedTable>& tables, const CommittedTable& more) {
  const auto known =
      std::find_if(tables.begin(), tables.end(), [&](const CommittedTable& table) { return table.sink == more.sink; });
  if (known == tables.end()) {
    tables.push_back(more);
    return;
  }
  known->rows += more.rows;
  known->files += more.files;
  known->bytes += more.bytes;
  if (more.snapshot_id != 0) known->snapshot_id = more.snapshot_id;
}

Result<std::unique_ptr<LocalHost::Tasks>> LocalHost::Tasks::make(const LogicalGraph& graph, const RunOptions& options,
                                                                 const HostEnvironment& environment, IntakeMeter& meter,
                                                                 const WriterContext& context_of,
                                                                 const std::function<void(TaskReport)>& report) {
  auto tasks = std::make_unique<Tasks>();
  for (const LogicalNode& node : graph.nodes) tasks->nodes_.push_back(node.name);
  WEIR_ASSIGN(std::vector<DeployedTask> deployed, deploy(graph,
                                                         {.parallelism = options.tasks,
                                                          .channel_bytes_max = options.channel_bytes_max,
                                                          .state_bytes_max = options.state_bytes_max},
                                                         environment.threads, context_of));
  for (DeployedTask& one : deployed) {
    tasks->threads_.push_back(std::make_unique<TaskThread>(tasks->count(), std::move(one.task), std::move(one.waiter),
                                                           environment.clock, meter, report));
  }
  return tasks;
}

Result<void> LocalHost::Tasks::restore(const Checkpoints& checkpoints, const StoredObject& place) {
  const Result<state::Manifest> manifest = checkpoints.load(place);
  if (!manifest.ok()) return unusable_state(manifest.error());
  std::vector<state::StepTables> steps;
  for (const auto& thread : threads_) {
    for (state::StepTables& step : thread->stateful_steps()) {
      const bool is_known = std::any_of(steps.begin(), steps.end(),
                                        [&](const state::StepTables& known) { return known.step == step.step; });
      if (!is_known) steps.push_back(std::move(step));
    }
  }
  WEIR_TRY(require_restorable(*manifest, steps));
  for (const auto& thread : threads_) {
    Result<void> restored = thread->restore(checkpoints.store(), *manifest);
    if (!restored.ok()) return unusable_state(restored.error());
  }
  return {};
}

void LocalHost::Tasks::start(Threads& threads, const std::function<void(const std::string&)>& exited) {
  for (const auto& thread : threads_) thread->start(threads, exited);
}

std::set<std::string> LocalHost::Tasks::names() const {
  std::set<std::string> names;
  for (const auto& thread : threads_) names.insert(thread->name());
  return names;
}

void LocalHost::Tasks::request_barrier(Epoch epoch) {
  for (const auto& thread : threads_) thread->request_barrier(epoch);
}

void LocalHost::Tasks::stop_intake() {
  for (const auto& thread : threads_) thread->stop_intake();
}

void LocalHost::Tasks::release(const std::shared_ptr<const Progress>& durable) {
  for (const auto& thread : threads_) thread->release(durable);
}

void LocalHost::Tasks::deal(const std::string& source, Discovery found) {
  for (int reader = 0; reader < count() && threads_[static_cast<size_t>(reader)]->has_sources(); ++reader) {
    std::vector<AssignedSplit> splits;
    for (AssignedSplit& split : found.splits) {
      if (split.reader == reader) splits.push_back(std::move(split));
    }
    // Who gets none is told too: it holds nobody's event time up.
    threads_[static_cast<size_t>(reader)]->add_splits(source, std::move(splits), found.is_last);
  }
}

void LocalHost::Tasks::end() {
  for (const auto& thread : threads_) thread->end();
}

bool LocalHost::Tasks::are_finished() const {
  return std::all_of(threads_.begin(), threads_.end(),
                     [](const auto& thread) { return !thread->has_sources() || thread->snapshot().is_finished; });
}

TaskSums LocalHost::Tasks::sums() const {
  TaskSums sums;
  for (const auto& thread : threads_) {
    const TaskSnapshot now = thread->snapshot();
    sums.events += now.totals.events;
    sums.epoch_events += now.epoch_events;
  }
  return sums;
}

void LocalHost::Tasks::add_to(RunStatus& status) const {
  status.nodes = nodes_;
  status.node_stats.assign(nodes_.size(), {});
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < nodes_.size(); ++i) places[nodes_[i]] = i;
  for (const auto& thread : threads_) {
    const TaskSnapshot now = thread->snapshot();
    status.events += now.totals.events;
    status.bytes += now.totals.bytes;
    status.rejected += now.totals.rejected;
    status.writer_memory_bytes += now.memory_bytes;
    for (size_t i = 0; i < now.nodes.size(); ++i) {
      const auto place = places.find(thread->node_names()[i]);
      if (place == places.end()) continue;  // the ends of an exchange
      NodeStats& sum = status.node_stats[place->second];
      sum.rows_in += now.nodes[i].rows_in;
      sum.rows_out += now.nodes[i].rows_out;
      sum.rejected += now.nodes[i].rejected;
      sum.cpu_ns += now.nodes[i].cpu_ns;
    }
    if (now.lag.events >= 0) status.lag_events = std::max<int64_t>(0, status.lag_events) + now.lag.events;
    if (now.lag.bytes >= 0) status.lag_bytes = std::max<int64_t>(0, status.lag_bytes) + now.lag.bytes;
  }
}

}  // namespace weir::runtime
