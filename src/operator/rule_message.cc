#include <algorithm>
#include <span>

#include "base/decimal.h"
#include "columnar/nested.h"
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

/// "is outside the range 1 to 12", "is below the minimum of 1".
std::string range_text(const Rule& rule, const Type& type) {
  if (rule.min && rule.max)
    return "is outside the range from " + literal_text(type, *rule.min) + " to " + literal_text(type, *rule.max);
  return rule.min ? "is below the minimum of " + literal_text(type, *rule.min)
                  : "is above the maximum of " + literal_text(type, *rule.max);
}

/// Characters of text, bytes of binary, elements of a list or map, as the rule counts them.
int64_t length_of(const Column& column, int64_t row) {
  const auto at = static_cast<size_t>(row);
  const std::span<const int32_t> offsets = column.offsets_span();
  if (column.type->kind() != TypeKind::string) return offsets[at + 1] - offsets[at];
  const std::string_view text = column.bytes_at(row);
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; });
}

/// "has 3 characters; at most 2 are allowed".
std::string length_text(const Rule& rule, const Column& column, int64_t row) {
  const TypeKind kind = column.type->kind();
  const std::string unit = kind == TypeKind::string ? "character" : kind == TypeKind::binary ? "byte" : "element";
  const int64_t length = length_of(column, row);
  const bool too_short = rule.length_min && length < *rule.length_min;
  const int64_t bound = too_short ? *rule.length_min : rule.length_max.value_or(0);
  return "has " + std::to_string(length) + " " + unit + (length == 1 ? "" : "s") + "; at " +
         (too_short ? "least " : "most ") + std::to_string(bound) + (bound == 1 ? " is" : " are") +
         (too_short ? " needed" : " allowed");
}

std::string expectation(const Rule& rule, const Type& type, const Column& column, int64_t row) {
  switch (rule.kind) {
    case RuleKind::not_null: return "must not be null";
    case RuleKind::regex: return "does not match " + cut_text(rule.pattern, kValueBytesMax);
    case RuleKind::range: return range_text(rule, type);
    case RuleKind::length: return length_text(rule, column, row);
    case RuleKind::accepted_values: {
      std::string text = "is not one of";
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
  const std::vector<Field>& fields = batch.schema()->fields();
  const std::optional<FieldPath> path = find_field_path(fields, rule.column);
  if (!path || rule.kind == RuleKind::not_null) return rule.column + " is null";
  const NestedColumn nested(batch, *path);
  if (!nested.is_present(row)) return rule.column + " is null";
  const Column& column = *nested.column();
  return rule.column + " is " + value_text(column, row) + ", which " +
         expectation(rule, *field_at(fields, *path).type, column, row);
}

}  // namespace weir::operators
