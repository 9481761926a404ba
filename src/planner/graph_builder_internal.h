/// \file
/// Builds the logical graph of a plan, with sources and sinks that the caller makes. Internal.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "dataflow/logical_graph.h"
#include "planner/plan.h"

namespace weir::planner {

struct GraphEnds {
  std::function<std::shared_ptr<SourceFactory>(const PlannedSource&)> source_of;
  /// `name`: of a sink of the plan, or kDeadLetterSink; `input`: the columns that come.
  std::function<Result<std::unique_ptr<SinkWriter>>(const std::string& name, const SchemaPtr& input,
                                                    const WriterStart&)>
      make_sink;
  std::map<std::string, std::shared_ptr<const Intake>> intakes;  ///< by source; see make_intakes()
};

/// One for each source of `plan`. `say` takes notes for people while the pipeline runs; may be empty.
std::map<std::string, std::shared_ptr<const Intake>> make_intakes(
    const Plan& plan, const std::function<void(std::string_view source, std::string_view note)>& say);

/// Sources with their decoder and rules, then steps, then sinks, in the plan's order; last the dead letter, which takes
/// what any of them rejects. `plan` and what `ends` refers to outlive the graph.
LogicalGraph build_graph(const Plan& plan, const GraphEnds& ends);

}  // namespace weir::planner
