#include <cerrno>
#include <cstring>

#include "lake/catalog/sqlite_internal.h"

namespace weir::lake {
namespace {

constexpr int kAskAgainMs = 5;

/// `system_error`: errno of the call that failed, 0 when there was none.
ErrorKind kind_of(int code, int system_error) {
  if (system_error == EMFILE || system_error == ENFILE || system_error == ENOMEM) return ErrorKind::resource_exhausted;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorKind::unavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM: return ErrorKind::resource_exhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorKind::corrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH: return ErrorKind::permission_denied;
    case SQLITE_CONSTRAINT: return ErrorKind::already_exists;
    case SQLITE_IOERR: return ErrorKind::io;
    default: return ErrorKind::internal;
  }
}

/// Turns a new file into WAL mode. When several connections do so together SQLite tells all but one at once that the
/// file is locked, without asking the busy handler (waiting could deadlock): the others ask again.
Result<void> use_wal(SqliteDatabase& database, int busy_ms, const Clock& clock) {
  const Deadline until = Deadline::after_ms(clock, busy_ms);
  while (true) {
    Result<void> done = database.execute("PRAGMA journal_mode = WAL");
    if (done.ok() || done.error().kind() != ErrorKind::unavailable || until.passed(clock)) return done;
    clock.sleep_ms(kAskAgainMs);
  }
}

}  // namespace

Error sqlite_error(sqlite3* database, int code) {
  std::string message = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_BUSY) message += " (another process holds the catalog's lock)";
  // SQLite says this of a disk that cannot be read, too.
  if (code == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) message += ", or the disk cannot be read";
  const bool is_systems = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR;
  const int system_error = database != nullptr && is_systems ? sqlite3_system_errno(database) : 0;
  if (system_error != 0) message += " (" + std::string(::strerrordesc_np(system_error)) + ")";
  return Error(kind_of(code, system_error), "catalog database: " + message);
}

SqliteStatement& SqliteStatement::bind(std::string_view text) {
  sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(sqlite3_db_handle(statement_.get()), code);
}

std::optional<std::string> SqliteStatement::text(int i) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), i));
  if (bytes == nullptr) return std::nullopt;
  return std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), i)));
}

Result<SqliteDatabase> SqliteDatabase::connect(const std::string& name, int flags, int busy_ms) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
  SqliteDatabase database;
  database.database_.reset(raw);
  if (code != SQLITE_OK) return sqlite_error(raw, code);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, busy_ms);
  return database;
}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path, int busy_ms, const Clock& clock) {
  Result<SqliteDatabase> database = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, busy_ms);
  if (!database.ok()) return std::move(database).error().with_context("'" + path + "'");
  Result<void> set_up = use_wal(*database, busy_ms, clock);
  if (set_up.ok()) set_up = database->execute("PRAGMA synchronous = FULL");
  if (!set_up.ok()) return std::move(set_up).error().with_context("'" + path + "'");
  return database;
}

Result<SqliteDatabase> SqliteDatabase::open_to_read(const std::string& path, int busy_ms, FileEnv& files) {
  constexpr const char* kLook = "PRAGMA query_only = ON; SELECT count(*) FROM sqlite_master";
  // READWRITE where the file allows it, although nothing is written: of a file in WAL mode SQLite keeps two files
  // beside it while it reads, and takes them away again only if it might write.
  Result<SqliteDatabase> database = connect(path, SQLITE_OPEN_READWRITE, busy_ms);
  Result<void> looked = database.ok() ? database->execute(kLook) : database.error();
  if (looked.ok()) return database;
  if (database.ok() && looked.error().kind() == ErrorKind::permission_denied) {
    // The two files are missing and cannot be made. Without a log all is in the one file: it can be read as one that
    // nobody changes, and only somebody who begins to write in this very moment is overlooked.
    for (const std::string& log : {path + "-wal", path + "-journal"}) {
      const Result<FileStat> found = files.stat(log);
      if (!found.ok() || found->size_bytes == 0) continue;
      return Error(ErrorKind::permission_denied,
                   "'" + path + "' has changes in '" + log +
                       "' that only a user who may write the folder can read; look as such a user");
    }
    // By this URI (sqlite.org/uri.html) SQLite takes no locks and makes no files beside it; a warehouse's path holds
    // nothing that had to be escaped.
    database = connect("file:" + path + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, busy_ms);
    looked = database.ok() ? database->execute(kLook) : database.error();
    if (looked.ok()) return database;
  }
  return std::move(looked).error().with_context("'" + path + "'");
}

bool SqliteDatabase::has_moved() {
  int moved = 0;
  const int code = sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

Result<void> SqliteDatabase::execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(database_.get(), code);
  return {};
}

Result<std::vector<std::string>> SqliteDatabase::columns_of(const std::string& table) {
  WEIR_ASSIGN(SqliteStatement query, prepare("SELECT name FROM pragma_table_info(?)"));
  query.bind(table);
  std::vector<std::string> names;
  while (true) {
    WEIR_ASSIGN(const bool more, query.step());
    if (!more) return names;
    names.push_back(query.text(0).value_or(""));
  }
}

Result<SqliteStatement> SqliteDatabase::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(database_.get(), code);
  return SqliteStatement(statement);
}

}  // namespace weir::lake
