#include <algorithm>

#include "base/decimal.h"
#include "columnar/value_text.h"
#include "operator/rule_message_internal.h"

namespace weir::operators {
namespace {

using contract::Literal;
using contract::Rule;
using contract::RuleKind;

constexpr size_t kValueBytesMax = 64;

std::string literal_text(const Type& type, const Literal& literal) {
  if (const auto* value = std::get_if<bool>(&literal)) return *value ? "true" : "false";
  if (const auto* value = std::get_if<int64_t>(&literal)) return integer_text(type, *value);
  if (const auto* value = std::get_if<double>(&literal)) return number_text(*value);
  if (const auto* value = std::get_if<Int128>(&literal)) return format_decimal(*value, type.scale());
  const std::string& bytes = std::get<std::string>(literal);
  return type.kind() == TypeKind::uuid ? uuid_text(bytes) : "'" + cut_text(bytes, kValueBytesMax) + "'";
}

/// The column at a dotted path; null when a struct on the way is null in this row.
const Column* column_at(const Batch& batch, std::string_view path, int64_t row) {
  const std::vector<Field>* fields = &batch.schema()->fields();
  const std::vector<ColumnPtr>* columns = &batch.columns();
  while (true) {
    const auto field = std::find_if(fields->begin(), fields->end(), [&](const Field& candidate) {
      return path == candidate.name || (path.starts_with(candidate.name) && path.size() > candidate.name.size() &&
                                        path[candidate.name.size()] == '.');
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
    case RuleKind::regex: return "does not match " + cut_text(rule.pattern, kValueBytesMax);
    case RuleKind::range: {
      std::string text = "is outside the range";
      if (rule.min) text += " from " + literal_text(type, *rule.min);
      if (rule.max) text += " to " + literal_text(type, *rule.max);
      return text;
    }
    case RuleKind::length: {
      std::string text = "has a length outside the range";
      if (rule.length_min) text += " from " + std::to_string(*rule.length_min);
      if (rule.length_max) text += " to " + std::to_string(*rule.length_max);
      return text;
    }
    case RuleKind::accepted_values: {
      std::string text = "is none of";
      for (size_t i = 0; i < std::min<size_t>(rule.accepted.size(), 5); ++i)
        text += (i == 0 ? " " : ", ") + literal_text(type, rule.accepted[i]);
      return rule.accepted.size() > 5 ? text + ", ..." : text;
    }
    case RuleKind::sql: return "";
  }
  return "";
}

}  // namespace

std::string rule_message(const Rule& rule, const Batch& batch, int64_t row) {
  if (rule.kind == RuleKind::sql) return "not true: " + cut_text(rule.sql, kValueBytesMax);
  const Column* column = column_at(batch, rule.column, row);
  const Field* field = batch.schema()->find_by_path(rule.column);
  if (column == nullptr || field == nullptr) return rule.column + " is null";
  if (rule.kind == RuleKind::not_null) return rule.column + " is null";
  return rule.column + " is " + value_text(*column, row) + ", which " + expectation(rule, *field->type);
}

}  // namespace weir::operators
