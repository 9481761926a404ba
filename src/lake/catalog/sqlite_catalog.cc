#include "lake/catalog/sqlite_catalog.h"

#include <algorithm>
#include <map>

#include "base/fault.h"
#include "base/file_env.h"
#include "base/utf8.h"
#include "iceberg/metadata/name_mapping.h"
#include "lake/catalog/sqlite_internal.h"

namespace weir::lake {
namespace {

constexpr int64_t kMetadataBytesMax = int64_t{1} << 30;
/// Each commit writes all properties anew into a metadata file: what is longer is cheaper in a file of its own.
constexpr int64_t kPropertyBytesMax = int64_t{64} * 1024;
constexpr const char* kDeleteOldMetadata = "write.metadata.delete-after-commit.enabled";
constexpr const char* kCreateTables = R"sql(
CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name));
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (catalog_name, namespace, property_key));
)sql";

/// Every table's location begins with the directory, and other engines read locations as URIs. Errors:
/// invalid_argument.
Result<void> check_directory(const std::string& directory) {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorKind::invalid_argument,
                 "the warehouse '" + directory + "' " + why + "; put it into a folder with another name");
  };
  if (!is_utf8_text(directory)) return refuse("has a path that is not UTF-8, which tables cannot name");
  const size_t odd = directory.find_first_of("#?%");
  if (odd == std::string::npos) return {};
  return refuse(std::string("has a '") + directory[odd] +
                "' in its path: other engines take the locations of tables for URIs and would not find the files");
}

Error no_catalog(const std::string& directory) {
  return Error(ErrorKind::not_found, "there is no catalog at '" + sqlite_catalog_file(directory) +
                                         "'; a pipeline creates it on its first run");
}

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(SqliteCatalogOptions options, SqliteDatabase database, ObjectStore& store, const Clock& clock,
                RandomSource& random)
      : options_(std::move(options)), database_(std::move(database)), store_(store), clock_(clock), random_(random) {}

  /// Errors: not_found, for a file to read only that no catalog was ever made in.
  Result<void> set_up() {
    if (!options_.read_only) WEIR_TRY(database_.execute(kCreateTables));
    WEIR_ASSIGN(const std::vector<std::string> columns, database_.columns_of("iceberg_tables"));
    if (columns.empty()) return no_catalog(options_.directory);
    // Catalogs made by older Iceberg releases have no iceberg_type (version 0 of the layout); views then do not exist
    // either.
    has_type_column_ = std::find(columns.begin(), columns.end(), "iceberg_type") != columns.end();
    return {};
  }

  Result<std::vector<std::optional<LoadedTable>>> load_all(std::span<const TableIdentifier> tables) override {
    WEIR_TRY(require_sound());
    WEIR_ASSIGN(const std::vector<std::optional<std::string>> locations, current_locations(tables));
    std::vector<std::optional<LoadedTable>> loaded(tables.size());
    for (size_t i = 0; i < tables.size(); ++i) {
      if (!locations[i]) continue;
      WEIR_ASSIGN(loaded[i], load_metadata(tables[i], *locations[i]));
    }
    return loaded;
  }

  Result<LoadedTable> create(const TableDefinition& definition) override {
    WEIR_TRY(require_sound());
    WEIR_TRY(check_writable());
    WEIR_ASSIGN(const std::optional<std::string> there, current_location(definition.table));
    if (there) return Error(ErrorKind::already_exists, "table '" + definition.table.to_string() + "' exists");
    iceberg::NewTable table{.table_uuid = Uuid::random(random_).to_string(),
                            .location = location_of(definition.table),
                            .schema = definition.schema,
                            .spec = definition.spec,
                            .properties = definition.properties,
                            .now_ms = clock_.wall_ms()};
    // For readers of files that somebody else adds without field ids.
    table.properties.emplace(iceberg::kNameMappingProperty, iceberg::name_mapping_to_json(*definition.schema));
    table.properties.emplace(kDeleteOldMetadata, "true");  // a commit each few seconds makes thousands a day
    WEIR_ASSIGN(iceberg::TableMetadata metadata, iceberg::new_table_metadata(table));
    const std::string location =
        table.location + "/metadata/" + iceberg::metadata_file_name(0, Uuid::random(random_).to_string());
    WEIR_TRY(store_.put(location, iceberg::table_metadata_to_json(metadata)));
    WEIR_TRY(database_.execute("BEGIN IMMEDIATE"));
    Result<void> inserted = insert_rows(definition.table, location);
    if (inserted.ok()) inserted = database_.execute("COMMIT");
    if (!inserted.ok()) {
      (void)database_.execute("ROLLBACK");
      return std::move(inserted).error().with_context("creating table '" + definition.table.to_string() + "'");
    }
    return remember(definition.table, location, std::make_shared<const iceberg::TableMetadata>(std::move(metadata)));
  }

  Result<CommitOutcome> commit(std::span<const TableChange> changes, std::string_view request_key) override {
    WEIR_TRY(require_sound());
    WEIR_TRY(check_writable());
    for (const TableChange& change : changes) {
      WEIR_ASSIGN(const std::optional<std::string> current, current_location(change.base.table));
      if (!current) return no_table(change.base.table);
      if (*current != change.base.metadata_location) return CommitOutcome::refused;
      if (!iceberg::check_requirements(change.requirements, change.base.metadata.get()).ok())
        return CommitOutcome::refused;
    }
    // Another process may hold the lock for long: what was written for a request that then could not begin is used by
    // the next attempt at it.
    if (attempt_.request_key != request_key || request_key.empty()) {
      attempt_ = {};
      for (const TableChange& change : changes) {
        WEIR_ASSIGN(LoadedTable made, write_metadata(change));
        attempt_.next.push_back(std::move(made));
      }
      attempt_.request_key = request_key;
    }
    WEIR_TRY(fault_point("commit.before_swap"));
    WEIR_ASSIGN(const CommitOutcome outcome, move_rows(changes, attempt_.next));
    if (outcome == CommitOutcome::applied) {
      for (size_t i = 0; i < changes.size(); ++i)
        remove_old_metadata(*changes[i].base.metadata, *attempt_.next[i].metadata);
      for (LoadedTable& table : attempt_.next) cache_[table.table] = std::move(table);
      attempt_ = {};
      if (!fault_point("commit.after_swap").ok()) return CommitOutcome::unknown;  // the reply that got lost
    }
    return outcome;
  }

  CatalogAbilities abilities() const override {
    return {.is_multi_table_atomic = true, .swaps_exact_base = true, .property_bytes_max = kPropertyBytesMax};
  }

  Result<std::vector<TableIdentifier>> list() override {
    WEIR_TRY(require_sound());
    WEIR_ASSIGN(
        SqliteStatement query,
        database_.prepare(
            with_type("SELECT table_namespace, table_name FROM iceberg_tables WHERE catalog_name = ?").c_str()));
    query.bind(options_.name);
    std::map<TableIdentifier, int> found;
    while (true) {
      WEIR_ASSIGN(const bool more, query.step());
      if (!more) break;
      found[{query.text(0).value_or(""), query.text(1).value_or("")}] = 0;
    }
    std::vector<TableIdentifier> tables;
    tables.reserve(found.size());
    for (const auto& [table, unused] : found) tables.push_back(table);
    return tables;
  }

 private:
  /// After a failed sync the system may take for written what is not, and to look again would believe it
  /// (exactly-once.md rule 14): this process learns no more, and the next one looks what is in the file. A file that
  /// was removed is there for us alone.
  Result<void> require_sound() {
    if (!failed_ && database_.has_moved()) failed_ = moved();
    if (!failed_) return {};
    return Error(*failed_);
  }

  Error moved() const {
    return Error(ErrorKind::table_changed,
                 "the catalog '" + sqlite_catalog_file(options_.directory) +
                     "' was removed or replaced while it was in use, and with it all that tells what the tables hold. "
                     "Put it back, with the files '-wal' and '-shm' beside it, and start again; without it a new "
                     "catalog is made that knows no table and no progress");
  }

  Result<void> check_writable() const {
    if (!options_.read_only) return {};
    return Error(ErrorKind::permission_denied, "the catalog '" + options_.name + "' was opened to read only");
  }

  std::string location_of(const TableIdentifier& table) const {
    return file_uri(options_.directory + "/" + table.ns + "/" + table.name, "/");
  }

  std::string with_type(std::string sql) const {
    if (has_type_column_) sql += " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)";
    return sql;
  }

  const LoadedTable& remember(const TableIdentifier& table, std::string location,
                              std::shared_ptr<const iceberg::TableMetadata> metadata) {
    return cache_[table] = {.table = table, .metadata_location = std::move(location), .metadata = std::move(metadata)};
  }

  Result<LoadedTable> load_metadata(const TableIdentifier& table, const std::string& location) {
    const auto cached = cache_.find(table);
    if (cached != cache_.end() && cached->second.metadata_location == location) return cached->second;
    Result<std::string> json = store_.get(location, kMetadataBytesMax);
    if (!json.ok()) {
      Error error = std::move(json).error().with_context("table '" + table.to_string() + "'");
      if (error.kind() != ErrorKind::not_found) return error;
      // The table is known: this is not the not_found of one that nobody made, after which callers would make it.
      return Error(ErrorKind::corrupt, error.message() +
                                           "; the catalog names this file. Was the warehouse moved, or were its files "
                                           "deleted? Put it back where it was");
    }
    Result<iceberg::TableMetadata> metadata = iceberg::table_metadata_from_json(*json);
    if (!metadata.ok())
      return std::move(metadata).error().with_context("table '" + table.to_string() + "', " + location);
    return remember(table, location, std::make_shared<const iceberg::TableMetadata>(*std::move(metadata)));
  }

  /// The rows of several tables are read in one transaction: as they were at one moment.
  Result<std::vector<std::optional<std::string>>> current_locations(std::span<const TableIdentifier> tables) {
    std::vector<std::optional<std::string>> locations;
    if (tables.size() > 1) WEIR_TRY(database_.execute("BEGIN"));
    Result<void> read;
    for (const TableIdentifier& table : tables) {
      Result<std::optional<std::string>> location = current_location(table);
      if (!location.ok()) {
        read = std::move(location).error();
        break;
      }
      locations.push_back(*std::move(location));
    }
    if (tables.size() > 1) (void)database_.execute("COMMIT");  // nothing was written
    if (!read.ok()) return std::move(read).error();
    return locations;
  }

  Result<std::optional<std::string>> current_location(const TableIdentifier& table) {
    WEIR_ASSIGN(SqliteStatement query,
                database_.prepare(with_type("SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND "
                                            "table_namespace = ? AND table_name = ?")
                                      .c_str()));
    query.bind(options_.name).bind(table.ns).bind(table.name);
    WEIR_ASSIGN(const bool found, query.step());
    return found ? query.text(0) : std::nullopt;
  }

  Result<void> insert_rows(const TableIdentifier& table, const std::string& location) {
    WEIR_ASSIGN(
        SqliteStatement ns,
        database_.prepare("INSERT OR IGNORE INTO iceberg_namespace_properties VALUES (?, ?, 'exists', 'true')"));
    WEIR_TRY(done(ns.bind(options_.name).bind(table.ns)));
    const char* sql =
        has_type_column_
            ? "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, iceberg_type) "
              "VALUES (?, ?, ?, ?, 'TABLE')"
            : "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) VALUES (?, ?, "
              "?, ?)";
    WEIR_ASSIGN(SqliteStatement row, database_.prepare(sql));
    return done(row.bind(options_.name).bind(table.ns).bind(table.name).bind(location));
  }

  static Result<void> done(SqliteStatement& statement) {
    WEIR_ASSIGN(const bool row, statement.step());
    WEIR_CHECK(!row);
    return {};
  }

  Result<LoadedTable> write_metadata(const TableChange& change) {
    WEIR_ASSIGN(
        iceberg::TableMetadata metadata,
        iceberg::apply_updates(*change.base.metadata, change.base.metadata_location, change.updates, clock_.wall_ms()));
    const int32_t version = iceberg::metadata_file_version(change.base.metadata_location).value_or(0) + 1;
    std::string location =
        metadata.location + "/metadata/" + iceberg::metadata_file_name(version, Uuid::random(random_).to_string());
    WEIR_TRY(fault_point("commit.before_metadata"));
    WEIR_TRY(store_.put(location, iceberg::table_metadata_to_json(metadata)));
    return LoadedTable{change.base.table, std::move(location),
                       std::make_shared<const iceberg::TableMetadata>(std::move(metadata))};
  }

  /// Moves all rows from their base to `next` in one transaction.
  Result<CommitOutcome> move_rows(std::span<const TableChange> changes, std::span<const LoadedTable> next) {
    WEIR_TRY(database_.execute("BEGIN IMMEDIATE"));
    for (size_t i = 0; i < changes.size(); ++i) {
      Result<bool> moved = move_row(changes[i].base, next[i].metadata_location);
      if (!moved.ok() || !*moved) {
        (void)database_.execute("ROLLBACK");
        if (!moved.ok()) return std::move(moved).error();
        return CommitOutcome::refused;
      }
    }
    // Once COMMIT was asked for, an error leaves open whether it happened; but a full disk rolls the transaction back,
    // if SQLite has not done so itself (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
    Result<void> committed = database_.execute("COMMIT");
    if (committed.ok() && !database_.has_moved()) return CommitOutcome::applied;
    if (committed.ok()) return CommitOutcome::unknown;  // in a file that nobody else has: the next look says so
    (void)database_.execute("ROLLBACK");
    if (committed.error().kind() == ErrorKind::resource_exhausted) return std::move(committed).error();
    if (committed.error().kind() == ErrorKind::io) failed_ = std::move(committed).error();
    return CommitOutcome::unknown;
  }

  /// What left the log with a commit that was applied: the property bounds what a history of any length leaves behind.
  /// A file that cannot be removed stays, as one of a process that dies here.
  void remove_old_metadata(const iceberg::TableMetadata& before, const iceberg::TableMetadata& after) {
    if (options_.remover == nullptr || after.property(kDeleteOldMetadata) != "true") return;
    for (const iceberg::MetadataLogEntry& entry : before.metadata_log) {
      if (!after.metadata_log.empty() && entry.metadata_file == after.metadata_log.front().metadata_file) return;
      (void)options_.remover->remove(entry.metadata_file);
    }
  }

  Result<bool> move_row(const LoadedTable& base, const std::string& next_location) {
    WEIR_ASSIGN(
        SqliteStatement update,
        database_.prepare(
            with_type("UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ? "
                      "WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?")
                .c_str()));
    WEIR_TRY(done(update.bind(next_location)
                      .bind(base.metadata_location)
                      .bind(options_.name)
                      .bind(base.table.ns)
                      .bind(base.table.name)
                      .bind(base.metadata_location)));
    return database_.changes() == 1;
  }

  SqliteCatalogOptions options_;
  SqliteDatabase database_;
  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  bool has_type_column_ = true;
  std::map<TableIdentifier, LoadedTable> cache_;
  std::optional<Error> failed_;  ///< why nothing is asked of the database any more
  /// What the last request wrote, until it is at its end.
  struct Attempt {
    std::string request_key;
    std::vector<LoadedTable> next;
  };
  Attempt attempt_;
};

}  // namespace

Result<std::unique_ptr<Catalog>> open_sqlite_catalog(const SqliteCatalogOptions& options, ObjectStore& store,
                                                     FileEnv& files, const Clock& clock, RandomSource& random) {
  WEIR_TRY(check_directory(options.directory));
  const std::string path = sqlite_catalog_file(options.directory);
  if (options.read_only || !options.create_if_missing) {
    const Result<FileStat> found = files.stat(path);
    if (!found.ok() && found.error().kind() == ErrorKind::not_found) return no_catalog(options.directory);
    if (!found.ok()) return found.error();
  }
  if (!options.read_only) WEIR_TRY(make_directories(files, options.directory));
  WEIR_ASSIGN(SqliteDatabase database, options.read_only ? SqliteDatabase::open_to_read(path, options.busy_ms, files)
                                                         : SqliteDatabase::open(path, options.busy_ms, clock));
  auto catalog = std::make_unique<SqliteCatalog>(options, std::move(database), store, clock, random);
  WEIR_TRY(catalog->set_up());
  if (!options.read_only) WEIR_TRY(files.sync_directory(options.directory));  // the file's name; SQLite syncs its bytes
  return std::unique_ptr<Catalog>(std::move(catalog));
}

std::string sqlite_catalog_file(const std::string& directory) {
  return directory + "/catalog.db";
}

}  // namespace weir::lake
