#include <charconv>

#include "iceberg/metadata/json_internal.h"
#include "iceberg/metadata/table_metadata.h"

namespace weir::iceberg {
namespace {

/// Appends a JSON object or list piece by piece.
class JsonText {
 public:
  explicit JsonText(size_t size_hint) { text_.reserve(size_hint); }

  void open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  /// `name` needs no escapes.
  void key(std::string_view name) {
    separate();
    text_ += '"';
    text_ += name;
    text_ += "\":";
    first_ = true;
  }
  void raw(std::string_view json) {
    separate();
    text_ += json;
  }
  void number(int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    raw({digits, static_cast<size_t>(end - digits)});
  }
  void quoted(std::string_view value) {
    separate();
    append_quoted(value, text_);
  }
  void quoted_key(std::string_view name) {
    quoted(name);
    text_ += ':';
    first_ = true;
  }
  std::string release() { return std::move(text_); }

 private:
  void separate() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  std::string text_;
  bool first_ = true;
};

template <typename Stored>
void write_fragments(JsonText& out, std::string_view key, const std::vector<std::shared_ptr<const Stored>>& fragments) {
  out.key(key);
  out.open('[');
  for (const auto& fragment : fragments) out.raw(fragment->json);
  out.close(']');
}

void write_ref(JsonText& out, const std::string& name, const SnapshotRef& ref) {
  out.quoted_key(name);
  out.open('{');
  out.key("snapshot-id");
  out.number(ref.snapshot_id);
  out.key("type");
  out.raw(ref.kind == RefKind::branch ? "\"branch\"" : "\"tag\"");
  const auto write_optional = [&out](std::string_view key, const auto& value) {
    if (!value) return;
    out.key(key);
    out.number(*value);
  };
  write_optional("min-snapshots-to-keep", ref.min_snapshots_to_keep);
  write_optional("max-snapshot-age-ms", ref.max_snapshot_age_ms);
  write_optional("max-ref-age-ms", ref.max_ref_age_ms);
  out.close('}');
}

void write_snapshot_log(JsonText& out, const std::vector<SnapshotLogEntry>& log) {
  out.key("snapshot-log");
  out.open('[');
  for (const SnapshotLogEntry& entry : log) {
    out.open('{');
    out.key("timestamp-ms");
    out.number(entry.timestamp_ms);
    out.key("snapshot-id");
    out.number(entry.snapshot_id);
    out.close('}');
  }
  out.close(']');
}

void write_metadata_log(JsonText& out, const std::vector<MetadataLogEntry>& log) {
  out.key("metadata-log");
  out.open('[');
  for (const MetadataLogEntry& entry : log) {
    out.open('{');
    out.key("timestamp-ms");
    out.number(entry.timestamp_ms);
    out.key("metadata-file");
    out.quoted(entry.metadata_file);
    out.close('}');
  }
  out.close(']');
}

size_t estimate_size(const TableMetadata& metadata) {
  size_t size = 8192 + metadata.snapshot_log.size() * 72 + metadata.metadata_log.size() * 200;
  for (const auto& snapshot : metadata.snapshots) size += snapshot->json.size() + 1;
  for (const auto& schema : metadata.schemas) size += schema->json.size() + 1;
  for (const auto& [key, json] : metadata.other) size += key.size() + json.size() + 4;
  return size;
}

void write_numbers(JsonText& out, const TableMetadata& metadata) {
  out.key("format-version");
  out.number(metadata.format_version);
  if (!metadata.table_uuid.empty()) {
    out.key("table-uuid");
    out.quoted(metadata.table_uuid);
  }
  out.key("location");
  out.quoted(metadata.location);
  out.key("last-sequence-number");
  out.number(metadata.last_sequence_number);
  out.key("last-updated-ms");
  out.number(metadata.last_updated_ms);
  out.key("last-column-id");
  out.number(metadata.last_column_id);
}

}  // namespace

std::string table_metadata_to_json(const TableMetadata& metadata) {
  JsonText out(estimate_size(metadata));
  out.open('{');
  write_numbers(out, metadata);
  out.key("current-schema-id");
  out.number(metadata.current_schema_id);
  write_fragments(out, "schemas", metadata.schemas);
  out.key("default-spec-id");
  out.number(metadata.default_spec_id);
  write_fragments(out, "partition-specs", metadata.specs);
  out.key("last-partition-id");
  out.number(metadata.last_partition_id);
  out.key("default-sort-order-id");
  out.number(metadata.default_sort_order_id);
  write_fragments(out, "sort-orders", metadata.sort_orders);
  out.key("properties");
  out.open('{');
  for (const auto& [key, value] : metadata.properties) {
    out.quoted_key(key);
    out.quoted(value);
  }
  out.close('}');
  // -1 is what Java writes for "none" below version 3, so everybody reads it.
  if (metadata.current_snapshot_id || metadata.format_version < 3) {
    out.key("current-snapshot-id");
    out.number(metadata.current_snapshot_id.value_or(-1));
  }
  out.key("refs");
  out.open('{');
  for (const auto& [name, ref] : metadata.refs) write_ref(out, name, ref);
  out.close('}');
  write_fragments(out, "snapshots", metadata.snapshots);
  write_snapshot_log(out, metadata.snapshot_log);
  write_metadata_log(out, metadata.metadata_log);
  for (const auto& [key, json] : metadata.other) {
    out.quoted_key(key);
    out.raw(json);
  }
  out.close('}');
  return out.release();
}

}  // namespace weir::iceberg
