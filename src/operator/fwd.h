/// \file
/// Names of the operator module for headers that need no more than the name.
#pragma once

namespace weir::operators {
struct DecodeSpec;
}  // namespace weir::operators
