/// \file
/// Snapshots and their summaries (Iceberg specification, "Snapshots"; summary keys of appendix F).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iceberg/manifest/data_file.h"

namespace weir::iceberg {

using StringMap = std::map<std::string, std::string, std::less<>>;

/// One state of a table.
struct Snapshot {
  int64_t id = 0;  ///< positive
  std::optional<int64_t> parent_id = {};
  int64_t sequence_number = 0;  ///< 0 in tables of format version 1
  int64_t timestamp_ms = 0;
  std::string manifest_list = {};  ///< URI; empty only for snapshots of version 1 that list their manifests themselves
  std::optional<int32_t> schema_id = {};
  std::string operation = "append";  ///< append, replace, overwrite or delete; empty when the writer gave none
  StringMap summary = {};            ///< without "operation"
};

/// JSON as table metadata and catalogs carry it.
std::string snapshot_to_json(const Snapshot& snapshot);
/// Errors: corrupt.
Result<Snapshot> snapshot_from_json(std::string_view text);

/// Counts what a commit adds and removes, and makes the counters of its summary.
class SummaryCounter {
 public:
  void add_file(const DataFile& file) { count(file, 0); }
  void remove_file(const DataFile& file) { count(file, 1); }
  /// Adds what `other` has counted.
  void merge(const SummaryCounter& other);

  /// Returns `extra` with added-, deleted-, removed- and total- counters. Totals go on from `parent` (null: from 0);
  /// one that the parent lacks or that would become negative is left out. Counters that are 0 are left out, totals are
  /// not.
  StringMap finish(const Snapshot* parent, StringMap extra = {}) const;

 private:
  void count(const DataFile& file, int direction);
  struct Counts {
    int64_t data_files = 0;
    int64_t delete_files = 0;
    int64_t position_delete_files = 0;
    int64_t equality_delete_files = 0;
    int64_t records = 0;
    int64_t position_deletes = 0;
    int64_t equality_deletes = 0;
    int64_t size_bytes = 0;
  };
  Counts counts_[2];  ///< added, removed
  std::set<std::string> partitions_ = {};
};

}  // namespace weir::iceberg
