/// \file
/// Names of the connector module for headers that need no more than the name.
#pragma once

namespace weir::connector {
struct FilesSpec;
struct KafkaSpec;
}  // namespace weir::connector
