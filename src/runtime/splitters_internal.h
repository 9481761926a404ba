/// \file
/// The splitters of a local host and their threads, as one.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/local_host.h"
#include "runtime/threads/splitter_thread_internal.h"

namespace weir::runtime {

/// Calls come from the coordinator's thread.
class LocalHost::Splitters {
 public:
  struct Ends {
    std::function<void(const std::string& source, Discovery)> deal;  ///< on a splitter's thread
    std::function<void(SplitterReport)> report;                      ///< on a splitter's thread
  };

  /// One for each source of `graph`, which goes on at `progress` once it is started.
  static Result<std::unique_ptr<Splitters>> make(const LogicalGraph& graph, int readers, const Progress& progress,
                                                 const HostEnvironment& environment, const StopRequest& stop,
                                                 const Ends& ends);

  /// `exited` is called with the thread's name on each thread as its last word.
  void start(Threads& threads, const std::function<void(const std::string&)>& exited);
  void end();

  std::vector<std::string> sources() const;
  std::set<std::string> names() const;
  void look(const std::string& source);
  void release(const std::shared_ptr<const Progress>& durable);

  /// One more splitter has opened its source; true when all have.
  bool note_opened() { return ++opened_ == threads_.size(); }

 private:
  std::vector<std::unique_ptr<SplitterThread>> threads_;
  size_t opened_ = 0;
};

}  // namespace weir::runtime
