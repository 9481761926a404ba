#include "iceberg/partition/partition_spec.h"

#include <cstdio>
#include <set>

#include "base/hash.h"
#include "columnar/nested.h"
#include "iceberg/metadata/json_internal.h"

namespace weir::iceberg {
namespace {

Json fields_tree(const PartitionSpec& spec) {
  Json json = Json::array();
  for (const PartitionField& field : spec.fields) {
    json.push_back({{"source-id", field.source_id},
                    {"field-id", field.field_id},
                    {"name", field.name},
                    {"transform", field.transform.to_string()}});
  }
  return json;
}

/// A column that may be partitioned by: anywhere but inside lists and maps. Null where there is none.
const Field* find_source(const std::vector<Field>& fields, int32_t id) {
  const std::optional<FieldPath> path = find_field_path(fields, id);
  return path ? &field_at(fields, *path) : nullptr;
}

constexpr size_t kSegmentBytesMax = 200;  // file systems take names of 255 bytes
constexpr size_t kPathBytesMax = 1'500;   // and paths of 4,096, of which the table's location is a part
constexpr size_t kHashBytes = 16;

std::string hash_text(std::string_view text) {
  char digits[kHashBytes + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash64(text)));
  return digits;
}

/// Cuts what escape_path_segment() made to `size_max` bytes or a few less, between two characters.
std::string_view cut_escaped(std::string_view escaped, size_t size_max) {
  const auto is_inside = [&](size_t at) {
    if (at >= 1 && escaped[at - 1] == '%') return true;
    if (at >= 2 && escaped[at - 2] == '%') return true;
    return escaped[at] == '%' && (escaped[at + 1] == '8' || escaped[at + 1] == '9' || escaped[at + 1] == 'A' ||
                                  escaped[at + 1] == 'B');  // UTF-8's continuation bytes are 80 to BF
  };
  while (size_max > 0 && is_inside(size_max)) --size_max;
  return escaped.substr(0, size_max);
}

/// "name=value", escaped; what is too long for a file system is cut and gets a hash of all of it.
std::string path_segment(std::string_view name, std::string_view value) {
  std::string segment = escape_path_segment(name) + "=" + escape_path_segment(value);
  if (segment.size() <= kSegmentBytesMax) return segment;
  return std::string(cut_escaped(segment, kSegmentBytesMax - kHashBytes - 1)) + "-" + hash_text(segment);
}

Result<PartitionField> read_field(const Json& json, int32_t default_id) {
  PartitionField field;
  if (member(json, "source-id") == nullptr && member(json, "source-ids") != nullptr) {
    return Error(ErrorKind::unsupported, "a partition field with several source columns");
  }
  WEIR_ASSIGN(field.source_id, get_int32(json, "source-id"));
  WEIR_ASSIGN(const std::optional<int32_t> id, find_int32(json, "field-id"));
  field.field_id = id.value_or(default_id);
  WEIR_ASSIGN(field.name, get_string(json, "name"));
  WEIR_ASSIGN(const std::string transform, get_string(json, "transform"));
  WEIR_ASSIGN(field.transform, Transform::parse(transform));
  return field;
}

}  // namespace

std::string default_partition_name(std::string_view column, const Transform& transform) {
  std::string name(column);
  switch (transform.kind()) {
    case TransformKind::bucket: return name + "_bucket";
    case TransformKind::truncate: return name + "_trunc";
    case TransformKind::year: return name + "_year";
    case TransformKind::month: return name + "_month";
    case TransformKind::day: return name + "_day";
    case TransformKind::hour: return name + "_hour";
    case TransformKind::void_: return name + "_null";
    default: return name;
  }
}

Result<std::vector<Field>> partition_fields(const PartitionSpec& spec, const Schema& schema) {
  std::vector<Field> fields;
  fields.reserve(spec.fields.size());
  for (const PartitionField& field : spec.fields) {
    const Field* source = find_source(schema.fields(), field.source_id);
    if (source == nullptr) {
      return Error(ErrorKind::invalid_argument, "partition field '" + field.name + "': column " +
                                                    std::to_string(field.source_id) +
                                                    " does not exist or lies inside a list or map");
    }
    Result<TypePtr> type = field.transform.result_type(source->type);
    if (!type.ok()) return std::move(type).error().with_context("partition field '" + field.name + "'");
    fields.push_back({.id = field.field_id, .name = field.name, .required = false, .type = *std::move(type)});
  }
  return fields;
}

Result<void> check_partition_spec(const PartitionSpec& spec, const Schema& schema) {
  WEIR_TRY(partition_fields(spec, schema));
  std::set<std::string> names;
  std::set<int32_t> ids;
  for (const PartitionField& field : spec.fields) {
    const auto refuse = [&](const std::string& why) {
      return Error(ErrorKind::invalid_argument, "partition field '" + field.name + "' " + why);
    };
    if (field.name.empty()) return Error(ErrorKind::invalid_argument, "a partition field has no name");
    if (!names.insert(field.name).second) return refuse("occurs twice");
    if (field.field_id < kPartitionFieldIdMin || !ids.insert(field.field_id).second)
      return refuse("has an id below 1000 or used twice");
    const int column = schema.find(field.name);
    const bool is_itself = column >= 0 && schema.field(static_cast<size_t>(column)).id == field.source_id;
    const bool keeps_name =
        field.transform.kind() == TransformKind::identity || field.transform.kind() == TransformKind::void_;
    if (column >= 0 && !(is_itself && keeps_name)) return refuse("has the name of a column");
  }
  return {};
}

std::string partition_path(const PartitionSpec& spec, const Schema& schema, const std::vector<Value>& values) {
  WEIR_CHECK(values.size() == spec.fields.size());
  std::string path;
  std::string rest;  // segments that the path has no room for
  for (size_t i = 0; i < values.size(); ++i) {
    const PartitionField& field = spec.fields[i];
    const Field* source = find_source(schema.fields(), field.source_id);
    WEIR_CHECK(source != nullptr);
    const std::string segment = path_segment(field.name, field.transform.to_text(source->type, values[i]));
    std::string& end = rest.empty() && path.size() + segment.size() < kPathBytesMax ? path : rest;
    if (!end.empty()) end += '/';
    end += segment;
  }
  if (!rest.empty()) path += "/rest=" + hash_text(rest);
  return path;
}

std::string partition_spec_to_json(const PartitionSpec& spec) {
  return dump({{"spec-id", spec.spec_id}, {"fields", fields_tree(spec)}});
}

std::string partition_fields_to_json(const PartitionSpec& spec) {
  return dump(fields_tree(spec));
}

Result<PartitionSpec> partition_spec_from_json(std::string_view text) {
  WEIR_ASSIGN(const Json json, parse_json(text));
  return partition_spec_from_tree(json);
}

Result<PartitionSpec> partition_spec_from_tree(const Json& json) {
  PartitionSpec spec;
  const Json* fields = &json;
  if (!json.is_array()) {
    WEIR_ASSIGN(spec.spec_id, get_int32(json, "spec-id"));
    fields = member(json, "fields");
  }
  if (fields == nullptr || !fields->is_array()) return bad_json("fields", "must be a list");
  for (const Json& item : *fields) {
    WEIR_ASSIGN(PartitionField field,
                read_field(item, kPartitionFieldIdMin + static_cast<int32_t>(spec.fields.size())));
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

}  // namespace weir::iceberg
