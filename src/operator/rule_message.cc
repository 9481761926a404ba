#include <algorithm>

#include "base/civil_time.h"
#include "base/decimal.h"
#include "base/random.h"
#include "operator/rule_message_internal.h"

namespace weir::operators {
namespace {

using contract::Literal;
using contract::Rule;
using contract::RuleKind;

constexpr size_t kValueBytesMax = 64;

std::string cut(std::string_view text) {
  if (text.size() <= kValueBytesMax) return std::string(text);
  size_t end = kValueBytesMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;  // not in the middle of a character
  return std::string(text.substr(0, end)) + "...";
}

std::string integer_text(const Type& type, int64_t value) {
  switch (type.kind()) {
    case TypeKind::date: return format_date(static_cast<int32_t>(value));
    case TypeKind::time: return format_time(value);
    case TypeKind::timestamp: return format_datetime(value);
    case TypeKind::timestamptz: return format_datetime(value) + "Z";
    default: return std::to_string(value);
  }
}

std::string number_text(double value) {
  char text[40];
  return std::string(text, static_cast<size_t>(std::snprintf(text, sizeof text, "%.12g", value)));
}

std::string uuid_text(std::string_view bytes) {
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(uuid.bytes.data()));
  return uuid.to_string();
}

std::string literal_text(const Type& type, const Literal& literal) {
  if (const auto* value = std::get_if<bool>(&literal)) return *value ? "true" : "false";
  if (const auto* value = std::get_if<int64_t>(&literal)) return integer_text(type, *value);
  if (const auto* value = std::get_if<double>(&literal)) return number_text(*value);
  if (const auto* value = std::get_if<Int128>(&literal)) return format_decimal(*value, type.scale());
  const std::string& bytes = std::get<std::string>(literal);
  return type.kind() == TypeKind::uuid ? uuid_text(bytes) : "'" + cut(bytes) + "'";
}

std::string value_text(const Column& column, int64_t row) {
  const auto at = static_cast<size_t>(row);
  if (column.is_null(row)) return "null";
  switch (column.type->kind()) {
    case TypeKind::boolean: return column.boolean_at(row) ? "true" : "false";
    case TypeKind::int32:
    case TypeKind::date: return integer_text(*column.type, column.values_as<int32_t>()[at]);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return integer_text(*column.type, column.values_as<int64_t>()[at]);
    case TypeKind::float32: return number_text(static_cast<double>(column.values_as<float>()[at]));
    case TypeKind::float64: return number_text(column.values_as<double>()[at]);
    case TypeKind::decimal: return format_decimal(column.values_as<Int128>()[at], column.type->scale());
    case TypeKind::string: return "'" + cut(column.bytes_at(row)) + "'";
    case TypeKind::uuid: return uuid_text(column.bytes_at(row));
    case TypeKind::list:
    case TypeKind::map: return std::to_string(column.offsets_span()[at + 1] - column.offsets_span()[at]) + " elements";
    default: return "a " + std::string(to_string(column.type->kind()));
  }
}

/// The column at a dotted path; null when a struct on the way is null in this row.
const Column* column_at(const Batch& batch, std::string_view path, int64_t row) {
  const std::vector<Field>* fields = &batch.schema()->fields();
  const std::vector<ColumnPtr>* columns = &batch.columns();
  while (true) {
    const auto field = std::find_if(fields->begin(), fields->end(), [&](const Field& candidate) {
      return path == candidate.name || (path.starts_with(candidate.name) && path.size() > candidate.name.size() && path[candidate.name.size()] == '.');
    });
    if (field == fields->end()) return nullptr;
    const Column& column = *(*columns)[static_cast<size_t>(field - fields->begin())];
    if (path == field->name) return &column;
    if (column.is_null(row)) return nullptr;
    path.remove_prefix(field->name.size() + 1);
    fields = &field->type->fields();
    columns = &column.children;
  }
}

std::string expectation(const Rule& rule, const Type& type) {
  switch (rule.kind) {
    case RuleKind::not_null: return "must not be null";
    case RuleKind::regex: return "does not match " + cut(rule.pattern);
    case RuleKind::range: {
      std::string text = "is outside of the range";
      if (rule.min) text += " from " + literal_text(type, *rule.min);
      if (rule.max) text += " to " + literal_text(type, *rule.max);
      return text;
    }
    case RuleKind::length: {
      std::string text = "has a length outside of";
      if (rule.length_min) text += " at least " + std::to_string(*rule.length_min);
      if (rule.length_max) text += std::string(rule.length_min ? "," : "") + " at most " + std::to_string(*rule.length_max);
      return text;
    }
    case RuleKind::accepted_values: {
      std::string text = "is none of";
      for (size_t i = 0; i < std::min<size_t>(rule.accepted.size(), 5); ++i) text += (i == 0 ? " " : ", ") + literal_text(type, rule.accepted[i]);
      return rule.accepted.size() > 5 ? text + ", ..." : text;
    }
    case RuleKind::sql: return "";
  }
  return "";
}

}  // namespace

std::string rule_message(const Rule& rule, const Batch& batch, int64_t row) {
  if (rule.kind == RuleKind::sql) return "not true: " + cut(rule.sql);
  const Column* column = column_at(batch, rule.column, row);
  const Field* field = batch.schema()->find_by_path(rule.column);
  if (column == nullptr || field == nullptr) return rule.column + " is null";
  if (rule.kind == RuleKind::not_null) return rule.column + " is null";
  return rule.column + " is " + value_text(*column, row) + ", which " + expectation(rule, *field->type);
}

}  // namespace weir::operators
