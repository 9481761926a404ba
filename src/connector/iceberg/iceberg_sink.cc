#include "connector/iceberg/iceberg_sink.h"

#include <algorithm>

#include "connector/iceberg/writer_context_internal.h"
#include "iceberg/schema/schema_diff.h"
#include "lake/commit/pipeline_committer.h"
#include "lake/table_evolution.h"

namespace weir::connector {
namespace {

constexpr size_t kNamesSaid = 20;  // of columns, in one line

class IcebergCommitter final : public SinkCommitter {
 public:
  IcebergCommitter(IcebergSinkOptions options, lake::Catalog& catalog, ObjectStore& store, const Clock& clock,
                   RandomSource& random)
      : options_(std::move(options)), catalog_(catalog), store_(store), clock_(clock), random_(random) {}

  Result<SinkRecovery> open() override {
    std::vector<lake::TargetTable> targets;
    for (const IcebergTarget& target : options_.targets) {
      targets.push_back({.sink = target.sink,
                         .table = target.definition.table,
                         .is_dead_letter = target.is_dead_letter,
                         .is_lead = target.is_lead});
    }
    WEIR_TRY(lake::check_tables(catalog_, store_, options_.pipeline, targets));
    WEIR_TRY(require_all_fit());
    for (const IcebergTarget& target : options_.targets) {
      WEIR_ASSIGN(lake::LoadedTable loaded, load_or_create(target));
      tables_[target.sink] = std::move(loaded);
    }
    committer_ =
        std::make_unique<lake::PipelineCommitter>(lake::CommitterOptions{.pipeline = options_.pipeline,
                                                                         .targets = std::move(targets),
                                                                         .keep_snapshots = options_.keep_snapshots,
                                                                         .store_folder = options_.store_folder},
                                                  catalog_, store_, clock_, random_);
    WEIR_ASSIGN(lake::Unfinished left, committer_->open());
    WEIR_TRY(take_newer_schemas());
    token_ = Uuid::random(random_).to_string().substr(0, 8);
    say_what_stays_null();
    return SinkRecovery{
        .decided = std::move(left.decided), .settled = std::move(left.settled), .undecided = std::move(left.undecided)};
  }

  Result<std::string> writer_context(const std::string& sink) const override {
    const auto target = std::find_if(options_.targets.begin(), options_.targets.end(),
                                     [&](const IcebergTarget& one) { return one.sink == sink; });
    if (target == options_.targets.end()) return std::string();
    return WriterContext{
        .table = *tables_.at(sink).metadata,
        .file_prefix = options_.pipeline + "-" + std::to_string(committer_->fence_epoch()) + "-" + token_,
        .target_file_bytes = options_.target_file_bytes,
        .memory_bytes_max = options_.writer_memory_bytes / static_cast<int64_t>(options_.targets.size()),
        .properties = target->write_properties}
        .to_bytes();
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
                committer_->prepare(all, epoch.progress, to_texts(epoch.counters),
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
    for (const IcebergTarget& target : options_.targets) {
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
    for (const IcebergTarget& target : options_.targets) {
      WEIR_ASSIGN(lake::LoadedTable now, catalog_.load(target.definition.table));
      lake::LoadedTable& before = tables_.at(target.sink);
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
    for (const IcebergTarget& target : options_.targets) {
      const Result<lake::LoadedTable> loaded = catalog_.load(target.definition.table);
      if (!loaded.ok() && loaded.error().kind() == ErrorKind::not_found) continue;
      if (!loaded.ok()) return loaded.error();
      WEIR_TRY(lake::plan_evolution(*loaded, *target.definition.schema, target.evolution));
    }
    return {};
  }

  Result<lake::LoadedTable> load_or_create(const IcebergTarget& target) {
    Result<lake::LoadedTable> loaded = catalog_.load(target.definition.table);
    if (!loaded.ok() && loaded.error().kind() == ErrorKind::not_found) {
      loaded = catalog_.create(target.definition);
      if (!loaded.ok() && loaded.error().kind() == ErrorKind::already_exists)
        loaded = catalog_.load(target.definition.table);  // somebody was faster
    }
    if (!loaded.ok()) return loaded;
    WEIR_ASSIGN(lake::EvolvedTable evolved,
                lake::evolve_table(catalog_, *std::move(loaded), *target.definition.schema, target.evolution));
    for (const iceberg::SchemaChange& change : evolved.changes)
      say(false, target, "schema changed: " + iceberg::to_text(change));
    return std::move(evolved.table);
  }

  void say(bool is_warning, const IcebergTarget& target, const std::string& line) const {
    if (options_.say) options_.say(is_warning, "table '" + target.definition.table.to_string() + "': " + line);
  }

  /// A column that a pipeline stops writing must not vanish unnoticed.
  void say_what_stays_null() const {
    for (const IcebergTarget& target : options_.targets) {
      const Schema& table = *tables_.at(target.sink).metadata->current_schema().schema;
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

  const IcebergSinkOptions options_;
  lake::Catalog& catalog_;
  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  std::map<std::string, lake::LoadedTable> tables_;  ///< by sink, as of open()
  std::string token_;  ///< part of file names: unique even when the tables were made anew in an old folder
  std::unique_ptr<lake::PipelineCommitter> committer_;
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

std::unique_ptr<SinkCommitter> make_iceberg_committer(IcebergSinkOptions options, lake::Catalog& catalog,
                                                      ObjectStore& store, const Clock& clock, RandomSource& random) {
  return std::make_unique<IcebergCommitter>(std::move(options), catalog, store, clock, random);
}

}  // namespace weir::connector
