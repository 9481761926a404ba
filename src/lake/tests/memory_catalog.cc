#include "lake/tests/memory_catalog.h"

#include "base/check.h"

namespace weir::lake {
namespace {

/// As a catalog shows a table that keeps its history elsewhere.
std::shared_ptr<const iceberg::TableMetadata> only_head(const iceberg::TableMetadata& table) {
  auto shown = std::make_shared<iceberg::TableMetadata>(table);
  shown->metadata_log.clear();
  shown->snapshots.clear();
  if (const iceberg::Snapshot* head = table.current_snapshot()) {
    iceberg::Snapshot alone = *head;
    alone.parent_id.reset();
    shown->snapshots.push_back(std::make_shared<const iceberg::StoredSnapshot>(
        iceberg::StoredSnapshot{alone, iceberg::snapshot_to_json(alone)}));
  }
  return shown;
}

}  // namespace

Result<std::vector<std::optional<LoadedTable>>> MemoryCatalog::load_all(std::span<const TableIdentifier> tables) {
  std::vector<std::optional<LoadedTable>> loaded;
  for (const TableIdentifier& table : tables) {
    const auto row = rows_.find(table);
    loaded.push_back(row == rows_.end() ? std::nullopt : std::optional(row->second));
    if (loaded.back() && habits_.shows_only_head) loaded.back()->metadata = only_head(*loaded.back()->metadata);
    if (during_load_all) std::exchange(during_load_all, nullptr)();
  }
  return loaded;
}

Result<LoadedTable> MemoryCatalog::create(const TableDefinition& definition) {
  if (rows_.contains(definition.table))
    return Error(ErrorKind::already_exists, "table '" + definition.table.to_string() + "' exists");
  WEIR_ASSIGN(
      iceberg::TableMetadata metadata,
      iceberg::new_table_metadata({.table_uuid = Uuid::random(random_).to_string(),
                                   .location = folder_ + "/" + definition.table.ns + "/" + definition.table.name,
                                   .schema = definition.schema,
                                   .spec = definition.spec,
                                   .properties = definition.properties,
                                   .now_ms = clock_.wall_ms()}));
  return rows_[definition.table] = store(definition.table, "", std::move(metadata));
}

LoadedTable MemoryCatalog::store(const TableIdentifier& table, const std::string& before, iceberg::TableMetadata next) {
  const int32_t version = iceberg::metadata_file_version(before).value_or(-1) + 1;
  std::string location =
      next.location + "/metadata/" + iceberg::metadata_file_name(version, Uuid::random(random_).to_string());
  const Result<void> stored = store_.put(location, iceberg::table_metadata_to_json(next));
  WEIR_CHECK(stored.ok());
  return {.table = table,
          .metadata_location = std::move(location),
          .metadata = std::make_shared<const iceberg::TableMetadata>(std::move(next))};
}

Result<CommitOutcome> MemoryCatalog::commit(std::span<const TableChange> changes, std::string_view) {
  Reply reply = Reply::as_it_is;
  if (!replies.empty()) {
    reply = replies.front();
    replies.pop_front();
  }
  if (reply == Reply::error) return Error(ErrorKind::unavailable, "the catalog cannot be reached");
  if (changes.size() > 1 && !habits_.is_multi_table_atomic)
    return Error(ErrorKind::invalid_argument, "the catalog changes one table at a time");
  for (const TableChange& change : changes) {
    if (!rows_.contains(change.base.table)) return no_table(change.base.table);
  }
  std::vector<TableChange> request(changes.begin(), changes.end());
  if (reply == Reply::late || reply == Reply::again) late_.push_back(request);
  if (reply == Reply::late || reply == Reply::dropped) return CommitOutcome::unknown;
  const CommitOutcome outcome = apply(request);
  return reply == Reply::lost ? CommitOutcome::unknown : outcome;
}

CommitOutcome MemoryCatalog::apply(const std::vector<TableChange>& changes) {
  ++commits;
  last_changes = changes;
  std::map<TableIdentifier, LoadedTable> next;
  for (const TableChange& change : changes) {
    const auto row = rows_.find(change.base.table);
    if (row == rows_.end()) return CommitOutcome::refused;
    const LoadedTable& now = row->second;
    if (habits_.swaps_exact_base && now.metadata_location != change.base.metadata_location)
      return CommitOutcome::refused;
    if (!iceberg::check_requirements(change.requirements, now.metadata.get()).ok()) return CommitOutcome::refused;
    Result<iceberg::TableMetadata> made =
        iceberg::apply_updates(*now.metadata, now.metadata_location, change.updates, clock_.wall_ms());
    if (!made.ok()) return CommitOutcome::refused;  // a server's 400: a stale sequence number
    next[change.base.table] = store(change.base.table, now.metadata_location, *std::move(made));
  }
  for (auto& [table, loaded] : next) rows_[table] = std::move(loaded);
  return CommitOutcome::applied;
}

std::vector<CommitOutcome> MemoryCatalog::deliver_late() {
  std::vector<CommitOutcome> outcomes;
  std::vector<std::vector<TableChange>> requests = std::exchange(late_, {});
  for (size_t left = requests.size(); left > 1; --left)
    std::swap(requests[left - 1], requests[random_.next_u64() % left]);
  for (const std::vector<TableChange>& request : requests) outcomes.push_back(apply(request));
  return outcomes;
}

CatalogAbilities MemoryCatalog::abilities() const {
  return {.is_multi_table_atomic = habits_.is_multi_table_atomic,
          .swaps_exact_base = habits_.swaps_exact_base,
          .property_bytes_max = habits_.property_bytes_max};
}

Result<std::vector<TableIdentifier>> MemoryCatalog::list() {
  std::vector<TableIdentifier> tables;
  for (const auto& [table, loaded] : rows_) tables.push_back(table);
  return tables;
}

void MemoryCatalog::edit(const TableIdentifier& table, const std::function<void(iceberg::TableMetadata&)>& edit) {
  const LoadedTable& now = rows_.at(table);
  Result<iceberg::TableMetadata> next =
      iceberg::apply_updates(*now.metadata, now.metadata_location, {}, clock_.wall_ms());
  WEIR_CHECK(next.ok());
  edit(*next);
  rows_[table] = store(table, now.metadata_location, *std::move(next));
}

void MemoryCatalog::rename(const TableIdentifier& from, const TableIdentifier& to) {
  rows_[to] = rows_.at(from);
  rows_[to].table = to;
  rows_.erase(from);
}

}  // namespace weir::lake
