#include <algorithm>
#include <set>

#include "base/civil_time.h"
#include "codec/header_columns_internal.h"
#include "codec/row_columns_internal.h"
#include "codec/utf8.h"

namespace weir::codec {
namespace {

constexpr size_t kColumnBytesMax = size_t{1} << 30;  // offsets of a column are 32-bit

bool fits(ColumnOrigin origin, TypeKind kind) {
  switch (origin) {
    case ColumnOrigin::topic: return kind == TypeKind::string;
    case ColumnOrigin::partition: return kind == TypeKind::int32;
    case ColumnOrigin::offset: return kind == TypeKind::int64;
    case ColumnOrigin::timestamp: return kind == TypeKind::timestamptz;
    case ColumnOrigin::key: return kind == TypeKind::string || kind == TypeKind::binary;
    case ColumnOrigin::line: return kind == TypeKind::int64;
    default: return true;
  }
}

bool is_of_headers(ColumnOrigin origin) {
  return origin == ColumnOrigin::headers || origin == ColumnOrigin::header;
}

std::string_view wanted_type(ColumnOrigin origin) {
  switch (origin) {
    case ColumnOrigin::topic: return "the topic or file is a string";
    case ColumnOrigin::partition: return "the partition is an int";
    case ColumnOrigin::offset: return "the offset is a long";
    case ColumnOrigin::timestamp: return "the event's timestamp is a timestamptz";
    case ColumnOrigin::line: return "the line is a long";
    case ColumnOrigin::headers: return "headers are a map of string to string or binary";
    case ColumnOrigin::header: return "a header is a string or binary";
    default: return "the key is a string or binary";
  }
}

}  // namespace

Result<std::unique_ptr<RowColumns>> RowColumns::make(const DecoderSpec& spec) {
  if (!spec.formats.empty() && spec.formats.size() != spec.schema->size()) {
    return Error(ErrorKind::invalid_argument, std::to_string(spec.formats.size()) + " formats for " +
                                                  std::to_string(spec.schema->size()) + " columns");
  }
  if (spec.limits.depth < 1 || spec.limits.depth > kDecodeDepthMax) {
    return Error(ErrorKind::invalid_argument, "the depth limit must be 1 to " + std::to_string(kDecodeDepthMax));
  }
  auto columns = std::make_unique<RowColumns>();
  columns->schema_ = spec.schema;
  columns->root_.op = ValueOp::structure;
  const TextFormat plain;
  for (size_t i = 0; i < spec.schema->size(); ++i) {
    const TextFormat& format = spec.formats.empty() ? plain : spec.formats[i];
    WEIR_TRY(columns->add_column(i, format));
  }
  finish_plan(columns->root_);
  return columns;
}

Result<void> RowColumns::add_column(size_t i, const TextFormat& format) {
  const Field& field = schema_->field(i);
  builders_.push_back(make_column_builder(field.type));
  if (format.origin == ColumnOrigin::value) {
    WEIR_ASSIGN(ColumnNode node, compile_column(field, format, *builders_.back()));
    if (node.default_value) default_bytes_max_ = std::max(default_bytes_max_, node.default_value->memory_bytes());
    value_builders_.push_back(builders_.back().get());
    const std::string& name = format.source_name.empty() ? field.name : format.source_name;
    const std::vector<PathStep> path = format.path.empty() ? std::vector<PathStep>{{.name = name}} : format.path;
    if (auto inserted = insert_at(root_, path, std::move(node)); !inserted.ok())
      return std::move(inserted).error().with_context("column '" + field.name + "'");
    return {};
  }
  if (format.origin == ColumnOrigin::unknown) {
    if (field.type->kind() != TypeKind::string || !format.raw_json || field.required || root_.builder != nullptr)
      return Error(ErrorKind::invalid_argument,
                   "column '" + field.name + "': one optional column of the type json takes the unknown fields");
    root_.builder = builders_.back().get();
    value_builders_.push_back(root_.builder);
    return {};
  }
  if (!fits(format.origin, field.type->kind()) ||
      (is_of_headers(format.origin) && !fits_headers(format.origin, *field.type))) {
    return Error(ErrorKind::invalid_argument, "column '" + field.name + "' is " + field.type->to_string() + ", but " +
                                                  std::string(wanted_type(format.origin)));
  }
  metadata_.push_back({i, format.origin, format.source_name});
  return {};
}

Result<void> RowColumns::begin(const RawBatch& raw) {
  size_t topic_bytes_max = 0;
  for (const SplitPtr& split : raw.splits()) topic_bytes_max = std::max(topic_bytes_max, split->topic.size());
  const size_t bytes_max =
      std::max(raw.payload_bytes() + raw.size() * default_bytes_max_, raw.size() * topic_bytes_max);
  if (bytes_max > kColumnBytesMax) {
    return Error(ErrorKind::limit_exceeded, "a batch of " + std::to_string(raw.size()) + " events may need " +
                                                std::to_string(bytes_max) +
                                                " bytes in one column; read smaller batches");
  }
  accepted_.clear();
  accepted_.reserve(raw.size());
  rejects_.clear();
  return {};
}

bool RowColumns::check_event(const RawBatch& raw, size_t i, size_t event_bytes_max) {
  if (raw.is_null(i)) [[unlikely]]
    return failure_.fail(RejectClass::null_value, "the message has no value (tombstone)");
  if (raw.is_broken(i)) [[unlikely]]
    return failure_.fail(raw.offset(i) == kNoOffset ? RejectClass::bad_file : RejectClass::malformed,
                         std::string(raw.fault(i)));
  if (raw.is_truncated(i) || raw.bytes(i).size() > event_bytes_max) [[unlikely]] {
    return failure_.fail(RejectClass::too_large,
                         "the event is longer than the limit of " + std::to_string(event_bytes_max) + " bytes");
  }
  return metadata_.empty() || check_metadata(raw, i);
}

bool RowColumns::check_metadata(const RawBatch& raw, size_t i) {
  for (const MetadataColumn& metadata : metadata_) {
    if (!check_metadata(raw, i, metadata)) return failure_.inside(schema_->field(metadata.column).name);
  }
  return true;
}

bool RowColumns::check_metadata(const RawBatch& raw, size_t i, const MetadataColumn& metadata) {
  const Field& field = schema_->field(metadata.column);
  if (metadata.origin == ColumnOrigin::timestamp) {
    const int64_t ms = raw.timestamp_ms(i);
    if (ms == kNoTimestamp)
      return !field.required || failure_.fail(RejectClass::missing_required, "the event has no timestamp");
    if (is_storable_ms(ms)) return true;
    return failure_.fail(RejectClass::out_of_range,
                         "the event's timestamp of " + std::to_string(ms) + " ms is outside the years 1 to 9999");
  }
  if (metadata.origin == ColumnOrigin::line) {
    return !field.required || raw.line(i) != 0 ||
           failure_.fail(RejectClass::missing_required, "the event is in no line of a file");
  }
  if (is_of_headers(metadata.origin))
    return check_headers(metadata.origin, field, metadata.header, raw.headers(i), failure_);
  if (metadata.origin != ColumnOrigin::key) return true;
  if (!raw.has_key(i)) return !field.required || failure_.fail(RejectClass::missing_required, "the event has no key");
  if (field.type->kind() == TypeKind::binary || is_utf8(raw.key(i))) return true;
  return failure_.fail(RejectClass::invalid_utf8, "the key '" + excerpt(raw.key(i)) + "' is not UTF-8");
}

void RowColumns::cut_row() {
  const auto rows = static_cast<int64_t>(accepted_.size());
  for (ColumnBuilder* builder : value_builders_) builder->truncate(rows);
}

void RowColumns::reject(size_t i) {
  cut_row();
  rejects_.push_back(failure_.take(static_cast<uint32_t>(i)));
}

void RowColumns::fill(const MetadataColumn& metadata, const RawBatch& raw) {
  ColumnBuilder& builder = *builders_[metadata.column];
  for (const uint32_t i : accepted_) {
    switch (metadata.origin) {
      case ColumnOrigin::topic: static_cast<BytesBuilder&>(builder).append(raw.split(i).topic); break;
      case ColumnOrigin::partition: static_cast<FixedBuilder<int32_t>&>(builder).append(raw.split(i).partition); break;
      case ColumnOrigin::offset: static_cast<FixedBuilder<int64_t>&>(builder).append(raw.offset(i)); break;
      case ColumnOrigin::timestamp:
        if (raw.timestamp_ms(i) == kNoTimestamp) {
          builder.append_null();
        } else {
          static_cast<FixedBuilder<int64_t>&>(builder).append(raw.timestamp_ms(i) * kMicrosPerMilli);
        }
        break;
      case ColumnOrigin::key:
        if (raw.has_key(i)) {
          static_cast<BytesBuilder&>(builder).append(raw.key(i));
        } else {
          builder.append_null();
        }
        break;
      case ColumnOrigin::line:
        if (raw.line(i) == 0) {
          builder.append_null();
        } else {
          static_cast<FixedBuilder<int64_t>&>(builder).append(raw.line(i));
        }
        break;
      case ColumnOrigin::headers:
      case ColumnOrigin::header: append_headers(metadata.origin, metadata.header, raw.headers(i), builder); break;
      case ColumnOrigin::unknown:
      case ColumnOrigin::value: break;
    }
  }
}

Result<Decoded> RowColumns::finish(std::shared_ptr<const RawBatch> raw) {
  for (const MetadataColumn& metadata : metadata_) fill(metadata, *raw);
  auto origins = std::make_shared<RowOrigins>();
  origins->offset.reserve(accepted_.size());
  for (const uint32_t i : accepted_) {
    origins->offset.push_back(raw->offset(i));
    origins->add_to_run(raw->splits()[raw->split_index(i)]);
  }
  const auto rows = static_cast<int64_t>(accepted_.size());
  origins->raw_index = std::move(accepted_);
  accepted_ = {};
  std::vector<ColumnPtr> columns;
  columns.reserve(builders_.size());
  for (const auto& builder : builders_) {
    WEIR_CHECK(builder->length() == rows);
    columns.push_back(builder->finish());
  }
  Decoded decoded;
  decoded.batch = Batch(schema_, std::move(columns), rows, std::move(origins), std::move(raw));
  decoded.rejects = std::exchange(rejects_, {});
  return decoded;
}

}  // namespace weir::codec
