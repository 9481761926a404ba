/// \file
/// Names of the storage module for headers that need no more than the name.
#pragma once

namespace weir {
class ObjectStore;
class ObjectWriter;
}  // namespace weir
