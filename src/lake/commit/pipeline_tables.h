/// \file
/// The tables of a pipeline at one look: which one leads, what it has decided, and whether the others agree.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/catalog/catalog.h"
#include "lake/commit/lead_record.h"
#include "lake/commit/prepared_commit.h"
#include "storage/object_store.h"

namespace weir::lake {

/// One table as it was found.
struct FoundTable {
  TargetTable target;
  std::optional<LoadedTable> loaded;  ///< nothing: it does not exist
  PipelineProperty property;

  /// The last commit that the table itself knows of; empty when it knows of none.
  LastCommit last() const;
};

/// A value type.
struct PipelineTables {
  std::string pipeline;
  std::vector<FoundTable> tables;  ///< in the order of the targets
  size_t lead = 0;                 ///< index of the table that leads, or will
  LeadRecord record;               ///< fresh when the pipeline has never run; one of version 1 is merged into one here
  /// The lead that the record was found in when that is no target any more: it hands over to `lead`.
  std::optional<LoadedTable> former_lead;

  const FoundTable& lead_table() const { return tables[lead]; }
};

/// Loads the targets together and finds the lead: the table that holds the lead record; where none does, the target
/// that is_lead, or the first. A record in a table that is no target any more, because its sink was taken out, counts.
/// Changes nothing. Errors: table_changed, when the lead is gone or not among the targets, or when tables that a
/// release before left behind do not agree; position_lost, as agreed_progress(); corrupt; unsupported; those of Catalog
/// and ObjectStore. Tables in `joining` are about to be taken as they are: they do not count.
Result<PipelineTables> look_at_tables(Catalog& catalog, ObjectStore& store, const std::string& pipeline,
                                      std::span<const TargetTable> targets,
                                      std::span<const TableIdentifier> joining = {});

/// Checks that every table is the one that the record means and has what was decided: none was dropped, made again,
/// rolled back or put back behind the pipeline's back, and none is new without a decision. A table that may have to
/// follow the last epoch still is fine. Errors: table_changed, with the way out.
Result<void> check_agreement(ObjectStore& store, const PipelineTables& all,
                             std::span<const TableIdentifier> joining = {});

/// look_at_tables() and check_agreement(). What does not fit is looked at again as long as tables change meanwhile: a
/// disagreement that comes from reading them one by one is none.
Result<PipelineTables> check_tables(Catalog& catalog, ObjectStore& store, const std::string& pipeline,
                                    std::span<const TargetTable> targets,
                                    std::span<const TableIdentifier> joining = {});

/// The last commit of rows to `table`, another table of the pipeline, as the lead and the table say together; nothing
/// when the lead does not know the table.
std::optional<LastCommit> last_commit_to(const LeadRecord& record, const FoundTable& table);

/// The other tables that lack the last epoch although the lead has decided rows for them.
std::vector<const FoundTable*> tables_behind(const PipelineTables& all);

/// What `table` remembers of the pipeline. Errors: those of pipeline_property_from_text(), with the names of both.
Result<PipelineProperty> property_of(const LoadedTable& table, const std::string& pipeline);

/// "; to go on with the table as it is: `weir progress join ...`".
std::string join_hint(const TableIdentifier& table);

}  // namespace weir::lake
