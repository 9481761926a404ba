/// \file
/// Which snapshots leave a table's history, so that a commit costs the same however many came before it: the metadata
/// file that each commit writes names every snapshot that is kept.
#pragma once

#include <cstdint>
#include <vector>

#include "iceberg/metadata/table_metadata.h"

namespace weir::lake {

/// Returns the snapshots of main older than its newest `keep`, without those that another branch or a tag needs,
/// its history included. Nothing while they are fewer than a tenth of `keep`: they go in batches. Nothing either when
/// the table has statistics files, which belong to snapshots, or the property gc.enabled=false. Main's own
/// min-snapshots-to-keep and max-snapshot-age-ms, or else the properties history.expire.*, count where they keep more.
/// Pure.
///
/// Removing a snapshot from the metadata removes no file: data files of an append-only table stay live, and what no
/// snapshot names any more is for a collector of orphans.
std::vector<int64_t> snapshots_to_remove(const iceberg::TableMetadata& table, int64_t keep);

}  // namespace weir::lake
