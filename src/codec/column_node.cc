#include <set>

#include "codec/column_node_internal.h"
#include "codec/json_reader_internal.h"

namespace weir::codec {
namespace {

const TextFormat kDefaultFormat;

Error column_error(ErrorKind kind, const std::string& path, const std::string& what) {
  return Error(kind, "column '" + path + "': " + what);
}

ValueOp op_of(const Type& type, const TextFormat& format) {
  const bool text_time = format.timestamp == TimestampFormat::rfc3339;
  const bool hex = format.binary == BinaryFormat::hex;
  switch (type.kind()) {
    case TypeKind::boolean: return ValueOp::boolean;
    case TypeKind::int32: return ValueOp::int32;
    case TypeKind::int64: return ValueOp::int64;
    case TypeKind::float32: return ValueOp::float32;
    case TypeKind::float64: return ValueOp::float64;
    case TypeKind::decimal: return ValueOp::decimal;
    case TypeKind::date: return ValueOp::date;
    case TypeKind::time: return ValueOp::time;
    case TypeKind::timestamp: return text_time ? ValueOp::local_time_text : ValueOp::epoch;
    case TypeKind::timestamptz: return text_time ? ValueOp::instant_text : ValueOp::epoch;
    case TypeKind::string: return format.raw_json ? ValueOp::raw_json : ValueOp::string;
    case TypeKind::uuid: return ValueOp::uuid;
    case TypeKind::fixed: return hex ? ValueOp::fixed_hex : ValueOp::fixed_base64;
    case TypeKind::binary: return hex ? ValueOp::binary_hex : ValueOp::binary_base64;
    case TypeKind::structure: return ValueOp::structure;
    case TypeKind::list: return ValueOp::list;
    case TypeKind::map: return ValueOp::map;
  }
  check_failed("op_of", "unknown kind", __FILE__, __LINE__);
}

int epoch_digits_of(TimestampFormat format) {
  switch (format) {
    case TimestampFormat::epoch_seconds: return 6;
    case TimestampFormat::epoch_millis: return 3;
    default: return 0;
  }
}

/// Keys of a map are text in JSON. Only types that write each value in one way are keys, so that equal keys are equal
/// text.
bool is_key_type(TypeKind kind) {
  return kind == TypeKind::string || kind == TypeKind::int32 || kind == TypeKind::int64 || kind == TypeKind::date;
}

ColumnBuilder& child_builder(ColumnBuilder& builder, TypeKind kind, size_t i) {
  return kind == TypeKind::structure ? static_cast<StructBuilder&>(builder).child(i)
                                     : static_cast<RepeatedBuilder&>(builder).child(i);
}

Result<ColumnNode> compile(const Field& field, const TextFormat& format, ColumnBuilder& builder,
                           const std::string& path);

/// Compiles what is inside of a nested type.
Result<void> compile_children(ColumnNode& node, const Type& type, const TextFormat& format, ColumnBuilder& builder,
                              const std::string& path) {
  const std::vector<Field>& fields = type.fields();
  if (!format.children.empty() && format.children.size() != fields.size()) {
    return column_error(
        ErrorKind::invalid_argument, path,
        std::to_string(format.children.size()) + " formats for " + std::to_string(fields.size()) + " nested fields");
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < fields.size(); ++i) {
    const TextFormat& child_format = format.children.empty() ? kDefaultFormat : format.children[i];
    const std::string child_path = path + "." + fields[i].name;
    if (child_format.origin != ColumnOrigin::value) {
      return column_error(ErrorKind::invalid_argument, child_path,
                          "only a top-level column can be taken from the event's metadata");
    }
    WEIR_ASSIGN(ColumnNode child, compile(fields[i], child_format, child_builder(builder, type.kind(), i), child_path));
    node.children.push_back(std::move(child));
    names.push_back(child_format.source_name.empty() ? fields[i].name : child_format.source_name);
  }
  if (type.kind() != TypeKind::structure) return {};
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    return column_error(ErrorKind::invalid_argument, path, "two fields are read from the same name of the event");
  }
  node.keys = KeyTable(std::move(names));
  return {};
}

Result<ColumnNode> compile(const Field& field, const TextFormat& format, ColumnBuilder& builder,
                           const std::string& path) {
  const Type& type = *field.type;
  if (format.raw_json && type.kind() != TypeKind::string) {
    return column_error(ErrorKind::invalid_argument, path,
                        "raw JSON needs a string column, this is " + type.to_string());
  }
  ColumnNode node;
  node.op = op_of(type, format);
  node.required = field.required;
  node.epoch_digits = epoch_digits_of(format.timestamp);
  node.type = field.type.get();
  node.builder = &builder;
  node.name = field.name;
  node.expected = "expected " + (format.raw_json ? "JSON value" : type.to_string()) + ", found ";
  if (type.kind() == TypeKind::map && !is_key_type(type.key().type->kind())) {
    return column_error(ErrorKind::unsupported, path,
                        "keys of a map are read as string, int, long or date, not as " + type.key().type->to_string());
  }
  if (type.is_nested()) WEIR_TRY(compile_children(node, type, format, builder, path));
  if (format.default_json) {
    auto value = read_default(field, format, *format.default_json);
    if (!value.ok()) return column_error(ErrorKind::invalid_argument, path, "its default: " + value.error().message());
    node.default_value = std::move(value).value();
  }
  return node;
}

void number_from(ColumnNode& node, size_t& objects, size_t& slots) {
  if (node.op == ValueOp::structure) {
    node.object_index = objects++;
    node.seen_slot = slots;
    slots += node.children.size();
  }
  for (ColumnNode& child : node.children) number_from(child, objects, slots);
}

}  // namespace

Result<ColumnNode> compile_column(const Field& field, const TextFormat& format, ColumnBuilder& builder) {
  return compile(field, format, builder, field.name);
}

void number_fields(ColumnNode& root) {
  size_t objects = 0;
  size_t slots = 0;
  number_from(root, objects, slots);
}

}  // namespace weir::codec
