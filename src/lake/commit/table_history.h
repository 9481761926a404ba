/// \file
/// Whether main of a table still builds on what a pipeline committed (exactly-once.md rule 8). Snapshots, parents and
/// refs may be gone by the habits of other libraries, so that a cut in the parents proves nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/metadata/table_metadata.h"
#include "lake/catalog/catalog.h"
#include "lake/commit/lead_record.h"
#include "storage/object_store.h"

namespace weir::lake {

enum class HistoryVerdict {
  intact,       ///< the pipeline's last snapshot is in main's past
  rolled_back,  ///< main has left it behind: rows that count as committed are not in the table
  put_back,     ///< the table's past has more of the pipeline than its property says
  unprovable    ///< what could prove it is gone
};

/// What the log of metadata files says of the way from a version that had the snapshot to the present one.
enum class LogWitness {
  kept,         ///< main kept its past at every step
  left_behind,  ///< at some step main went elsewhere
  gone          ///< files are missing, or a step cannot be told
};

/// What can be known of "our last snapshot S, of sequence number q, is in main's past".
struct HistoryFacts {
  bool has_newer_own = false;  ///< main's visible past, now or in the log, has a snapshot of this pipeline above q
  bool is_in_chain = false;    ///< S is in main's visible past
  LogWitness log = LogWitness::gone;
  bool has_older_visible = false;  ///< main's visible past reaches below q, and S is not in it
  bool has_live_entry = false;     ///< a live file of main is of S, or of sequence number q
  bool is_listed_unheld = false;   ///< the table lists S, and no ref's past has it
};

/// The first fact that decides, in the order above. Pure.
HistoryVerdict judge_history(const HistoryFacts& facts);

/// One version of a table as far as the walk needs it.
struct MainVersion {
  struct Link {
    int64_t id = 0;
    std::optional<int64_t> parent = {};
  };
  std::optional<int64_t> main = {};
  std::vector<Link> snapshots = {};
};
MainVersion main_version_of(const iceberg::TableMetadata& table);

/// Walks `versions`, newest first, whose last one has S in main's visible past. Pure.
LogWitness walk_log(std::span<const MainVersion> versions, int64_t snapshot_id);

/// Gathers facts until one decides. The log is read only where main's visible past does not have the snapshot; at most
/// 256 files of it. Errors: those of ObjectStore, but not_found.
Result<HistoryVerdict> prove_history(ObjectStore& store, const LoadedTable& table, std::string_view pipeline,
                                     const LastCommit& last);

/// What a verdict means for a run: nothing, or table_changed with the way out.
Result<void> history_error(HistoryVerdict verdict, const TableIdentifier& table, const std::string& pipeline);

/// True when snapshot `id` is the head of main or in its visible past.
bool is_in_main(const iceberg::TableMetadata& table, int64_t id);

}  // namespace weir::lake
