/// \file
/// The Kafka source as the pipeline file knows it, for the composition root to register.
#pragma once

#include "dataflow/source_kind.h"

namespace weir::connector {

SourceKind kafka_kind();

}  // namespace weir::connector
