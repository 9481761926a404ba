/// \file
/// The graph of a pipeline before it is dealt to tasks: what each node is made by, and how rows get from one to
/// another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataflow/operator.h"
#include "dataflow/sink.h"
#include "dataflow/source.h"
#include "dataflow/task_share.h"

namespace weir {

/// Where an input of a node comes from.
struct LogicalInput {
  int node = 0;  ///< index of a node above
  OutputIndex output = kMainOutput;
  /// Rows of one key go to one task: these columns of `schema`, which is that of what comes, make the key. Without
  /// columns all rows go to the same. Nothing: rows stay with their task.
  std::optional<std::vector<int>> key = {};
  SchemaPtr schema = nullptr;
};

/// One node. Exactly one of the three makers is set; each makes its part once a task, on the thread that deploys.
struct LogicalNode {
  std::string name;
  std::vector<LogicalInput> inputs = {};
  std::shared_ptr<SourceFactory> source = {};  ///< its splitter is made once, a reader for each task
  std::function<Result<std::unique_ptr<Operator>>(TaskShare)> make_operator = {};
  std::function<Result<std::unique_ptr<SinkWriter>>(const WriterStart&)> make_sink = {};
};

/// In flow order: a node stands behind those that feed it.
struct LogicalGraph {
  std::vector<LogicalNode> nodes;

  int add(LogicalNode node) {
    nodes.push_back(std::move(node));
    return static_cast<int>(nodes.size()) - 1;
  }
};

}  // namespace weir
