/// \file
/// A Parquet file as Arrow reads it: nothing of ours says what is in a table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arrow {
class Table;
}

namespace weir::simulation {

/// Fails a check when the bytes are no Parquet file, or lack a column that is asked for.
class ParquetRows {
 public:
  explicit ParquetRows(const std::string& bytes);

  int64_t count() const;
  std::vector<int64_t> longs(const std::string& column) const;
  std::vector<int64_t> ints(const std::string& column) const;
  std::vector<int64_t> times_us(const std::string& column) const;
  std::vector<std::string> bytes(const std::string& column) const;

 private:
  std::shared_ptr<arrow::Table> table_;
};

}  // namespace weir::simulation
