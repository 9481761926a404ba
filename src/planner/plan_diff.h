/// \file
/// What a run would make or find in the catalog: the plan against the tables as they are.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/schema/schema_evolution.h"
#include "lake/catalog/catalog.h"
#include "lake/commit/pipeline_committer.h"
#include "planner/plan.h"

namespace weir::planner {

enum class TableAction {
  create,     ///< the table is missing; a run makes it
  none,       ///< the table is up to date
  alter,      ///< a run changes the table's columns first
  fits,       ///< the table differs, and rows can be written all the same
  conflicts,  ///< rows cannot be written: a run refuses to start
};

struct TableDiff {
  std::string sink;
  lake::TableIdentifier table;
  TableAction action = TableAction::none;
  std::vector<iceberg::SchemaChange> changes;  ///< alter: what a run does to the table
  /// What stays different: of columns, of the partitioning and of the properties that the pipeline names. The last two
  /// never block: a run writes by the table's own.
  std::vector<iceberg::SchemaDifference> differences;
  std::string ddl;  ///< create: the table as text, one column a line
};

/// The tables that the plan writes, the dead letter last.
std::vector<lake::TargetTable> target_tables(const Plan& plan);

/// How the dead letter of a release before may change: its columns are ours, and those that it lacks are new.
iceberg::EvolutionRules dead_letter_evolution(const Plan& plan);

/// Looks at every table that the plan writes; changes nothing. `catalog` null: there is none yet, everything would be
/// made.
Result<std::vector<TableDiff>> diff_plan(const Plan& plan, lake::Catalog* catalog);

/// "create table ops.flights (...) partitioned by (...)" as a statement that people of other engines can read.
std::string create_table_text(const lake::TableDefinition& definition);

}  // namespace weir::planner
