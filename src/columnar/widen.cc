#include "columnar/widen.h"

#include <algorithm>

namespace weir {
namespace {

template <typename From, typename To>
Buffer convert(const Column& column) {
  const std::span<const From> from = column.values_as<From>();
  std::vector<To> to(from.begin(), from.end());
  return Buffer::adopt(std::move(to));
}

/// The fields of a struct in the order of `type`; null columns for those that `column` lacks.
std::vector<ColumnPtr> place_fields(const Column& column, const Type& type) {
  const std::vector<Field>& have = column.type->fields();
  std::vector<ColumnPtr> placed;
  for (const Field& field : type.fields()) {
    const auto found = std::find_if(have.begin(), have.end(), [&](const Field& own) { return own.name == field.name; });
    placed.push_back(found == have.end()
                         ? null_column(field.type, column.length)
                         : widen(column.children[static_cast<size_t>(found - have.begin())], field.type));
  }
  return placed;
}

}  // namespace

ColumnPtr widen(const ColumnPtr& column, const TypePtr& type) {
  if (*column->type == *type) return column;
  auto wide = std::make_shared<Column>(*column);
  wide->type = type;
  const TypeKind from = column->type->kind();
  if (from == TypeKind::int32 && type->kind() == TypeKind::int64) {
    wide->values = convert<int32_t, int64_t>(*column);
  } else if (from == TypeKind::float32 && type->kind() == TypeKind::float64) {
    wide->values = convert<float, double>(*column);
  } else if (type->kind() == TypeKind::structure) {
    WEIR_CHECK(from == TypeKind::structure);
    wide->children = place_fields(*column, *type);
  } else if (type->is_nested()) {
    WEIR_CHECK(from == type->kind() && column->children.size() == type->fields().size());
    for (size_t i = 0; i < wide->children.size(); ++i)
      wide->children[i] = widen(column->children[i], type->fields()[i].type);
  } else {
    WEIR_CHECK(from == type->kind());  // decimals keep their 128 bits whatever the precision
  }
  return wide;
}

}  // namespace weir
