#include <algorithm>
#include <set>

#include "codec/column_node_internal.h"
#include "codec/json/json_reader_internal.h"

namespace weir::codec {
namespace {

const TextFormat kDefaultFormat;

Error column_error(ErrorKind kind, const std::string& path, const std::string& what) {
  return Error(kind, "column '" + path + "': " + what);
}

ValueOp op_of(const Type& type, const TextFormat& format) {
  const bool text_time = format.timestamp == TimestampFormat::rfc3339;
  const bool is_time = type.kind() >= TypeKind::date && type.kind() <= TypeKind::timestamptz;
  if (is_time && format.timestamp == TimestampFormat::pattern) return ValueOp::time_pattern;
  const bool hex = format.binary == BinaryFormat::hex;
  switch (type.kind()) {
    case TypeKind::boolean: return ValueOp::boolean;
    case TypeKind::int32: return ValueOp::int32;
    case TypeKind::int64: return ValueOp::int64;
    case TypeKind::float32: return ValueOp::float32;
    case TypeKind::float64: return ValueOp::float64;
    case TypeKind::decimal: return ValueOp::decimal;
    case TypeKind::date: return format.timestamp == TimestampFormat::epoch_days ? ValueOp::epoch_days : ValueOp::date;
    case TypeKind::time: return ValueOp::time;
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      if (format.timestamp == TimestampFormat::epoch_nanos) return ValueOp::epoch_nanos;
      if (!text_time) return ValueOp::epoch;
      return type.kind() == TypeKind::timestamp ? ValueOp::local_time_text : ValueOp::instant_text;
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

Result<void> compile_pattern(ColumnNode& node, const TextFormat& format, const std::string& path) {
  auto pattern = TimePattern::compile(format.pattern);
  if (!pattern.ok()) return column_error(ErrorKind::invalid_argument, path, pattern.error().message());
  node.pattern = std::make_shared<const TimePattern>(*std::move(pattern));
  node.offset_minutes = format.offset_minutes.value_or(0);
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
  node.accept_text = format.accept_text || format.decimal_comma;
  node.decimal_comma = format.decimal_comma;
  node.truncate_finer = format.truncate_finer;
  node.type = field.type.get();
  if (node.op == ValueOp::time_pattern) WEIR_TRY(compile_pattern(node, format, path));
  node.builder = &builder;
  node.name = field.name;
  node.expected = "expected " + (format.raw_json ? "JSON value" : type.to_string());
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

bool has_keys(const ColumnNode& node) {
  return node.op == ValueOp::structure || node.op == ValueOp::path_object;
}

void number_from(ColumnNode& node, const std::string& prefix, size_t& objects, size_t& slots) {
  node.prefix = prefix;
  if (has_keys(node)) {
    node.object_index = objects++;
    node.seen_slot = slots;
    slots += node.children.size();
  }
  for (ColumnNode& child : node.children)
    number_from(child, child.name.empty() ? prefix : prefix + child.name + ".", objects, slots);
}

/// The keys of what stands at the ends of steps: those inside of columns are compiled with them.
void key_paths(ColumnNode& node) {
  std::vector<std::string> names;
  for (ColumnNode& child : node.children) {
    if (child.step.index < 0) names.push_back(child.step.name);
    if (is_path(child.op)) key_paths(child);
  }
  node.keys = KeyTable(std::move(names));
}

bool is_same_step(const PathStep& a, const PathStep& b) {
  return a.index == b.index && (a.index >= 0 || a.name == b.name);
}

}  // namespace

Result<ColumnNode> compile_column(const Field& field, const TextFormat& format, ColumnBuilder& builder) {
  return compile(field, format, builder, field.name);
}

Result<void> insert_at(ColumnNode& root, std::span<const PathStep> path, ColumnNode leaf) {
  if (path.empty() || path[0].index >= 0)
    return Error(ErrorKind::invalid_argument, "an event is an object, so a path into it begins with a name");
  ColumnNode* node = &root;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool is_last = i + 1 == path.size();
    const ValueOp inside = is_last ? leaf.op : path[i + 1].index < 0 ? ValueOp::path_object : ValueOp::path_list;
    const auto at = std::find_if(node->children.begin(), node->children.end(),
                                 [&](const ColumnNode& child) { return is_same_step(child.step, path[i]); });
    if (at == node->children.end()) {
      if (is_last) {
        leaf.step = path[i];
        node->children.push_back(std::move(leaf));
        return {};
      }
      ColumnNode step;
      step.op = inside;
      step.step = path[i];
      node->children.push_back(std::move(step));
      node = &node->children.back();
      continue;
    }
    if (is_last || at->op != inside) {
      return Error(ErrorKind::invalid_argument,
                   is_path(at->op) ? "'" + path_text(path.first(i + 1)) + "' is read in parts by other columns"
                                   : "another column is read from '" + path_text(path.first(i + 1)) + "' too");
    }
    node = &*at;
  }
  return {};
}

void finish_plan(ColumnNode& root) {
  size_t objects = 0;
  size_t slots = 0;
  key_paths(root);
  number_from(root, "", objects, slots);
}

std::string path_text(std::span<const PathStep> path) {
  if (path.size() == 1 && path[0].index < 0) return path[0].name;
  std::string text = "$";
  for (const PathStep& step : path) {
    const bool is_plain = !step.name.empty() && step.name.find_first_of(".[]'\"$ ") == std::string::npos;
    if (step.index >= 0)
      text += "[" + std::to_string(step.index) + "]";
    else
      text += is_plain ? "." + step.name : "['" + step.name + "']";
  }
  return text;
}

}  // namespace weir::codec
