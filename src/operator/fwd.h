/// \file
/// Names of the operator module for headers that need no more than the name.
#pragma once

namespace weir::operators {
class ColumnWatch;
struct DecodeSpec;
}  // namespace weir::operators
