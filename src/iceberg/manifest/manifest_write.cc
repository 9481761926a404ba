#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "avro/recent.h"
#include "base/hash.h"
#include "iceberg/manifest/manifest_schema_internal.h"
#include "iceberg/manifest/manifest_stream.h"
#include "iceberg/metadata/json_internal.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

using avro::Encoder;

void encode_optional(Encoder& out, const std::optional<int64_t>& value) {
  out.branch(value ? 1 : 0);
  if (value) out.integer(*value);
}
void encode_optional(Encoder& out, const std::optional<std::string>& value) {
  out.branch(value ? 1 : 0);
  if (value) out.bytes(*value);
}

void encode_value(Encoder& out, int64_t value) {
  out.integer(value);
}
void encode_value(Encoder& out, const std::string& value) {
  out.bytes(value);
}

template <typename T>
void encode_map(Encoder& out, const std::optional<IdMap<T>>& map) {
  out.branch(map ? 1 : 0);
  if (!map) return;
  out.begin_block(map->size());
  for (const auto& [id, value] : *map) {
    out.integer(id);
    encode_value(out, value);
  }
  out.end_block();
}

/// An empty list is written as null: it means "unknown" and "none" for these fields.
template <typename T>
void encode_list(Encoder& out, const std::vector<T>& list) {
  out.branch(list.empty() ? 0 : 1);
  if (list.empty()) return;
  out.begin_block(list.size());
  for (const T value : list) out.integer(value);
  out.end_block();
}

void encode_decimal(Encoder& out, const Type& type, Int128 value) {
  const auto size = static_cast<size_t>(decimal_fixed_bytes(type.precision()));
  char bytes[16];
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(static_cast<UInt128>(value) >> (8 * (size - 1 - i)));
  out.fixed({bytes, size});
}

void encode_partition_value(Encoder& out, const Type& type, const Value& value) {
  out.branch(value.is_null() ? 0 : 1);
  if (value.is_null()) return;
  switch (type.kind()) {
    case TypeKind::boolean: out.boolean(value.as<bool>()); return;
    case TypeKind::int32:
    case TypeKind::date: out.integer(value.as<int32_t>()); return;
    case TypeKind::float32: out.float32(value.as<float>()); return;
    case TypeKind::float64: out.float64(value.as<double>()); return;
    case TypeKind::decimal: encode_decimal(out, type, value.as<Int128>()); return;
    case TypeKind::string:
    case TypeKind::binary: out.bytes(value.as<std::string>()); return;
    case TypeKind::uuid:
    case TypeKind::fixed: out.fixed(value.as<std::string>()); return;
    default: out.integer(value.as<int64_t>()); return;
  }
}

void encode_file(Encoder& out, const DataFile& file, const std::vector<Field>& partition) {
  out.integer(static_cast<int32_t>(file.content));
  out.bytes(file.path);
  out.bytes(file.format);
  for (size_t i = 0; i < partition.size(); ++i) encode_partition_value(out, *partition[i].type, file.partition[i]);
  out.integer(file.record_count);
  out.integer(file.size_bytes);
  encode_map(out, file.column_sizes);
  encode_map(out, file.value_counts);
  encode_map(out, file.null_value_counts);
  encode_map(out, file.nan_value_counts);
  encode_map(out, file.lower_bounds);
  encode_map(out, file.upper_bounds);
  encode_optional(out, file.key_metadata);
  encode_list(out, file.split_offsets);
  encode_list(out, file.equality_ids);
  encode_optional(out, file.sort_order_id ? std::optional<int64_t>(*file.sort_order_id) : std::nullopt);
  encode_optional(out, file.referenced_data_file);
}

Error refuse(const ManifestEntry& entry, std::string_view why) {
  return Error(ErrorKind::invalid_argument,
               "writing a manifest: the file '" + entry.file.path + "' " + std::string(why));
}

Result<void> check_entry(const ManifestEntry& entry, const std::vector<Field>& partition, int32_t spec_id,
                         ManifestContent content) {
  const DataFile& file = entry.file;
  if (file.path.empty()) return Error(ErrorKind::invalid_argument, "writing a manifest: a file has no path");
  if (file.spec_id != spec_id) return refuse(entry, "belongs to partition spec " + std::to_string(file.spec_id));
  if ((file.content == FileContent::data) != (content == ManifestContent::data))
    return refuse(entry, "has the wrong content for this manifest");
  if (file.partition.size() != partition.size()) return refuse(entry, "has a partition tuple of the wrong length");
  for (size_t i = 0; i < partition.size(); ++i) {
    if (!value_fits(*partition[i].type, file.partition[i]))
      return refuse(entry, "has a partition value that does not fit '" + partition[i].name + "'");
  }
  if (file.record_count < 0 || file.size_bytes < 0) return refuse(entry, "has a negative count or size");
  if (file.content_offset || file.content_size_bytes)
    return refuse(entry, "is a deletion vector, which needs format version 3");
  if (entry.status == EntryStatus::added) return {};
  if (!entry.snapshot_id || !entry.sequence_number || !entry.file_sequence_number) {
    return refuse(entry, "is not new and lacks its snapshot id or a sequence number");
  }
  return {};
}

/// Gathers what the manifest list says about partitions.
class SummaryBuilder {
 public:
  explicit SummaryBuilder(const std::vector<Field>& partition)
      : partition_(partition), ranges_(partition.size()), summaries_(partition.size()) {
    for (PartitionSummary& summary : summaries_) summary.contains_nan = false;
  }

  void add(const std::vector<Value>& tuple) {
    for (size_t i = 0; i < tuple.size(); ++i) {
      const Value& value = tuple[i];
      if (value.is_null()) {
        summaries_[i].contains_null = true;
      } else if (is_nan(value)) {
        summaries_[i].contains_nan = true;
      } else {
        widen(*partition_[i].type, value, ranges_[i]);
      }
    }
  }

  std::vector<PartitionSummary> finish() {
    for (size_t i = 0; i < summaries_.size(); ++i) {
      if (!ranges_[i].lower) continue;
      summaries_[i].lower_bound = value_to_bytes(*partition_[i].type, *ranges_[i].lower);
      summaries_[i].upper_bound = value_to_bytes(*partition_[i].type, *ranges_[i].upper);
    }
    return std::move(summaries_);
  }

 private:
  struct Range {
    std::optional<Value> lower;
    std::optional<Value> upper;
  };
  static void widen(const Type& type, const Value& value, Range& range) {
    if (!range.lower || std::is_lt(compare_values(type, value, *range.lower))) range.lower = value;
    if (!range.upper || std::is_gt(compare_values(type, value, *range.upper))) range.upper = value;
  }
  const std::vector<Field>& partition_;
  std::vector<Range> ranges_;
  std::vector<PartitionSummary> summaries_;
};

/// A set of texts by 128 bits of hash: of a million paths, two share them with a chance of 1 in 10^26.
class Fingerprints {
 public:
  /// False when it is there.
  bool insert(std::string_view text) { return seen_.insert({hash64(text, 1), hash64(text, 2)}).second; }
  int64_t memory_bytes() const {
    constexpr size_t kNodeBytes = 48;  // with what the allocator adds
    return static_cast<int64_t>(seen_.size() * kNodeBytes + seen_.bucket_count() * sizeof(void*));
  }

 private:
  using Fingerprint = std::pair<uint64_t, uint64_t>;
  struct Low {
    size_t operator()(const Fingerprint& fingerprint) const { return fingerprint.first; }
  };
  std::unordered_set<Fingerprint, Low> seen_;
};

void count_entry(const ManifestEntry& entry, ManifestFile& file) {
  const int64_t rows = entry.file.record_count;
  switch (entry.status) {
    case EntryStatus::added:
      ++*file.added_files;
      *file.added_rows += rows;
      break;
    case EntryStatus::existing:
      ++*file.existing_files;
      *file.existing_rows += rows;
      break;
    case EntryStatus::deleted:
      ++*file.deleted_files;
      *file.deleted_rows += rows;
      break;
  }
  if (entry.is_live() && entry.sequence_number) {
    file.min_sequence_number =
        std::min(file.min_sequence_number.value_or(*entry.sequence_number), *entry.sequence_number);
  }
}

/// The schema of manifest entries, as both formats write it.
struct EntrySchemas {
  std::string avro_json;
  std::string iceberg_json;
};

/// For a partition tuple. There are few of them, and a commit asks for the same ones each time.
Result<std::shared_ptr<const EntrySchemas>> entry_schemas(const std::vector<Field>& partition) {
  using Made = std::shared_ptr<const EntrySchemas>;
  static avro::Recent<Made> recent;
  std::string text;
  for (const Field& field : partition)
    text +=
        std::to_string(field.id) + " " + std::to_string(field.name.size()) + " " + field.name + field.type->to_string();
  return recent.get(text, [&]() -> Result<Made> {
    const std::vector<Field> fields = manifest_entry_fields(partition);
    EntrySchemas made{.avro_json = avro::to_json(*to_avro_record(fields, "manifest_entry")),
                      .iceberg_json = dump({{"type", "struct"}, {"schema-id", 0}, {"fields", fields_to_tree(fields)}})};
    return std::make_shared<const EntrySchemas>(std::move(made));
  });
}

}  // namespace

Result<ManifestFormat> ManifestFormat::make(const Schema& schema, std::string_view schema_json,
                                            const PartitionSpec& spec) {
  auto parts = std::make_shared<Parts>();
  parts->spec_id = spec.spec_id;
  parts->schema_id = schema.schema_id();
  WEIR_ASSIGN(parts->partition, iceberg::partition_fields(spec, schema));
  parts->table_schema_json = schema_json;
  parts->spec_fields_json = partition_fields_to_json(spec);
  WEIR_ASSIGN(const std::shared_ptr<const EntrySchemas> schemas, entry_schemas(parts->partition));
  parts->avro_schema_json = schemas->avro_json;
  parts->iceberg_schema_json = schemas->iceberg_json;
  ManifestFormat format;
  format.parts_ = std::move(parts);
  return format;
}

int32_t ManifestFormat::spec_id() const {
  return parts_->spec_id;
}
const std::vector<Field>& ManifestFormat::partition_fields() const {
  return parts_->partition;
}

struct ManifestWriter::State {
  State(const ManifestFormat& of, ManifestContent content, int64_t snapshot_id, avro::ContainerWriter container)
      : format(of), out(std::move(container)), summaries(of.parts().partition) {
    file = {.spec_id = of.spec_id(),
            .content = content,
            .added_snapshot_id = snapshot_id,
            .added_files = 0,
            .existing_files = 0,
            .deleted_files = 0,
            .added_rows = 0,
            .existing_rows = 0,
            .deleted_rows = 0};
  }

  ManifestFormat format;
  avro::ContainerWriter out;
  SummaryBuilder summaries;
  Fingerprints paths;
  ManifestFile file;
  int64_t entries = 0;
};

ManifestWriter::ManifestWriter(const ManifestFormat& format, ManifestContent content, int64_t snapshot_id,
                               avro::Codec codec) {
  const ManifestFormat::Parts& parts = format.parts();
  const std::string schema_id = std::to_string(parts.schema_id);
  const std::string spec_id = std::to_string(parts.spec_id);
  const std::pair<std::string_view, std::string_view> metadata[] = {
      {"schema", parts.table_schema_json},
      {"schema-id", schema_id},
      {"partition-spec", parts.spec_fields_json},
      {kSpecIdKey, spec_id},
      {"format-version", "2"},
      {"content", content == ManifestContent::data ? "data" : "deletes"},
      {"iceberg.schema", parts.iceberg_schema_json},
  };
  avro::ContainerWriter container(parts.avro_schema_json, metadata, codec, static_cast<uint64_t>(snapshot_id));
  state_ = std::make_unique<State>(format, content, snapshot_id, std::move(container));
}

ManifestWriter::ManifestWriter(ManifestWriter&&) noexcept = default;
ManifestWriter& ManifestWriter::operator=(ManifestWriter&&) noexcept = default;
ManifestWriter::~ManifestWriter() = default;

Result<void> ManifestWriter::add(const ManifestEntry& entry) {
  const ManifestFormat::Parts& parts = state_->format.parts();
  ManifestFile& file = state_->file;
  WEIR_TRY(check_entry(entry, parts.partition, parts.spec_id, file.content));
  if (file.content == ManifestContent::data && !state_->paths.insert(entry.file.path))
    return refuse(entry, "occurs twice");
  Encoder& out = state_->out.encoder();
  out.integer(static_cast<int32_t>(entry.status));
  encode_optional(out, std::optional<int64_t>(entry.snapshot_id.value_or(file.added_snapshot_id)));
  encode_optional(out, entry.sequence_number);
  encode_optional(out, entry.file_sequence_number);
  encode_file(out, entry.file, parts.partition);
  state_->out.end_value();
  ++state_->entries;
  count_entry(entry, file);
  state_->summaries.add(entry.file.partition);
  return {};
}

int64_t ManifestWriter::entries() const {
  return state_->entries;
}

int64_t ManifestWriter::memory_bytes() const {
  return state_->out.memory_bytes() + state_->paths.memory_bytes();
}

WrittenManifest ManifestWriter::finish() && {
  WrittenManifest written{.bytes = {}, .file = std::move(state_->file)};
  written.file.partitions = state_->summaries.finish();
  written.bytes = std::move(state_->out).finish();
  written.file.length_bytes = static_cast<int64_t>(written.bytes.size());
  return written;
}

Result<WrittenManifest> write_manifest(const ManifestFormat& format, ManifestContent content, int64_t snapshot_id,
                                       std::span<const ManifestEntry> entries, avro::Codec codec) {
  ManifestWriter writer(format, content, snapshot_id, codec);
  for (const ManifestEntry& entry : entries) WEIR_TRY(writer.add(entry));
  return std::move(writer).finish();
}

}  // namespace weir::iceberg
