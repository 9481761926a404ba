/// \file
/// Binds the steps of a file, each to what it takes. Internal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/file_errors.h"
#include "dataflow/step_kind.h"
#include "planner/pipeline_spec.h"
#include "planner/plan.h"
#include "planner/streams_internal.h"

namespace weir::planner {

/// Takes steps in the order of the file. What follows from an error is not said again: a step that takes something
/// unknown is not bound, and yields something unknown.
class StepBinder {
 public:
  StepBinder(const StepKinds& kinds, Streams& streams, config::FileErrors& errors,
             std::vector<std::shared_ptr<void>>& kept)
      : kinds_(kinds), streams_(streams), errors_(errors), kept_(kept) {}

  /// `path`: of the step in the file.
  PlannedStep bind(const StepSpec& spec, const std::string& path);

 private:
  std::vector<const StepKind*> kinds_of(const StepSpec& spec, const std::string& path) const;
  void add(PlannedStep& step, const std::string& name, const StepKind& kind, const StepSpec& spec,
           const std::string& path);

  const StepKinds& kinds_;
  Streams& streams_;
  config::FileErrors& errors_;
  std::vector<std::shared_ptr<void>>& kept_;
  // Of the step at hand: what its next operator takes.
  std::vector<PlannedInput> inputs_;
  std::vector<Stream> incoming_;
};

}  // namespace weir::planner
