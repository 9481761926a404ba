/// \file
/// Read-only SQL over the Parquet files of tables: what `weir query` runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/schema.h"

namespace weir::expression {

inline constexpr size_t kQueryBytesMax = size_t{1} << 20;

struct QueryOptions {
  /// DuckDB's limit for what a query sorts, groups or joins; nothing is spilled to disk.
  int64_t memory_bytes_max = int64_t{512} << 20;
};

/// A table as a query sees it.
struct QueryTable {
  std::string name_space;  ///< "ops", or "a.b" for nested ones (in SQL: "a.b".flights); empty: none
  std::string name;
  SchemaPtr schema;
  std::vector<std::string> files;  ///< local paths; none: an empty table
};

struct QueryColumn {
  std::string name;
  std::string type;  ///< DuckDB's name of the type: "BIGINT", "DECIMAL(9,2)", "STRUCT(a INTEGER)[]"
};

/// The rows of one query, piece by piece. One thread.
class QueryResult {
 public:
  virtual ~QueryResult() = default;

  virtual const std::vector<QueryColumn>& columns() const = 0;

  /// Fetches the next rows, at most 2,048; false at the end. Cells of earlier rows are gone.
  /// Errors: invalid_argument when a value makes the query fail; cancelled; resource_exhausted; io when a file
  /// cannot be read.
  virtual Result<bool> next() = 0;
  virtual int64_t rows() const = 0;

  virtual bool is_null(int64_t row, size_t column) const = 0;
  /// Appends a cell for people: text as it is, bytes in hex, nested values as JSON; nothing for null.
  virtual void append_text(int64_t row, size_t column, std::string& out) const = 0;
  /// Appends a cell as a JSON value: numbers exactly as they are (NaN and infinities as strings), times in ISO 8601,
  /// bytes in base64, maps with text keys as objects, other maps as a list of pairs.
  virtual void append_json(int64_t row, size_t column, std::string& out) const = 0;
};

/// An in-memory DuckDB that can read the files of the registered tables and nothing else: no other file, no network, no
/// extension, no setting.
///
/// Life: open(), register_table() for each table, run() any number of times, one result at a time. One thread;
/// interrupt() from any.
class QuerySession {
 public:
  static Result<std::unique_ptr<QuerySession>> open(const QueryOptions& options = {});
  virtual ~QuerySession() = default;

  /// Columns are found in the files by field id; inside of structs by name. Columns that a file lacks are null. Not
  /// after the first run(). Reads the footers of all files. Errors: not_found, io when a file cannot be read;
  /// unsupported for a file without field ids; already_exists for a second table of the name; invalid_argument for a
  /// name that DuckDB keeps.
  virtual Result<void> register_table(const QueryTable& table) = 0;

  /// Starts one SELECT (also VALUES, WITH, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN). The result must be gone before the next
  /// run(). Errors: invalid_argument with what is wrong (`offset`, if not null: the byte), unsupported for other
  /// statements, limit_exceeded above kQueryBytesMax, and those of QueryResult::next.
  virtual Result<std::unique_ptr<QueryResult>> run(std::string_view sql, size_t* offset = nullptr) = 0;

  /// Lets write_parquet() make the file `path`. Not after the first run().
  virtual void allow_output(const std::string& path) = 0;
  /// Runs one SELECT and writes its rows to `path`, a file that does not exist and that allow_output() named, as
  /// Parquet with zstd. Errors: as run(); io when the file cannot be written, and then a torso of it may be there.
  virtual Result<void> write_parquet(std::string_view sql, const std::string& path, size_t* offset = nullptr) = 0;

  /// Makes what runs now (a query, the fetching of its rows, register_table()), if anything, end with `cancelled`; what
  /// begins later is not concerned, so call it until the other thread is through. Thread-safe; not for signal handlers.
  virtual void interrupt() = 0;
};

}  // namespace weir::expression
