/// \file
/// DuckDB's vectors into columns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "columnar/column.h"
#include "expression/duck/duck_internal.h"
#include "expression/duck/rows_internal.h"

namespace weir::expression {

/// Collects the values of one result column over several chunks. One thread.
class ColumnReader {
 public:
  virtual ~ColumnReader() = default;

  /// Appends the rows of a flat vector whose type is to_duck(type). `parent` is the validity of the struct around it,
  /// or null.
  virtual void append(duckdb_vector vector, Rows rows, const uint64_t* parent) = 0;
  /// Appends nulls.
  virtual void append_nulls(int64_t count) = 0;
  /// Hands out what was appended and starts again. Errors: resource_exhausted when strings or elements exceed 2 GiB.
  virtual Result<ColumnPtr> finish() = 0;

  int64_t length() const { return length_; }

  /// Makes the reader for any type.
  static std::unique_ptr<ColumnReader> make(const TypePtr& type);

 protected:
  explicit ColumnReader(TypePtr type) : type_(std::move(type)) {}
  /// Appends the presence of `rows`; returns how many there are.
  void append_validity(duckdb_vector vector, Rows rows, const uint64_t* parent);
  void append_null_bits(int64_t count);
  std::shared_ptr<Column> begin_column();
  bool is_present(int64_t i) const {
    return null_count_ == 0 || ((validity_[static_cast<size_t>(i >> 3)] >> (i & 7)) & 1) != 0;
  }
  const TypePtr& type() const { return type_; }

 private:
  TypePtr type_;
  std::vector<uint8_t> validity_;  ///< empty until the first null
  int64_t length_ = 0;
  int64_t null_count_ = 0;
};

}  // namespace weir::expression
