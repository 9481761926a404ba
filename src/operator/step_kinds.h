/// \file
/// The kinds of steps that this module has, for the composition root to register.
#pragma once

#include "dataflow/step_kind.h"

namespace weir::operators {

StepKind filter_step();
StepKind select_step();
StepKind watermark_step();
StepKind dedupe_step();
StepKind window_step();
/// Of a step with several inputs.
StepKind union_step();

}  // namespace weir::operators
