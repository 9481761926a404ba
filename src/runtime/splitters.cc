#include "runtime/splitters_internal.h"

namespace weir::runtime {

Result<std::unique_ptr<LocalHost::Splitters>> LocalHost::Splitters::make(const LogicalGraph& graph, int readers,
                                                                         const Progress& progress,
                                                                         const HostEnvironment& environment,
                                                                         const StopRequest& stop, const Ends& ends) {
  auto splitters = std::make_unique<Splitters>();
  const auto decided = std::make_shared<const Progress>(progress);
  for (const LogicalNode& node : graph.nodes) {
    if (!node.source) continue;
    WEIR_ASSIGN(std::unique_ptr<SourceSplitter> splitter, node.source->make_splitter(readers));
    SplitterThread::Ends own{
        .stop_asked = [&stop] { return stop.is_requested(); },
        .deal = [deal = ends.deal, name = node.name](Discovery found) { deal(name, std::move(found)); },
        .report = ends.report};
    splitters->threads_.push_back(std::make_unique<SplitterThread>(
        node.name, std::move(splitter), decided, std::move(own), environment.threads, environment.clock));
  }
  return splitters;
}

void LocalHost::Splitters::start(Threads& threads, const std::function<void(const std::string&)>& exited) {
  for (const auto& thread : threads_) thread->start(threads, exited);
}

void LocalHost::Splitters::end() {
  for (const auto& thread : threads_) thread->end();
}

std::vector<std::string> LocalHost::Splitters::sources() const {
  std::vector<std::string> sources;
  for (const auto& thread : threads_) sources.push_back(thread->source());
  return sources;
}

std::set<std::string> LocalHost::Splitters::names() const {
  std::set<std::string> names;
  for (const auto& thread : threads_) names.insert(thread->name());
  return names;
}

void LocalHost::Splitters::look(const std::string& source) {
  for (const auto& thread : threads_) {
    if (thread->source() == source) thread->look();
  }
}

void LocalHost::Splitters::release(const std::shared_ptr<const Progress>& durable) {
  for (const auto& thread : threads_) thread->release(durable);
}

}  // namespace weir::runtime
