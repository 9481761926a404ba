/// \file
/// Names of the lake module for headers that need no more than the name.
#pragma once

namespace weir::lake {
class Catalog;
class TableWriter;
struct LoadedTable;
struct PreparedCommit;
struct TableIdentifier;
}  // namespace weir::lake
