#include "format/parquet/leaf.h"

namespace weir::parquet {
namespace {

// ConvertedType of older readers; the numbers are the format's.
constexpr int32_t kUtf8 = 0;
constexpr int32_t kMap = 1;
constexpr int32_t kList = 3;
constexpr int32_t kDecimal = 5;
constexpr int32_t kDate = 6;
constexpr int32_t kTimeMicros = 8;
constexpr int32_t kTimestampMicros = 10;
constexpr int kLevelsMax = 255;

/// Bytes of the smallest two's complement that holds any decimal of `precision` digits.
int decimal_bytes(int precision) {
  static constexpr int kDigitsOfBytes[] = {0, 2, 4, 6, 9, 11, 14, 16, 18, 21, 23, 26, 28, 31, 33, 35, 38};
  int bytes = 1;
  while (kDigitsOfBytes[bytes] < precision) ++bytes;
  return bytes;
}

struct Physical {
  PhysicalType type;
  int length = 0;
};

Physical physical_of(const Type& type) {
  switch (type.kind()) {
    case TypeKind::boolean: return {PhysicalType::boolean};
    case TypeKind::int32:
    case TypeKind::date: return {PhysicalType::int32};
    case TypeKind::float32: return {PhysicalType::float32};
    case TypeKind::float64: return {PhysicalType::float64};
    case TypeKind::decimal:
      if (type.precision() <= 9) return {PhysicalType::int32};
      if (type.precision() <= 18) return {PhysicalType::int64};
      return {PhysicalType::fixed_len_byte_array, decimal_bytes(type.precision())};
    case TypeKind::string:
    case TypeKind::binary: return {PhysicalType::byte_array};
    case TypeKind::uuid: return {PhysicalType::fixed_len_byte_array, 16};
    case TypeKind::fixed: return {PhysicalType::fixed_len_byte_array, type.width_bytes()};
    default: return {PhysicalType::int64};
  }
}

void annotate(SchemaElement& element, const Type& type) {
  LogicalType& logical = element.logical;
  switch (type.kind()) {
    case TypeKind::decimal:
      element.converted_type = kDecimal;
      element.scale = logical.scale = type.scale();
      element.precision = logical.precision = type.precision();
      logical.kind = LogicalKind::decimal;
      return;
    case TypeKind::date:
      element.converted_type = kDate;
      logical.kind = LogicalKind::date;
      return;
    case TypeKind::time:
      element.converted_type = kTimeMicros;
      logical.kind = LogicalKind::time;
      return;
    case TypeKind::timestamptz:
      // Without a zone there is no converted type: it would say UTC.
      element.converted_type = kTimestampMicros;
      logical.is_utc = true;
      [[fallthrough]];
    case TypeKind::timestamp: logical.kind = LogicalKind::timestamp; return;
    case TypeKind::string:
      element.converted_type = kUtf8;
      logical.kind = LogicalKind::string;
      return;
    case TypeKind::uuid: logical.kind = LogicalKind::uuid; return;
    case TypeKind::list:
      element.converted_type = kList;
      logical.kind = LogicalKind::list;
      return;
    case TypeKind::map:
      element.converted_type = kMap;
      logical.kind = LogicalKind::map;
      return;
    default: return;
  }
}

class SchemaWalk {
 public:
  void add_top(const Field& field, size_t place) {
    Leaf parent;
    add(field, field.name, !field.required, place, parent);
  }

  std::vector<SchemaElement> elements;
  std::vector<Leaf> leaves;

 private:
  /// `way`: the nodes above, as a leaf without its end.
  void add(const Field& field, const std::string& name, bool is_optional, size_t place, const Leaf& way) {
    const Type& type = *field.type;
    SchemaElement element;
    element.name = name;
    element.repetition = is_optional ? Repetition::optional : Repetition::required;
    element.field_id = field.id;
    element.children = static_cast<int32_t>(type.kind() == TypeKind::structure ? type.fields().size() : 1);
    annotate(element, type);
    Leaf here = way;
    here.path.push_back(name);
    here.nodes.push_back({type.kind(), is_optional, place});
    here.definition_max += is_optional ? 1 : 0;
    if (!type.is_nested()) return add_leaf(field, std::move(element), std::move(here));
    elements.push_back(std::move(element));
    if (type.kind() == TypeKind::structure) {
      for (size_t i = 0; i < type.fields().size(); ++i)
        add(type.fields()[i], type.fields()[i].name, !type.fields()[i].required, i, here);
      return;
    }
    add_repeated(type, std::move(here));
  }

  void add_repeated(const Type& type, Leaf here) {
    const bool is_list = type.kind() == TypeKind::list;
    SchemaElement middle;
    middle.name = is_list ? "list" : "key_value";
    middle.repetition = Repetition::repeated;
    middle.children = is_list ? 1 : 2;
    here.path.push_back(middle.name);
    ++here.definition_max;
    ++here.repetition_max;
    elements.push_back(std::move(middle));
    if (is_list) return add(type.element(), "element", !type.element().required, 0, here);
    add(type.key(), "key", false, 0, here);
    add(type.value(), "value", !type.value().required, 1, here);
  }

  void add_leaf(const Field& field, SchemaElement element, Leaf leaf) {
    const Physical physical = physical_of(*field.type);
    element.type = leaf.physical = physical.type;
    element.type_length = leaf.type_length = physical.length;
    element.children = 0;
    leaf.field_id = field.id;
    leaf.type = field.type;
    WEIR_CHECK(leaf.definition_max <= kLevelsMax);
    elements.push_back(std::move(element));
    leaves.push_back(std::move(leaf));
  }
};

SchemaWalk walk(const Schema& schema) {
  SchemaWalk walk;
  SchemaElement root;
  root.name = "table";
  root.children = static_cast<int32_t>(schema.size());
  walk.elements.push_back(std::move(root));
  for (size_t i = 0; i < schema.size(); ++i) walk.add_top(schema.field(i), i);
  return walk;
}

}  // namespace

std::vector<SchemaElement> to_elements(const Schema& schema) {
  return walk(schema).elements;
}

std::vector<Leaf> leaves_of(const Schema& schema) {
  return walk(schema).leaves;
}

}  // namespace weir::parquet
