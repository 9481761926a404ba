/// \file
/// The files source as the pipeline file knows it, for the composition root to register.
#pragma once

#include "dataflow/source_kind.h"

namespace weir::connector {

SourceKind files_kind();

}  // namespace weir::connector
