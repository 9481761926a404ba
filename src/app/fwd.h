/// \file
/// Names of the app module for headers that need no more than the name. It has no types of its own.
#pragma once

namespace weir::app {}  // namespace weir::app
