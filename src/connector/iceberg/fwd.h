/// \file
/// Names of the module for headers that need no more than the name.
#pragma once

namespace weir::connector {
class IcebergSinks;
struct IcebergSinkOptions;
struct IcebergTarget;
}  // namespace weir::connector
