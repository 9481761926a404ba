/// \file
/// The table function weir_batch(id): the rows of the batch that an expression is being evaluated over, as DuckDB sees
/// them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "expression/duck/duck_internal.h"
#include "expression/duck/rows_internal.h"

namespace weir::expression {

/// What one bound expression reads. Its columns are fixed; the rows change with every execution.
struct ScanSource {
  struct SourceColumn {
    std::string name;
    TypePtr type;
    int index = 0;  ///< in the batch
  };
  std::vector<SourceColumn> columns;
  std::string row_column;  ///< name of a last column, INTEGER: the row's physical index

  /// Offers `these_rows` of `from`, which has the schema that was bound, to the execution that comes next. Both must
  /// live until end().
  void begin(const Batch& from, Rows these_rows);
  /// Takes them back; returns how many were asked for.
  int64_t end();

  const Batch* batch = nullptr;  ///< set while an execution runs
  Rows rows;
  int64_t rows_handed_out = 0;
};

/// The sources that weir_batch() can be asked for. Thread-safe.
class ScanRegistry {
 public:
  /// Returns the id of `source`, which stays until remove().
  int64_t add(ScanSource* source);
  void remove(int64_t id);
  ScanSource* find(int64_t id) const;

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, ScanSource*> sources_;
  int64_t next_id_ = 1;
};

/// Registers weir_batch(BIGINT); `registry` must outlive the database.
Result<void> register_scan(duckdb_connection connection, ScanRegistry& registry);

}  // namespace weir::expression
