#include "iceberg/metadata/snapshot.h"

#include <charconv>

#include "base/bytes.h"
#include "iceberg/metadata/json_internal.h"

namespace weir::iceberg {
namespace {

/// A partition as bytes that are equal when the partitions are.
std::string partition_key(const DataFile& file) {
  ByteWriter key;
  key.fixed(file.spec_id);
  for (const Value& value : file.partition) {
    key.varint(value.payload.index());
    std::visit(
        [&key](const auto& held) {
          using T = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<T, std::string>) {
            key.string(held);
          } else if constexpr (!std::is_same_v<T, std::monostate>) {
            key.fixed(held);
          }
        },
        value.payload);
  }
  return std::move(key).release();
}

std::optional<int64_t> find_count(const StringMap& summary, std::string_view key) {
  const auto found = summary.find(key);
  if (found == summary.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void put_nonzero(StringMap& summary, std::string key, int64_t value) {
  if (value != 0) summary[std::move(key)] = std::to_string(value);
}

void put_total(StringMap& summary, const std::string& name, const Snapshot* parent, int64_t added, int64_t removed) {
  const std::string key = "total-" + name;
  const std::optional<int64_t> before = parent == nullptr ? 0 : find_count(parent->summary, key);
  int64_t total = 0;
  if (!before || __builtin_add_overflow(*before, added - removed, &total) || total < 0) return;
  summary[key] = std::to_string(total);
}

Result<void> read_summary(const Json& json, Snapshot& snapshot) {
  snapshot.operation.clear();
  const Json* summary = member(json, "summary");
  if (summary == nullptr) return {};
  if (!summary->is_object()) return bad_json("summary", "must be an object");
  for (const auto& [key, value] : summary->items()) {
    // The format has strings only, but numbers have been seen.
    std::string text = value.is_string() ? value.get<std::string>() : dump(value);
    if (key == "operation") {
      snapshot.operation = std::move(text);
    } else {
      snapshot.summary[key] = std::move(text);
    }
  }
  return {};
}

}  // namespace

std::string snapshot_to_json(const Snapshot& snapshot) {
  Json json = {{"snapshot-id", snapshot.id}};
  if (snapshot.parent_id) json["parent-snapshot-id"] = *snapshot.parent_id;
  json["sequence-number"] = snapshot.sequence_number;
  json["timestamp-ms"] = snapshot.timestamp_ms;
  json["manifest-list"] = snapshot.manifest_list;
  Json& summary = json["summary"] = Json::object();
  if (!snapshot.operation.empty()) summary["operation"] = snapshot.operation;
  for (const auto& [key, value] : snapshot.summary) summary[key] = value;
  if (snapshot.schema_id) json["schema-id"] = *snapshot.schema_id;
  return dump(json);
}

Result<Snapshot> snapshot_from_tree(const Json& json) {
  Snapshot snapshot;
  WEIR_ASSIGN(snapshot.id, get_int64(json, "snapshot-id"));
  WEIR_ASSIGN(snapshot.parent_id, find_int64(json, "parent-snapshot-id"));
  if (snapshot.parent_id == -1) snapshot.parent_id.reset();  // written by old versions for "none"
  WEIR_ASSIGN(const std::optional<int64_t> sequence, find_int64(json, "sequence-number"));
  snapshot.sequence_number = sequence.value_or(0);
  WEIR_ASSIGN(snapshot.timestamp_ms, get_int64(json, "timestamp-ms"));
  WEIR_ASSIGN(std::optional<std::string> list, find_string(json, "manifest-list"));
  snapshot.manifest_list = list.value_or("");
  WEIR_ASSIGN(snapshot.schema_id, find_int32(json, "schema-id"));
  WEIR_TRY(read_summary(json, snapshot));
  return snapshot;
}

Result<Snapshot> snapshot_from_json(std::string_view text) {
  WEIR_ASSIGN(const Json json, parse_json(text));
  return snapshot_from_tree(json);
}

void SummaryCounter::count(const DataFile& file, int direction) {
  Counts& counts = counts_[direction];
  counts.size_bytes += file.size_bytes;
  switch (file.content) {
    case FileContent::data:
      ++counts.data_files;
      counts.records += file.record_count;
      break;
    case FileContent::position_deletes:
      ++counts.delete_files;
      ++counts.position_delete_files;
      counts.position_deletes += file.record_count;
      break;
    case FileContent::equality_deletes:
      ++counts.delete_files;
      ++counts.equality_delete_files;
      counts.equality_deletes += file.record_count;
      break;
  }
  partitions_.insert(partition_key(file));
}

void SummaryCounter::merge(const SummaryCounter& other) {
  for (size_t direction = 0; direction < std::size(counts_); ++direction) {
    Counts& counts = counts_[direction];
    const Counts& more = other.counts_[direction];
    counts.data_files += more.data_files;
    counts.delete_files += more.delete_files;
    counts.position_delete_files += more.position_delete_files;
    counts.equality_delete_files += more.equality_delete_files;
    counts.records += more.records;
    counts.position_deletes += more.position_deletes;
    counts.equality_deletes += more.equality_deletes;
    counts.size_bytes += more.size_bytes;
  }
  partitions_.insert(other.partitions_.begin(), other.partitions_.end());
}

StringMap SummaryCounter::finish(const Snapshot* parent, StringMap extra) const {
  StringMap summary = std::move(extra);
  const Counts& added = counts_[0];
  const Counts& removed = counts_[1];
  put_nonzero(summary, "added-data-files", added.data_files);
  put_nonzero(summary, "deleted-data-files", removed.data_files);
  put_nonzero(summary, "added-records", added.records);
  put_nonzero(summary, "deleted-records", removed.records);
  put_nonzero(summary, "added-delete-files", added.delete_files);
  put_nonzero(summary, "removed-delete-files", removed.delete_files);
  put_nonzero(summary, "added-position-delete-files", added.position_delete_files);
  put_nonzero(summary, "removed-position-delete-files", removed.position_delete_files);
  put_nonzero(summary, "added-equality-delete-files", added.equality_delete_files);
  put_nonzero(summary, "removed-equality-delete-files", removed.equality_delete_files);
  put_nonzero(summary, "added-position-deletes", added.position_deletes);
  put_nonzero(summary, "removed-position-deletes", removed.position_deletes);
  put_nonzero(summary, "added-equality-deletes", added.equality_deletes);
  put_nonzero(summary, "removed-equality-deletes", removed.equality_deletes);
  put_nonzero(summary, "added-files-size", added.size_bytes);
  put_nonzero(summary, "removed-files-size", removed.size_bytes);
  summary["changed-partition-count"] = std::to_string(partitions_.size());
  put_total(summary, "data-files", parent, added.data_files, removed.data_files);
  put_total(summary, "delete-files", parent, added.delete_files, removed.delete_files);
  put_total(summary, "records", parent, added.records, removed.records);
  put_total(summary, "position-deletes", parent, added.position_deletes, removed.position_deletes);
  put_total(summary, "equality-deletes", parent, added.equality_deletes, removed.equality_deletes);
  put_total(summary, "files-size", parent, added.size_bytes, removed.size_bytes);
  return summary;
}

}  // namespace weir::iceberg
