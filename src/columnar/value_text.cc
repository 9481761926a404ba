#include "columnar/value_text.h"

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/decimal.h"
#include "base/random.h"

namespace weir {
namespace {

std::string repeated_text(const Column& column, int64_t row, size_t bytes_max) {
  const bool is_map = column.type->kind() == TypeKind::map;
  const auto at = static_cast<size_t>(row);
  std::string text = is_map ? "{" : "[";
  for (int32_t i = column.offsets_span()[at]; i < column.offsets_span()[at + 1]; ++i) {
    if (text.size() > 1) text += ", ";
    if (text.size() > bytes_max) return text + "..." + (is_map ? "}" : "]");
    text += value_text(*column.children[0], i, bytes_max);
    if (is_map) text += ": " + value_text(*column.children[1], i, bytes_max);
  }
  return text + (is_map ? "}" : "]");
}

std::string struct_text(const Column& column, int64_t row, size_t bytes_max) {
  std::string text = "{";
  for (size_t c = 0; c < column.children.size(); ++c) {
    if (c > 0) text += ", ";
    if (text.size() > bytes_max) return text + "...}";
    text += column.type->fields()[c].name + ": " + value_text(*column.children[c], row, bytes_max);
  }
  return text + "}";
}

}  // namespace

std::string cut_text(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
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

std::string uuid_text(std::string_view bytes) {
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(uuid.bytes.data()));
  return uuid.to_string();
}

std::string number_text(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
}

std::string value_text(const Column& column, int64_t row, size_t bytes_max) {
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
    case TypeKind::string: return "'" + cut_text(column.bytes_at(row), bytes_max) + "'";
    case TypeKind::uuid: return uuid_text(column.bytes_at(row));
    case TypeKind::fixed:
    case TypeKind::binary: return cut_text(hex_encode(column.bytes_at(row).substr(0, bytes_max)), bytes_max);
    case TypeKind::structure: return struct_text(column, row, bytes_max);
    case TypeKind::list:
    case TypeKind::map: return repeated_text(column, row, bytes_max);
  }
  return "null";
}

}  // namespace weir
