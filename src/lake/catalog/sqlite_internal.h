/// \file
/// SQLite behind RAII and Result. Internal.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/result.h"

namespace weir::lake {

/// A prepared statement, bound and stepped by one thread.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  /// Binds the next parameter, from the first on.
  SqliteStatement& bind(std::string_view text);
  /// Moves to the next row; false after the last. Errors as sqlite_error().
  Result<bool> step();
  /// Text of column `i` of the current row; nothing for NULL.
  std::optional<std::string> text(int i) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

/// One connection. One thread at a time.
class SqliteDatabase {
 public:
  /// Opens or creates the file in WAL mode with full syncing; waits up to `busy_ms` for locks.
  static Result<SqliteDatabase> open(const std::string& path, int busy_ms, const Clock& clock);

  /// Opens the file as it is, for statements that only read; others are permission_denied. Works in a folder that may
  /// not be written too, except when changes wait in the file's log that nobody keeps an index of: permission_denied.
  /// `path` holds no '#', '?' or '%'.
  static Result<SqliteDatabase> open_to_read(const std::string& path, int busy_ms, FileEnv& files);

  Result<void> execute(const char* sql);
  Result<SqliteStatement> prepare(const char* sql);
  /// The columns of a table in their order; none when there is no such table.
  Result<std::vector<std::string>> columns_of(const std::string& table);
  /// The file is not where it was opened any more, or another one is there: what is written now is lost with it.
  bool has_moved();
  /// Rows changed by the last statement.
  int changes() const { return sqlite3_changes(database_.get()); }

 private:
  static Result<SqliteDatabase> connect(const std::string& name, int flags, int busy_ms);

  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

/// The last error of `database` in our words: locked is unavailable, full is resource_exhausted, read-only is
/// permission_denied.
Error sqlite_error(sqlite3* database, int code);

}  // namespace weir::lake
