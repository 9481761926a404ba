/// \file
/// The log as a source of the pipeline: where to begin and when to halt is the Kafka connector's own code.
#pragma once

#include <memory>

#include "dataflow/source.h"
#include "simulation/pipeline.h"

namespace weir::simulation {

/// What `environment` refers to outlives it.
std::shared_ptr<SourceFactory> make_log_source(const GraphEnvironment& environment);

}  // namespace weir::simulation
