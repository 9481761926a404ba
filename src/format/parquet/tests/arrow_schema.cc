#include "format/parquet/tests/arrow_schema.h"

namespace weir::parquet::arrow_oracle {
namespace {

using ::parquet::LogicalType;
using ::parquet::Repetition;
using ::parquet::schema::GroupNode;
using ::parquet::schema::NodePtr;
using ::parquet::schema::NodeVector;
using ::parquet::schema::PrimitiveNode;
using ParquetType = ::parquet::Type;

NodePtr to_node(const Field& field, Repetition::type repetition);

NodePtr to_node(const Field& field) {
  return to_node(field, field.required ? Repetition::REQUIRED : Repetition::OPTIONAL);
}

/// Bytes of the smallest two's complement that holds any decimal of `precision` digits.
int decimal_bytes(int precision) {
  static constexpr int kDigitsOfBytes[] = {0, 2, 4, 6, 9, 11, 14, 16, 18, 21, 23, 26, 28, 31, 33, 35, 38};
  int bytes = 1;
  while (kDigitsOfBytes[bytes] < precision) ++bytes;
  return bytes;
}

NodePtr decimal_node(const Field& field, Repetition::type repetition) {
  const int precision = field.type->precision();
  const auto logical = LogicalType::Decimal(precision, field.type->scale());
  if (precision <= 9) return PrimitiveNode::Make(field.name, repetition, logical, ParquetType::INT32, -1, field.id);
  if (precision <= 18) return PrimitiveNode::Make(field.name, repetition, logical, ParquetType::INT64, -1, field.id);
  return PrimitiveNode::Make(field.name, repetition, logical, ParquetType::FIXED_LEN_BYTE_ARRAY,
                             decimal_bytes(precision), field.id);
}

NodePtr timestamp_node(const Field& field, Repetition::type repetition, bool utc) {
  return PrimitiveNode::Make(field.name, repetition, LogicalType::Timestamp(utc, LogicalType::TimeUnit::MICROS),
                             ParquetType::INT64, -1, field.id);
}

Field renamed(Field field, const char* name) {
  field.name = name;
  return field;
}

NodePtr list_node(const Field& field, Repetition::type repetition) {
  const NodePtr middle =
      GroupNode::Make("list", Repetition::REPEATED, {to_node(renamed(field.type->element(), "element"))});
  return GroupNode::Make(field.name, repetition, {middle}, LogicalType::List(), field.id);
}

NodePtr map_node(const Field& field, Repetition::type repetition) {
  const NodePtr middle = GroupNode::Make("key_value", Repetition::REPEATED,
                                         {to_node(renamed(field.type->key(), "key"), Repetition::REQUIRED),
                                          to_node(renamed(field.type->value(), "value"))});
  return GroupNode::Make(field.name, repetition, {middle}, LogicalType::Map(), field.id);
}

NodePtr struct_node(const Field& field, Repetition::type repetition) {
  NodeVector children;
  for (const Field& child : field.type->fields()) children.push_back(to_node(child));
  return GroupNode::Make(field.name, repetition, children, nullptr, field.id);
}

NodePtr plain_node(const Field& field, Repetition::type repetition, ParquetType::type physical) {
  return PrimitiveNode::Make(field.name, repetition, LogicalType::None(), physical, -1, field.id);
}

NodePtr to_node(const Field& field, Repetition::type repetition) {
  switch (field.type->kind()) {
    case TypeKind::boolean: return plain_node(field, repetition, ParquetType::BOOLEAN);
    case TypeKind::int32: return plain_node(field, repetition, ParquetType::INT32);
    case TypeKind::int64: return plain_node(field, repetition, ParquetType::INT64);
    case TypeKind::float32: return plain_node(field, repetition, ParquetType::FLOAT);
    case TypeKind::float64: return plain_node(field, repetition, ParquetType::DOUBLE);
    case TypeKind::decimal: return decimal_node(field, repetition);
    case TypeKind::date:
      return PrimitiveNode::Make(field.name, repetition, LogicalType::Date(), ParquetType::INT32, -1, field.id);
    case TypeKind::time:
      return PrimitiveNode::Make(field.name, repetition, LogicalType::Time(false, LogicalType::TimeUnit::MICROS),
                                 ParquetType::INT64, -1, field.id);
    case TypeKind::timestamp: return timestamp_node(field, repetition, false);
    case TypeKind::timestamptz: return timestamp_node(field, repetition, true);
    case TypeKind::string:
      return PrimitiveNode::Make(field.name, repetition, LogicalType::String(), ParquetType::BYTE_ARRAY, -1, field.id);
    case TypeKind::uuid:
      return PrimitiveNode::Make(field.name, repetition, LogicalType::UUID(), ParquetType::FIXED_LEN_BYTE_ARRAY, 16,
                                 field.id);
    case TypeKind::fixed:
      return PrimitiveNode::Make(field.name, repetition, LogicalType::None(), ParquetType::FIXED_LEN_BYTE_ARRAY,
                                 field.type->width_bytes(), field.id);
    case TypeKind::binary: return plain_node(field, repetition, ParquetType::BYTE_ARRAY);
    case TypeKind::structure: return struct_node(field, repetition);
    case TypeKind::list: return list_node(field, repetition);
    case TypeKind::map: return map_node(field, repetition);
  }
  check_failed("to_parquet", "unknown kind", __FILE__, __LINE__);
}

}  // namespace

std::shared_ptr<GroupNode> to_parquet(const Schema& schema) {
  NodeVector children;
  for (const Field& field : schema.fields()) children.push_back(to_node(field));
  return std::static_pointer_cast<GroupNode>(GroupNode::Make("table", Repetition::REQUIRED, children));
}

}  // namespace weir::parquet::arrow_oracle
