#include <algorithm>
#include <charconv>

#include "avro/decoder.h"
#include "iceberg/manifest/manifest_schema_internal.h"
#include "iceberg/manifest/manifest_stream.h"
#include "iceberg/manifest/partition_tuple_internal.h"
#include "iceberg/manifest/record_plan_internal.h"

namespace weir::iceberg {
namespace {

constexpr size_t kReserveMax = 4096;  // counts are checked, but only against bytes

Error wrong_type(int32_t id) {
  return Error(ErrorKind::corrupt, "manifest: field " + std::to_string(id) + " has the wrong type");
}

bool is_list_of_integers(const avro::Schema& schema) {
  return schema.kind == avro::Kind::array && is_integer(schema.items());
}

/// Maps with int keys are lists of {key, value} records; the key comes first in all writers, and we insist.
bool is_id_map(const avro::Schema& schema, bool (*value_fits_kind)(const avro::Schema&)) {
  if (schema.kind != avro::Kind::array || schema.items().kind != avro::Kind::record) return false;
  const std::vector<avro::RecordField>& fields = schema.items().fields;
  return fields.size() == 2 && is_integer(*fields[0].schema) && value_fits_kind(*fields[1].schema);
}

/// True when the written schema of a field is one that read_file_field understands.
bool is_readable(int32_t id, const avro::Schema& schema) {
  switch (id) {
    case kStatus:
    case kSnapshotId:
    case kSequenceNumber:
    case kFileSequenceNumber:
    case kContent:
    case kRecordCount:
    case kFileSize:
    case kSortOrderId:
    case kFirstRowId:
    case kContentOffset:
    case kContentSize: return is_integer(schema);
    case kFilePath:
    case kFileFormat:
    case kKeyMetadata:
    case kReferencedDataFile: return is_text(schema);
    case kDataFile:
    case kPartition: return schema.kind == avro::Kind::record;
    case kColumnSizes:
    case kValueCounts:
    case kNullValueCounts:
    case kNanValueCounts: return is_id_map(schema, is_integer);
    case kLowerBounds:
    case kUpperBounds: return is_id_map(schema, is_text);
    case kSplitOffsets:
    case kEqualityIds: return is_list_of_integers(schema);
    default: return true;
  }
}

Result<std::vector<FieldPlan>> plan_checked(const avro::Schema& record, std::initializer_list<int32_t> required) {
  std::vector<FieldPlan> plan = plan_record(record);
  for (const FieldPlan& step : plan) {
    if (!is_readable(step.id, *step.value)) return wrong_type(step.id);
  }
  for (const int32_t id : required) {
    const auto matches = std::count_if(plan.begin(), plan.end(), [id](const FieldPlan& step) { return step.id == id; });
    if (matches != 1)
      return Error(ErrorKind::corrupt, "manifest: field " + std::to_string(id) + " is missing or there twice");
  }
  return plan;
}

int64_t read_map_value(avro::Decoder& in, int64_t) {
  return in.int64();
}
std::string read_map_value(avro::Decoder& in, const std::string&) {
  return std::string(in.bytes());
}

template <typename T>
void read_map(avro::Decoder& in, std::optional<IdMap<T>>& map) {
  std::vector<std::pair<int32_t, T>> entries;
  for (size_t count = in.block(); count != 0; count = in.block()) {
    entries.reserve(std::min<size_t>(entries.size() + count, kReserveMax));
    for (size_t i = 0; i < count && !in.failed(); ++i) {
      const int32_t id = in.int32();
      entries.emplace_back(id, read_map_value(in, T()));
    }
  }
  map = IdMap<T>::from_entries(std::move(entries));
}

template <typename T>
void read_list(avro::Decoder& in, std::vector<T>& list) {
  for (size_t count = in.block(); count != 0; count = in.block()) {
    for (size_t i = 0; i < count && !in.failed(); ++i)
      list.push_back(static_cast<T>(sizeof(T) == 4 ? in.int32() : in.int64()));
  }
}

FileContent read_content(avro::Decoder& in) {
  const int32_t content = in.int32();
  if (content < 0 || content > 2) in.fail();
  return static_cast<FileContent>(content);
}

/// Reads entries of one manifest.
class EntryReader {
 public:
  static Result<EntryReader> make(const avro::Schema& entry, const ReadManifestOptions& options) {
    EntryReader reader;
    reader.with_metrics_ = options.with_metrics;
    if (entry.kind != avro::Kind::record) return Error(ErrorKind::corrupt, "manifest: an entry is not a record");
    WEIR_ASSIGN(reader.entry_, plan_checked(entry, {kStatus, kDataFile}));
    for (const FieldPlan& step : reader.entry_) {
      if (step.id != kDataFile) continue;
      WEIR_ASSIGN(reader.file_,
                  plan_checked(*step.value, {kFilePath, kFileFormat, kPartition, kRecordCount, kFileSize}));
    }
    for (const FieldPlan& step : reader.file_) {
      if (step.id != kPartition) continue;
      WEIR_ASSIGN(reader.partition_, PartitionTupleReader::make(*step.value, options.partition_fields));
    }
    return reader;
  }

  void read(avro::Decoder& in, ManifestEntry& entry) const {
    for (const FieldPlan& step : entry_) {
      if (!has_value(in, step)) continue;
      switch (step.id) {
        case kStatus: read_status(in, entry); break;
        case kSnapshotId: entry.snapshot_id = in.int64(); break;
        case kSequenceNumber: entry.sequence_number = in.int64(); break;
        case kFileSequenceNumber: entry.file_sequence_number = in.int64(); break;
        case kDataFile: read_file(in, entry.file); break;
        default: in.skip(*step.value); break;
      }
    }
  }

 private:
  static void read_status(avro::Decoder& in, ManifestEntry& entry) {
    const int32_t status = in.int32();
    if (status < 0 || status > 2) in.fail();
    entry.status = static_cast<EntryStatus>(status);
  }

  void read_file(avro::Decoder& in, DataFile& file) const {
    for (const FieldPlan& step : file_) {
      if (!has_value(in, step)) continue;
      if (!read_fact(in, step, file) && !(with_metrics_ && read_metric(in, step, file))) in.skip(*step.value);
    }
    if (file.record_count < 0 || file.size_bytes < 0) in.fail();
  }

  bool read_fact(avro::Decoder& in, const FieldPlan& step, DataFile& file) const {
    switch (step.id) {
      case kContent: file.content = read_content(in); return true;
      case kFilePath: file.path = in.bytes(); return true;
      case kFileFormat: file.format = in.bytes(); return true;
      case kPartition: partition_.read(in, file.partition); return true;
      case kRecordCount: file.record_count = in.int64(); return true;
      case kFileSize: file.size_bytes = in.int64(); return true;
      case kKeyMetadata: file.key_metadata = std::string(in.bytes()); return true;
      case kSplitOffsets: read_list(in, file.split_offsets); return true;
      case kEqualityIds: read_list(in, file.equality_ids); return true;
      case kSortOrderId: file.sort_order_id = in.int32(); return true;
      case kFirstRowId: file.first_row_id = in.int64(); return true;
      case kReferencedDataFile: file.referenced_data_file = std::string(in.bytes()); return true;
      case kContentOffset: file.content_offset = in.int64(); return true;
      case kContentSize: file.content_size_bytes = in.int64(); return true;
      default: return false;
    }
  }

  static bool read_metric(avro::Decoder& in, const FieldPlan& step, DataFile& file) {
    switch (step.id) {
      case kColumnSizes: read_map(in, file.column_sizes); return true;
      case kValueCounts: read_map(in, file.value_counts); return true;
      case kNullValueCounts: read_map(in, file.null_value_counts); return true;
      case kNanValueCounts: read_map(in, file.nan_value_counts); return true;
      case kLowerBounds: read_map(in, file.lower_bounds); return true;
      case kUpperBounds: read_map(in, file.upper_bounds); return true;
      default: return false;
    }
  }

  std::vector<FieldPlan> entry_;
  std::vector<FieldPlan> file_;
  PartitionTupleReader partition_;
  bool with_metrics_ = true;
};

/// Fills in what an entry takes from its manifest (specification, "Sequence Number Inheritance" and "First Row ID").
void inherit(const ManifestFile& file, ManifestEntry& entry) {
  entry.file.spec_id = file.spec_id;
  if (!entry.snapshot_id) entry.snapshot_id = file.added_snapshot_id;
  const bool may_inherit = entry.status == EntryStatus::added || file.sequence_number == 0;
  if (!may_inherit) return;
  if (!entry.sequence_number) entry.sequence_number = file.sequence_number;
  if (!entry.file_sequence_number) entry.file_sequence_number = file.sequence_number;
}

}  // namespace

struct ManifestReader::State {
  State(avro::ContainerReader from, EntryReader entries, ManifestFile of, int64_t most)
      : container(std::move(from)), reader(std::move(entries)), file(std::move(of)), entries_max(most) {}

  avro::ContainerReader container;
  EntryReader reader;
  ManifestFile file;
  int64_t entries_max;
  avro::Decoder in{{}};
  int64_t left_in_block = 0;
  int64_t read = 0;
};

ManifestReader::ManifestReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ManifestReader::ManifestReader(ManifestReader&&) noexcept = default;
ManifestReader& ManifestReader::operator=(ManifestReader&&) noexcept = default;
ManifestReader::~ManifestReader() = default;

Result<ManifestReader> ManifestReader::open(std::string_view bytes, const ManifestFile& file,
                                            const ReadManifestOptions& options) {
  WEIR_ASSIGN(avro::ContainerReader container, avro::ContainerReader::open(bytes, options.limits));
  WEIR_ASSIGN(EntryReader reader, EntryReader::make(container.schema(), options));
  return ManifestReader(std::make_unique<State>(std::move(container), std::move(reader), file, options.entries_max));
}

std::optional<int32_t> ManifestReader::header_spec_id() const {
  const std::string* text = state_->container.metadata(kSpecIdKey);
  int32_t id = 0;
  if (text == nullptr || text->empty()) return std::nullopt;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, id);
  return error == std::errc() && rest == end ? std::optional(id) : std::nullopt;
}

Result<bool> ManifestReader::next(ManifestEntry& entry) {
  State& state = *state_;
  while (state.left_in_block == 0) {
    if (state.in.remaining() != 0) return Error(ErrorKind::corrupt, "manifest: a block has bytes after its last entry");
    avro::Block block;
    WEIR_ASSIGN(const bool more, state.container.next_block(block));
    if (!more) return false;
    if (block.count > state.entries_max - state.read) {
      return Error(ErrorKind::limit_exceeded, "manifest: more than " + std::to_string(state.entries_max) + " entries");
    }
    state.in = avro::Decoder(block.payload);
    state.left_in_block = block.count;
  }
  entry = {};
  state.reader.read(state.in, entry);
  --state.left_in_block;
  ++state.read;
  if (state.in.failed())
    return Error(ErrorKind::corrupt, "manifest: entry " + std::to_string(state.read) + " is damaged");
  inherit(state.file, entry);
  return true;
}

Result<std::vector<ManifestEntry>> read_manifest(std::string_view bytes, const ManifestFile& file,
                                                 const ReadManifestOptions& options) {
  WEIR_ASSIGN(ManifestReader reader, ManifestReader::open(bytes, file, options));
  std::vector<ManifestEntry> entries;
  ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, reader.next(entry));
    if (!more) return entries;
    entries.push_back(std::move(entry));
  }
}

}  // namespace weir::iceberg
