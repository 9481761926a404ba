#include <algorithm>

#include "avro/decoder.h"
#include "iceberg/manifest/manifest_avro.h"
#include "iceberg/manifest/manifest_schema_internal.h"
#include "iceberg/manifest/record_plan_internal.h"
#include "iceberg/metadata/json_internal.h"

namespace weir::iceberg {
namespace {

using avro::Encoder;

constexpr size_t kManifestsMax = 1'000'000;
constexpr size_t kSummariesMax = 10'000;

struct ListSchemas {
  std::string avro_json;
  std::string iceberg_json;
};

const ListSchemas& list_schemas() {
  static const ListSchemas kSchemas = {
      .avro_json = avro::to_json(*to_avro_record(manifest_file_fields(), "manifest_file")),
      .iceberg_json = dump({{"type", "struct"}, {"schema-id", 0}, {"fields", fields_to_tree(manifest_file_fields())}}),
  };
  return kSchemas;
}

void encode_optional_bytes(Encoder& out, const std::optional<std::string>& value) {
  out.branch(value ? 1 : 0);
  if (value) out.bytes(*value);
}

void encode_summaries(Encoder& out, const std::vector<PartitionSummary>& summaries) {
  out.branch(1);  // never null: Redshift cannot read a list that is
  out.begin_block(summaries.size());
  for (const PartitionSummary& summary : summaries) {
    out.boolean(summary.contains_null);
    out.branch(summary.contains_nan ? 1 : 0);
    if (summary.contains_nan) out.boolean(*summary.contains_nan);
    encode_optional_bytes(out, summary.lower_bound);
    encode_optional_bytes(out, summary.upper_bound);
  }
  out.end_block();
}

Result<void> encode_manifest(Encoder& out, const ManifestListHeader& header, const ManifestFile& file) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorKind::invalid_argument,
                 "writing a manifest list: the manifest '" + file.path + "' " + std::string(why));
  };
  if (file.path.empty() || file.length_bytes <= 0) return refuse("has no path or no length");
  if (!file.sequence_number && file.added_snapshot_id != header.snapshot_id)
    return refuse("of another snapshot has no sequence number");
  out.bytes(file.path);
  out.integer(file.length_bytes);
  out.integer(file.spec_id);
  out.integer(static_cast<int32_t>(file.content));
  const int64_t sequence = file.sequence_number.value_or(header.sequence_number);
  out.integer(sequence);
  out.integer(file.min_sequence_number.value_or(sequence));
  out.integer(file.added_snapshot_id);
  for (const std::optional<int32_t>& count : {file.added_files, file.existing_files, file.deleted_files}) {
    if (!count) return refuse("lacks a count of files");
    out.integer(*count);
  }
  for (const std::optional<int64_t>& count : {file.added_rows, file.existing_rows, file.deleted_rows}) {
    if (!count) return refuse("lacks a count of rows");
    out.integer(*count);
  }
  static const std::vector<PartitionSummary> kNone;
  encode_summaries(out, file.partitions ? *file.partitions : kNone);
  encode_optional_bytes(out, file.key_metadata);
  return {};
}

bool is_list_of_records(const avro::Schema& schema) {
  return schema.kind == avro::Kind::array && schema.items().kind == avro::Kind::record;
}

/// Reads lines of a manifest list.
class ListReader {
 public:
  static Result<ListReader> make(const avro::Schema& record) {
    if (record.kind != avro::Kind::record) return Error(ErrorKind::corrupt, "manifest list: a line is not a record");
    ListReader reader;
    reader.plan_ = plan_record(record);
    for (const FieldPlan& step : reader.plan_) {
      if (!step_is_readable(step))
        return Error(ErrorKind::corrupt, "manifest list: field " + std::to_string(step.id) + " has the wrong type");
      if (step.id == kPartitions) reader.summary_ = plan_record(step.value->items());
    }
    for (const FieldPlan& step : reader.summary_) {
      const bool is_flag = step.id == kContainsNull || step.id == kContainsNan;
      const bool is_bound = step.id == kSummaryLower || step.id == kSummaryUpper;
      if ((is_flag && step.value->kind != avro::Kind::boolean) || (is_bound && !is_text(*step.value))) {
        return Error(ErrorKind::corrupt, "manifest list: field " + std::to_string(step.id) + " has the wrong type");
      }
    }
    for (const int32_t id : {kManifestPath, kManifestLength, kManifestSpecId, kAddedSnapshotId}) {
      const auto matches = std::count_if(reader.plan_.begin(), reader.plan_.end(),
                                         [id](const FieldPlan& step) { return step.id == id; });
      if (matches != 1)
        return Error(ErrorKind::corrupt, "manifest list: field " + std::to_string(id) + " is missing or there twice");
    }
    return reader;
  }

  void read(avro::Decoder& in, ManifestFile& file) const {
    for (const FieldPlan& step : plan_) {
      if (!has_value(in, step)) continue;
      if (!read_fact(in, step, file) && !read_count(in, step, file)) in.skip(*step.value);
    }
    if (file.length_bytes < 0) in.fail();
  }

 private:
  static bool step_is_readable(const FieldPlan& step) {
    switch (step.id) {
      case kManifestPath:
      case kManifestKeyMetadata: return is_text(*step.value);
      case kPartitions: return is_list_of_records(*step.value);
      default:
        return step.id < kManifestPath || step.id > kManifestFirstRowId ||
               (step.id > kPartitions && step.id < kAddedRows) || step.id == kContainsNan || is_integer(*step.value);
    }
  }

  bool read_fact(avro::Decoder& in, const FieldPlan& step, ManifestFile& file) const {
    switch (step.id) {
      case kManifestPath: file.path = in.bytes(); return true;
      case kManifestLength: file.length_bytes = in.int64(); return true;
      case kManifestSpecId: file.spec_id = in.int32(); return true;
      case kManifestContent: {
        const int32_t content = in.int32();
        if (content < 0 || content > 1) in.fail();
        file.content = static_cast<ManifestContent>(content);
        return true;
      }
      case kManifestSequence: file.sequence_number = in.int64(); return true;
      case kMinSequence: file.min_sequence_number = in.int64(); return true;
      case kAddedSnapshotId: file.added_snapshot_id = in.int64(); return true;
      case kPartitions: read_summaries(in, file.partitions.emplace()); return true;
      case kManifestKeyMetadata: file.key_metadata = std::string(in.bytes()); return true;
      case kManifestFirstRowId: file.first_row_id = in.int64(); return true;
      default: return false;
    }
  }

  static bool read_count(avro::Decoder& in, const FieldPlan& step, ManifestFile& file) {
    switch (step.id) {
      case kAddedFiles: file.added_files = in.int32(); return true;
      case kExistingFiles: file.existing_files = in.int32(); return true;
      case kDeletedFiles: file.deleted_files = in.int32(); return true;
      case kAddedRows: file.added_rows = in.int64(); return true;
      case kExistingRows: file.existing_rows = in.int64(); return true;
      case kDeletedRows: file.deleted_rows = in.int64(); return true;
      default: return false;
    }
  }

  void read_summaries(avro::Decoder& in, std::vector<PartitionSummary>& summaries) const {
    for (size_t count = in.block(); count != 0; count = in.block()) {
      if (summaries.size() + count > kSummariesMax) return in.fail();
      for (size_t i = 0; i < count && !in.failed(); ++i) read_summary(in, summaries.emplace_back());
    }
  }

  void read_summary(avro::Decoder& in, PartitionSummary& summary) const {
    for (const FieldPlan& step : summary_) {
      if (!has_value(in, step)) continue;
      switch (step.id) {
        case kContainsNull: summary.contains_null = in.boolean(); break;
        case kContainsNan: summary.contains_nan = in.boolean(); break;
        case kSummaryLower: summary.lower_bound = std::string(in.bytes()); break;
        case kSummaryUpper: summary.upper_bound = std::string(in.bytes()); break;
        default: in.skip(*step.value); break;
      }
    }
  }

  std::vector<FieldPlan> plan_;
  std::vector<FieldPlan> summary_;
};

}  // namespace

Result<std::string> write_manifest_list(const ManifestListHeader& header, std::span<const ManifestFile> manifests,
                                        avro::Codec codec) {
  const std::string snapshot_id = std::to_string(header.snapshot_id);
  const std::string parent = header.parent_snapshot_id ? std::to_string(*header.parent_snapshot_id) : "null";
  const std::string sequence = std::to_string(header.sequence_number);
  const std::pair<std::string_view, std::string_view> metadata[] = {
      {"format-version", "2"},
      {"snapshot-id", snapshot_id},
      {"parent-snapshot-id", parent},
      {"sequence-number", sequence},
      {"iceberg.schema", list_schemas().iceberg_json},
  };
  avro::ContainerWriter writer(list_schemas().avro_json, metadata, codec);
  for (const ManifestFile& file : manifests) {
    WEIR_TRY(encode_manifest(writer.encoder(), header, file));
    writer.end_value();
  }
  return std::move(writer).finish();
}

Result<std::vector<ManifestFile>> read_manifest_list(std::string_view bytes, const avro::ContainerLimits& limits) {
  WEIR_ASSIGN(avro::ContainerReader container, avro::ContainerReader::open(bytes, limits));
  WEIR_ASSIGN(const ListReader reader, ListReader::make(container.schema()));
  std::vector<ManifestFile> files;
  avro::Block block;
  while (true) {
    WEIR_ASSIGN(const bool more, container.next_block(block));
    if (!more) return files;
    if (static_cast<size_t>(block.count) > kManifestsMax - files.size()) {
      return Error(ErrorKind::limit_exceeded,
                   "manifest list: more than " + std::to_string(kManifestsMax) + " manifests");
    }
    avro::Decoder in(block.payload);
    for (int64_t i = 0; i < block.count; ++i) {
      ManifestFile& file = files.emplace_back();
      reader.read(in, file);
      if (in.failed())
        return Error(ErrorKind::corrupt, "manifest list: line " + std::to_string(files.size()) + " is damaged");
      if (!file.sequence_number) file.sequence_number = 0;
      if (!file.min_sequence_number) file.min_sequence_number = 0;
    }
    if (in.remaining() != 0) return Error(ErrorKind::corrupt, "manifest list: a block has bytes after its last line");
  }
}

}  // namespace weir::iceberg
