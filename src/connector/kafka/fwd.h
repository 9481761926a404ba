/// \file
/// Names of the module for headers that need no more than the name.
#pragma once

namespace weir::connector {
struct KafkaSpec;
}  // namespace weir::connector
