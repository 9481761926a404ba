#include <cstdio>

#include "iceberg/manifest/manifest_schema_internal.h"

namespace weir::iceberg {
namespace {

TypePtr of(TypeKind kind) {
  return Type::primitive(kind);
}

Field required(int32_t id, std::string name, TypePtr type) {
  return {.id = id, .name = std::move(name), .required = true, .type = std::move(type)};
}
Field optional(int32_t id, std::string name, TypePtr type) {
  return {.id = id, .name = std::move(name), .required = false, .type = std::move(type)};
}

TypePtr map_of(int32_t key_id, int32_t value_id, TypeKind value) {
  return Type::map(required(key_id, "key", of(TypeKind::int32)), required(value_id, "value", of(value)));
}
TypePtr list_of(int32_t element_id, TypePtr element) {
  return Type::list(required(element_id, "element", std::move(element)));
}

bool is_name_start(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}

/// Decodes one code point of UTF-8 and removes it from `text`; a byte that is no UTF-8 counts as one.
uint32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (size > text.size()) {
    text.remove_prefix(1);
    return lead;
  }
  uint32_t value = size == 1 ? lead : lead & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  text.remove_prefix(size);
  return value;
}

void append_unit(uint32_t unit, std::string& out) {
  char text[16];
  const int size = std::snprintf(text, sizeof text, "_x%X", unit);
  out.append(text, static_cast<size_t>(size));
}

/// Makes a name that Avro allows: each other UTF-16 unit as _x<HEX>, and '_' before a digit at the front.
std::string avro_name(std::string_view name) {
  std::string valid;
  for (std::string_view rest = name; !rest.empty();) {
    const auto c = static_cast<unsigned char>(rest.front());
    if (is_name_start(c) || is_digit(c)) {
      if (valid.empty() && is_digit(c)) valid += '_';
      valid += static_cast<char>(c);
      rest.remove_prefix(1);
      continue;
    }
    const uint32_t point = take_code_point(rest);
    if (point < 0x10000) {
      append_unit(point, valid);
    } else {
      append_unit(0xd800 + ((point - 0x10000) >> 10), valid);
      append_unit(0xdc00 + ((point - 0x10000) & 0x3ff), valid);
    }
  }
  return valid.empty() ? "_" : valid;
}

avro::SchemaPtr node(avro::Schema schema) {
  return std::make_shared<const avro::Schema>(std::move(schema));
}

avro::SchemaPtr to_avro(const Field& field);

avro::SchemaPtr map_to_avro(const Type& type) {
  const std::string name = "k" + std::to_string(type.key().id) + "_v" + std::to_string(type.value().id);
  return node({.kind = avro::Kind::array,
               .children = {to_avro_record({type.key(), type.value()}, name)},
               .logical_type = "map"});
}

avro::SchemaPtr fixed_to_avro(std::string name, int32_t size_bytes, std::string logical_type) {
  return node({.kind = avro::Kind::fixed,
               .name = std::move(name),
               .size_bytes = size_bytes,
               .logical_type = std::move(logical_type)});
}

avro::SchemaPtr decimal_to_avro(const Type& type) {
  return node({.kind = avro::Kind::fixed,
               .name = "decimal_" + std::to_string(type.precision()) + "_" + std::to_string(type.scale()),
               .size_bytes = decimal_fixed_bytes(type.precision()),
               .logical_type = "decimal",
               .precision = type.precision(),
               .scale = type.scale()});
}

avro::SchemaPtr to_avro(const Field& field) {
  const Type& type = *field.type;
  switch (type.kind()) {
    case TypeKind::boolean: return avro::primitive(avro::Kind::boolean);
    case TypeKind::int32: return avro::primitive(avro::Kind::int32);
    case TypeKind::int64: return avro::primitive(avro::Kind::int64);
    case TypeKind::float32: return avro::primitive(avro::Kind::float32);
    case TypeKind::float64: return avro::primitive(avro::Kind::float64);
    case TypeKind::date: return node({.kind = avro::Kind::int32, .logical_type = "date"});
    case TypeKind::time: return node({.kind = avro::Kind::int64, .logical_type = "time-micros"});
    case TypeKind::timestamp:
      return node({.kind = avro::Kind::int64, .logical_type = "timestamp-micros", .adjust_to_utc = false});
    case TypeKind::timestamptz:
      return node({.kind = avro::Kind::int64, .logical_type = "timestamp-micros", .adjust_to_utc = true});
    case TypeKind::string: return avro::primitive(avro::Kind::string);
    case TypeKind::binary: return avro::primitive(avro::Kind::bytes);
    case TypeKind::uuid: return fixed_to_avro("uuid_fixed", 16, "uuid");
    case TypeKind::fixed: return fixed_to_avro("fixed_" + std::to_string(type.width_bytes()), type.width_bytes(), "");
    case TypeKind::decimal: return decimal_to_avro(type);
    case TypeKind::structure: return to_avro_record(type.fields(), "r" + std::to_string(field.id));
    case TypeKind::list:
      return node({.kind = avro::Kind::array, .children = {to_avro(type.element())}, .element_id = type.element().id});
    case TypeKind::map: return map_to_avro(type);
  }
  return nullptr;
}

}  // namespace

int32_t decimal_fixed_bytes(int precision) {
  UInt128 largest = static_cast<UInt128>(power_of_ten(precision)) - 1;
  int32_t bytes = 1;
  while (largest > 0x7f) {
    largest >>= 8;
    ++bytes;
  }
  return bytes;
}

avro::SchemaPtr to_avro_record(const std::vector<Field>& fields, std::string_view record_name) {
  avro::Schema record{.kind = avro::Kind::record, .name = std::string(record_name)};
  for (const Field& field : fields) {
    avro::RecordField& added = record.fields.emplace_back();
    added.name = avro_name(field.name);
    if (added.name != field.name) added.original_name = field.name;
    added.field_id = field.id;
    added.schema = to_avro(field);
    if (!field.required) {
      added.schema = avro::optional(std::move(added.schema));
      added.default_json = "null";
    }
  }
  return node(std::move(record));
}

std::vector<Field> manifest_entry_fields(const std::vector<Field>& partition) {
  const std::vector<Field> file = {
      required(kContent, "content", of(TypeKind::int32)),
      required(kFilePath, "file_path", of(TypeKind::string)),
      required(kFileFormat, "file_format", of(TypeKind::string)),
      required(kPartition, "partition", Type::structure(partition)),
      required(kRecordCount, "record_count", of(TypeKind::int64)),
      required(kFileSize, "file_size_in_bytes", of(TypeKind::int64)),
      optional(kColumnSizes, "column_sizes", map_of(117, 118, TypeKind::int64)),
      optional(kValueCounts, "value_counts", map_of(119, 120, TypeKind::int64)),
      optional(kNullValueCounts, "null_value_counts", map_of(121, 122, TypeKind::int64)),
      optional(kNanValueCounts, "nan_value_counts", map_of(138, 139, TypeKind::int64)),
      optional(kLowerBounds, "lower_bounds", map_of(126, 127, TypeKind::binary)),
      optional(kUpperBounds, "upper_bounds", map_of(129, 130, TypeKind::binary)),
      optional(kKeyMetadata, "key_metadata", of(TypeKind::binary)),
      optional(kSplitOffsets, "split_offsets", list_of(133, of(TypeKind::int64))),
      optional(kEqualityIds, "equality_ids", list_of(136, of(TypeKind::int32))),
      optional(kSortOrderId, "sort_order_id", of(TypeKind::int32)),
      optional(kReferencedDataFile, "referenced_data_file", of(TypeKind::string)),
  };
  return {
      required(kStatus, "status", of(TypeKind::int32)),
      optional(kSnapshotId, "snapshot_id", of(TypeKind::int64)),
      optional(kSequenceNumber, "sequence_number", of(TypeKind::int64)),
      optional(kFileSequenceNumber, "file_sequence_number", of(TypeKind::int64)),
      required(kDataFile, "data_file", Type::structure(file)),
  };
}

const std::vector<Field>& manifest_file_fields() {
  static const std::vector<Field> kFields = [] {
    const std::vector<Field> summary = {
        required(kContainsNull, "contains_null", of(TypeKind::boolean)),
        optional(kContainsNan, "contains_nan", of(TypeKind::boolean)),
        optional(kSummaryLower, "lower_bound", of(TypeKind::binary)),
        optional(kSummaryUpper, "upper_bound", of(TypeKind::binary)),
    };
    return std::vector<Field>{
        required(kManifestPath, "manifest_path", of(TypeKind::string)),
        required(kManifestLength, "manifest_length", of(TypeKind::int64)),
        required(kManifestSpecId, "partition_spec_id", of(TypeKind::int32)),
        required(kManifestContent, "content", of(TypeKind::int32)),
        required(kManifestSequence, "sequence_number", of(TypeKind::int64)),
        required(kMinSequence, "min_sequence_number", of(TypeKind::int64)),
        required(kAddedSnapshotId, "added_snapshot_id", of(TypeKind::int64)),
        required(kAddedFiles, "added_files_count", of(TypeKind::int32)),
        required(kExistingFiles, "existing_files_count", of(TypeKind::int32)),
        required(kDeletedFiles, "deleted_files_count", of(TypeKind::int32)),
        required(kAddedRows, "added_rows_count", of(TypeKind::int64)),
        required(kExistingRows, "existing_rows_count", of(TypeKind::int64)),
        required(kDeletedRows, "deleted_rows_count", of(TypeKind::int64)),
        optional(kPartitions, "partitions", list_of(508, Type::structure(summary))),
        optional(kManifestKeyMetadata, "key_metadata", of(TypeKind::binary)),
    };
  }();
  return kFields;
}

}  // namespace weir::iceberg
