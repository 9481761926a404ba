#include <algorithm>

#include "base/base64.h"
#include "columnar/value_text.h"
#include "contract/literal.h"
#include "planner/row_match_internal.h"

namespace weir::planner {
namespace {

using config::Node;
using config::NodeKind;

bool matches_struct(const Node& node, const Column& column, int64_t row) {
  if (node.kind() != NodeKind::mapping) return false;
  return std::all_of(node.entries().begin(), node.entries().end(), [&](const Node::Entry& entry) {
    const auto& fields = column.type->fields();
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& candidate) { return candidate.name == entry.key; });
    return field != fields.end() &&
           matches(entry.value, *column.children[static_cast<size_t>(field - fields.begin())], row);
  });
}

bool matches_list(const Node& node, const Column& column, int64_t row) {
  const int32_t begin = column.offsets_span()[static_cast<size_t>(row)];
  const int32_t end = column.offsets_span()[static_cast<size_t>(row) + 1];
  if (node.kind() != NodeKind::sequence || node.items().size() != static_cast<size_t>(end - begin)) return false;
  for (int32_t i = begin; i < end; ++i) {
    if (!matches(node.items()[static_cast<size_t>(i - begin)], *column.children[0], i)) return false;
  }
  return true;
}

bool matches_map(const Node& node, const Column& column, int64_t row) {
  const int32_t begin = column.offsets_span()[static_cast<size_t>(row)];
  const int32_t end = column.offsets_span()[static_cast<size_t>(row) + 1];
  if (node.kind() != NodeKind::mapping || node.entries().size() != static_cast<size_t>(end - begin)) return false;
  for (int32_t i = begin; i < end; ++i) {
    std::string key = value_text(*column.children[0], i, SIZE_MAX);
    if (key.starts_with('\'')) key = key.substr(1, key.size() - 2);
    const Node* value = node.find(key);
    if (value == nullptr || !matches(*value, *column.children[1], i)) return false;
  }
  return true;
}

bool matches_literal(const contract::Literal& literal, const Column& column, int64_t row) {
  const auto at = static_cast<size_t>(row);
  switch (column.type->kind()) {
    case TypeKind::boolean: return std::get<bool>(literal) == column.boolean_at(row);
    case TypeKind::int32:
    case TypeKind::date: return std::get<int64_t>(literal) == column.values_as<int32_t>()[at];
    case TypeKind::float32: return std::get<double>(literal) == static_cast<double>(column.values_as<float>()[at]);
    case TypeKind::float64: return std::get<double>(literal) == column.values_as<double>()[at];
    case TypeKind::decimal: return std::get<Int128>(literal) == column.values_as<Int128>()[at];
    case TypeKind::string:
    case TypeKind::uuid: return std::get<std::string>(literal) == column.bytes_at(row);
    default: return std::get<int64_t>(literal) == column.values_as<int64_t>()[at];
  }
}

}  // namespace

bool matches(const Node& node, const Column& column, int64_t row) {
  if (node.kind() == NodeKind::null || column.is_null(row)) return node.kind() == NodeKind::null && column.is_null(row);
  switch (column.type->kind()) {
    case TypeKind::structure: return matches_struct(node, column, row);
    case TypeKind::list: return matches_list(node, column, row);
    case TypeKind::map: return matches_map(node, column, row);
    case TypeKind::binary:
    case TypeKind::fixed: return node.text() == base64_encode(column.bytes_at(row));
    default: {
      const Result<contract::Literal> literal = contract::parse_literal(node, *column.type);
      return literal.ok() && matches_literal(*literal, column, row);
    }
  }
}

}  // namespace weir::planner
