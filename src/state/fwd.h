/// \file
/// Names of the state module for headers that need no more than the name.
#pragma once

namespace weir::state {
class CheckpointStore;
class KeyedTable;
class ListTable;
class Tables;
struct StateTableSpec;
}  // namespace weir::state
