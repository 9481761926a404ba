#include "connector/iceberg/iceberg_sink.h"

#include <algorithm>

#include "columnar/widen.h"
#include "iceberg/schema_diff.h"
#include "lake/commit/pipeline_committer.h"
#include "lake/table_evolution.h"
#include "lake/table_writer.h"

namespace weir::connector {
namespace {

constexpr size_t kNamesSaid = 20;  // of columns, in one line

/// What the committer loads and the writers need.
struct Shared {
  IcebergSinkOptions options;
  lake::Catalog& catalog;
  ObjectStore& store;
  const Clock& clock;
  RandomSource& random;
  std::map<std::string, lake::LoadedTable> tables;  ///< by sink; set by open()
  int64_t fence_epoch = 0;
  std::string token;  ///< part of file names: unique even when the tables were made anew in an old folder
};

class IcebergCommitter final : public SinkCommitter {
 public:
  explicit IcebergCommitter(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  Result<SinkRecovery> open() override {
    std::vector<lake::TargetTable> targets;
    for (const IcebergTarget& target : shared_->options.targets) {
      targets.push_back({.sink = target.sink,
                         .table = target.definition.table,
                         .is_dead_letter = target.is_dead_letter,
                         .is_lead = target.is_lead});
    }
    WEIR_TRY(lake::check_tables(shared_->catalog, shared_->store, shared_->options.pipeline, targets));
    WEIR_TRY(require_all_fit());
    for (const IcebergTarget& target : shared_->options.targets) {
      WEIR_ASSIGN(lake::LoadedTable loaded, load_or_create(target));
      shared_->tables[target.sink] = std::move(loaded);
    }
    committer_ = std::make_unique<lake::PipelineCommitter>(
        lake::CommitterOptions{.pipeline = shared_->options.pipeline,
                               .targets = std::move(targets),
                               .keep_snapshots = shared_->options.keep_snapshots,
                               .store_folder = shared_->options.store_folder},
        shared_->catalog, shared_->store, shared_->clock, shared_->random);
    WEIR_ASSIGN(lake::Unfinished left, committer_->open());
    WEIR_TRY(take_newer_schemas());
    shared_->fence_epoch = committer_->fence_epoch();
    shared_->token = Uuid::random(shared_->random).to_string().substr(0, 8);
    say_what_stays_null();
    return SinkRecovery{
        .decided = std::move(left.decided), .settled = std::move(left.settled), .undecided = std::move(left.undecided)};
  }

  const Progress& progress() const override { return committer_->progress(); }
  std::optional<StoredObject> state() const override { return committer_->state(); }
  std::vector<StoredObject> older_states() const override { return committer_->older_states(); }
  Result<std::optional<StoredObject>> state_of(const std::string& bytes) const override {
    WEIR_ASSIGN(lake::PreparedCommit prepared, lake::PreparedCommit::from_bytes(bytes));
    return std::move(prepared.state);
  }

  DecidedEpochs decided() const override {
    return {.fence_epoch = committer_->fence_epoch(),
            .number = committer_->epochs(),
            .followers = committer_->followers(),
            .unfollowed = committer_->unfollowed()};
  }
  Result<DecidedOutbox> outbox_of(const std::string& bytes) const override {
    WEIR_ASSIGN(lake::PreparedCommit prepared, lake::PreparedCommit::from_bytes(bytes));
    return DecidedOutbox{.number = prepared.number,
                         .commit_key = std::move(prepared.commit_key),
                         .parts = std::move(prepared.outbox.parts)};
  }

  Result<PreparedEpoch> prepare(const EpochResult& epoch) override {
    std::vector<lake::EpochFiles> all;
    all.reserve(epoch.parts.size());
    for (const auto& [sink, parts] : epoch.parts) all.push_back({.sink = sink, .parts = parts});
    WEIR_ASSIGN(const lake::PreparedCommit prepared,
                committer_->prepare(all, epoch.progress, epoch.counters,
                                    {.commit_key = epoch.commit_key, .state = epoch.state, .outbox = epoch.outbox}));
    return PreparedEpoch{.name = committer_->prepared_name(), .bytes = prepared.to_bytes()};
  }

  Result<CommitReport> commit(const std::string& bytes, const StoredObject& place) override {
    WEIR_ASSIGN(const lake::PreparedCommit prepared, lake::PreparedCommit::from_bytes(bytes));
    WEIR_ASSIGN(const CommitOutcome outcome, committer_->commit(prepared, place));
    return report_of(outcome, prepared);
  }

  Result<CommitReport> recover(const std::string& bytes, const StoredObject& place) override {
    WEIR_ASSIGN(const lake::PreparedCommit prepared, lake::PreparedCommit::from_bytes(bytes));
    WEIR_ASSIGN(const CommitOutcome outcome, committer_->recover(prepared, place));
    return report_of(outcome, prepared);
  }

 private:
  /// Every table of the pipeline has its line, those without rows too.
  CommitReport report_of(CommitOutcome outcome, const lake::PreparedCommit& prepared) const {
    CommitReport report{.outcome = outcome, .tables = {}};
    for (const IcebergTarget& target : shared_->options.targets) {
      CommittedTable line{
          .sink = target.sink, .table = target.definition.table.to_string(), .is_dead_letter = target.is_dead_letter};
      for (const lake::PreparedTable& table : prepared.tables) {
        if (table.target.table != target.definition.table) continue;
        line.snapshot_id = table.snapshot_id;
        line.rows = table.rows;
        line.files = table.files;
        line.bytes = table.bytes;
      }
      report.tables.push_back(std::move(line));
    }
    return report;
  }

  /// Writers are made after the fence. Where another process has changed a schema since the tables were looked at, they
  /// take the newer one; what changes after this is the committer's to see.
  Result<void> take_newer_schemas() {
    for (const IcebergTarget& target : shared_->options.targets) {
      WEIR_ASSIGN(lake::LoadedTable now, shared_->catalog.load(target.definition.table));
      lake::LoadedTable& before = shared_->tables.at(target.sink);
      if (now.metadata->current_schema_id == before.metadata->current_schema_id) continue;
      const Result<void> fits = check_columns_fit(*target.definition.schema, *now.metadata->current_schema().schema);
      if (!fits.ok()) {
        return Error(ErrorKind::table_changed, "the schema of table '" + target.definition.table.to_string() +
                                                   "' was changed at this moment, and rows no longer fit: " +
                                                   fits.error().message() + "; start again");
      }
      before = std::move(now);
    }
    return {};
  }

  /// Before the first table is made or changed: one that does not fit leaves all of them as they are.
  Result<void> require_all_fit() {
    for (const IcebergTarget& target : shared_->options.targets) {
      const Result<lake::LoadedTable> loaded = shared_->catalog.load(target.definition.table);
      if (!loaded.ok() && loaded.error().kind() == ErrorKind::not_found) continue;
      if (!loaded.ok()) return loaded.error();
      WEIR_TRY(lake::plan_evolution(*loaded, *target.definition.schema, target.evolution));
    }
    return {};
  }

  Result<lake::LoadedTable> load_or_create(const IcebergTarget& target) {
    Result<lake::LoadedTable> loaded = shared_->catalog.load(target.definition.table);
    if (!loaded.ok() && loaded.error().kind() == ErrorKind::not_found) {
      loaded = shared_->catalog.create(target.definition);
      if (!loaded.ok() && loaded.error().kind() == ErrorKind::already_exists)
        loaded = shared_->catalog.load(target.definition.table);  // somebody was faster
    }
    if (!loaded.ok()) return loaded;
    WEIR_ASSIGN(lake::EvolvedTable evolved,
                lake::evolve_table(shared_->catalog, *std::move(loaded), *target.definition.schema, target.evolution));
    for (const iceberg::SchemaChange& change : evolved.changes)
      say(false, target, "schema changed: " + iceberg::to_text(change));
    return std::move(evolved.table);
  }

  void say(bool is_warning, const IcebergTarget& target, const std::string& line) const {
    if (shared_->options.say)
      shared_->options.say(is_warning, "table '" + target.definition.table.to_string() + "': " + line);
  }

  /// A column that a pipeline stops writing must not vanish unnoticed.
  void say_what_stays_null() const {
    for (const IcebergTarget& target : shared_->options.targets) {
      const Schema& table = *shared_->tables.at(target.sink).metadata->current_schema().schema;
      std::string names;
      size_t count = 0;
      for (const iceberg::SchemaDifference& one :
           iceberg::compare_schemas(*target.definition.schema, table).differences) {
        if (one.is_unwritten && ++count <= kNamesSaid) names += (names.empty() ? "'" : ", '") + one.path + "'";
      }
      if (count > kNamesSaid) names += " and " + std::to_string(count - kNamesSaid) + " more";
      if (count > 0) say(true, target, names + (count == 1 ? " is" : " are") + " only in the table and will be null");
    }
  }

  std::shared_ptr<Shared> shared_;
  std::unique_ptr<lake::PipelineCommitter> committer_;
};

/// Puts the columns of batches in the table's order; optional columns that the input lacks are null.
class ColumnPlacement {
 public:
  ColumnPlacement(const Schema& input, SchemaPtr table) : table_(std::move(table)) {
    for (size_t i = 0; i < table_->size(); ++i) {
      places_.push_back(input.find(table_->field(i).name));
      is_same_ = is_same_ && places_.back() == static_cast<int>(i) && *input.field(i).type == *table_->field(i).type;
    }
    is_same_ = is_same_ && input.size() == table_->size();
  }

  Batch place(const Batch& batch) const {
    if (is_same_) return batch.with_columns(table_, batch.columns());
    std::vector<ColumnPtr> columns;
    for (size_t i = 0; i < places_.size(); ++i) {
      const TypePtr& type = table_->field(i).type;
      columns.push_back(places_[i] >= 0 ? widen(batch.columns()[static_cast<size_t>(places_[i])], type)
                                        : null_column(type, batch.physical_rows()));
    }
    return batch.with_columns(table_, std::move(columns));
  }

 private:
  SchemaPtr table_;
  std::vector<int> places_;
  bool is_same_ = true;
};

class IcebergWriter final : public SinkWriter {
 public:
  IcebergWriter(SchemaPtr table, const Schema& input, std::unique_ptr<lake::TableWriter> writer)
      : placement_(input, std::move(table)), writer_(std::move(writer)) {}

  Result<void> write(const Batch& batch) override { return writer_->write(placement_.place(batch)); }
  Result<std::string> prepare() override { return writer_->close_files(); }
  int64_t memory_bytes() const override { return writer_->memory_bytes(); }

 private:
  ColumnPlacement placement_;
  std::unique_ptr<lake::TableWriter> writer_;
};

class IcebergSinksOfPipeline final : public IcebergSinks {
 public:
  explicit IcebergSinksOfPipeline(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::unique_ptr<SinkCommitter> take_committer() override { return std::make_unique<IcebergCommitter>(shared_); }

  Result<std::unique_ptr<SinkWriter>> make_writer(const std::string& sink, const SchemaPtr& input,
                                                  TaskShare share) override {
    const lake::LoadedTable& loaded = shared_->tables.at(sink);
    WEIR_TRY(check_columns_fit(*input, *loaded.metadata->current_schema().schema));
    lake::TableWriterOptions options;
    options.file_prefix = shared_->options.pipeline + "-" + std::to_string(shared_->fence_epoch) + "-" +
                          shared_->token + "-" + std::to_string(share.index);
    options.target_file_bytes = shared_->options.target_file_bytes;
    for (const IcebergTarget& target : shared_->options.targets)
      if (target.sink == sink) options.properties = target.write_properties;
    options.memory_bytes_max =
        shared_->options.writer_memory_bytes / static_cast<int64_t>(shared_->options.targets.size());
    WEIR_ASSIGN(std::unique_ptr<lake::TableWriter> writer,
                lake::TableWriter::make(shared_->store, *loaded.metadata, std::move(options)));
    return std::unique_ptr<SinkWriter>(
        std::make_unique<IcebergWriter>(loaded.metadata->current_schema().schema, *input, std::move(writer)));
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

Result<void> check_columns_fit(const Schema& input, const Schema& table) {
  const iceberg::SchemaDiff diff = iceberg::compare_schemas(input, table);
  if (diff.fit != iceberg::SchemaFit::differs) return {};
  std::string message;
  for (const iceberg::SchemaDifference& difference : diff.differences) {
    if (difference.blocks) message += (message.empty() ? "" : "; ") + ("'" + difference.path + "' " + difference.text);
  }
  return Error(ErrorKind::invalid_argument, std::move(message));
}

std::unique_ptr<IcebergSinks> make_iceberg_sinks(IcebergSinkOptions options, lake::Catalog& catalog, ObjectStore& store,
                                                 const Clock& clock, RandomSource& random) {
  return std::make_unique<IcebergSinksOfPipeline>(std::make_shared<Shared>(Shared{.options = std::move(options),
                                                                                  .catalog = catalog,
                                                                                  .store = store,
                                                                                  .clock = clock,
                                                                                  .random = random,
                                                                                  .tables = {}}));
}

}  // namespace weir::connector
