/// \file
/// Batches for tests, and an independent DuckDB to compare with: fed with literals, default settings, no code of ours
/// in between.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "columnar/batch.h"
#include "expression/duck/duck_internal.h"
#include "expression/expression.h"

namespace weir::expression {

using Cell = std::variant<std::monostate, bool, int64_t, double, std::string>;

inline TypePtr type_of(TypeKind kind) {
  return Type::primitive(kind);
}

/// Optional columns with fresh ids.
SchemaPtr make_schema(std::vector<std::pair<std::string, TypePtr>> columns);

/// Rows of cells for columns that are not nested. int64 cells serve every integer-like type; decimal cells are
/// unscaled.
Batch make_batch(const SchemaPtr& schema, const std::vector<std::vector<Cell>>& rows);

/// A column of one integer-like or text type.
ColumnPtr make_column(const TypePtr& type, const std::vector<Cell>& cells);

/// A struct with a field of every type, nested ones included.
std::vector<std::pair<std::string, TypePtr>> every_type();

/// Values from small domains, so that conditions over them are sometimes true, with nulls, at every depth.
ColumnPtr random_column(const TypePtr& type, int64_t rows, SeededRandom& random);
Batch random_batch(const SchemaPtr& schema, int64_t rows, uint64_t seed);
/// About `percent` of the rows.
std::vector<int32_t> random_selection(int64_t rows, unsigned percent, SeededRandom& random);

/// The value as SQL text that gives the same value in DuckDB, type included.
std::string literal(const Column& column, int64_t row);

bool equal_rows(const Column& a, int64_t i, const Column& b, int64_t j);

/// Integers of an int or long column.
std::vector<std::optional<int64_t>> integers(const Column& column);
std::vector<std::optional<std::string>> texts(const Column& column);

/// An independent DuckDB.
class Oracle {
 public:
  Oracle();
  /// Every cell as text. Fails the test on an error.
  std::vector<std::vector<std::optional<std::string>>> query(const std::string& sql);
  /// Whether DuckDB takes and runs the statement.
  bool succeeds(const std::string& sql);
  /// "(VALUES (0, ...), ...) AS t(row_, ...)" of the selected rows, row_ being the physical index.
  static std::string values(const Batch& batch);

 private:
  DatabaseHandle database_;
  ConnectionHandle connection_;
};

}  // namespace weir::expression
