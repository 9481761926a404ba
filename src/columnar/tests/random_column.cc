#include "columnar/tests/random_column.h"

namespace weir {

TypePtr every_type() {
  std::vector<Field> fields;
  for (int kind = 0; kind < static_cast<int>(TypeKind::structure); ++kind) {
    const auto each = static_cast<TypeKind>(kind);
    const TypePtr type = each == TypeKind::decimal ? Type::decimal(38, 2)
                         : each == TypeKind::fixed ? Type::fixed(3)
                                                   : primitive(each);
    fields.push_back(field("f" + std::to_string(kind), type));
  }
  fields.push_back(field("list", Type::list(field("", Type::list(field("", primitive(TypeKind::string)))))));
  fields.push_back(field("map", Type::map(field("", primitive(TypeKind::string)),
                                          field("", Type::structure({field("x", primitive(TypeKind::int64))})))));
  return Type::structure(std::move(fields));
}

bool equal_rows(const Column& a, int64_t i, const Column& b, int64_t j) {
  if (a.is_null(i) || b.is_null(j)) return a.is_null(i) == b.is_null(j);
  switch (a.type->kind()) {
    case TypeKind::boolean: return a.boolean_at(i) == b.boolean_at(j);
    case TypeKind::string:
    case TypeKind::binary: return a.bytes_at(i) == b.bytes_at(j);
    case TypeKind::structure: {
      for (size_t c = 0; c < a.children.size(); ++c) {
        if (!equal_rows(*a.children[c], i, *b.children[c], j)) return false;
      }
      return true;
    }
    case TypeKind::list:
    case TypeKind::map: {
      const int32_t from_a = a.offsets_span()[static_cast<size_t>(i)];
      const int32_t from_b = b.offsets_span()[static_cast<size_t>(j)];
      const int32_t count = a.offsets_span()[static_cast<size_t>(i) + 1] - from_a;
      if (count != b.offsets_span()[static_cast<size_t>(j) + 1] - from_b) return false;
      for (int32_t e = 0; e < count; ++e) {
        for (size_t c = 0; c < a.children.size(); ++c) {
          if (!equal_rows(*a.children[c], from_a + e, *b.children[c], from_b + e)) return false;
        }
      }
      return true;
    }
    default: return a.bytes_at(i) == b.bytes_at(j);
  }
}

void append_random(ColumnBuilder& builder, SeededRandom& random, bool nullable) {
  const uint64_t draw = random.next_u64();
  if (nullable && draw % 4 == 0) return builder.append_null();
  const std::string text(draw % 40, static_cast<char>('a' + draw % 26));
  switch (builder.type()->kind()) {
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append(draw % 8 < 4);
    case TypeKind::int32:
    case TypeKind::date: return static_cast<FixedBuilder<int32_t>&>(builder).append(static_cast<int32_t>(draw));
    case TypeKind::time:
      return static_cast<FixedBuilder<int64_t>&>(builder).append(static_cast<int64_t>(draw % 86'400'000'000));
    case TypeKind::int64:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return static_cast<FixedBuilder<int64_t>&>(builder).append(static_cast<int64_t>(draw));
    case TypeKind::float32: return static_cast<FixedBuilder<float>&>(builder).append(static_cast<float>(draw));
    case TypeKind::float64: return static_cast<FixedBuilder<double>&>(builder).append(static_cast<double>(draw));
    case TypeKind::decimal: return static_cast<FixedBuilder<Int128>&>(builder).append(static_cast<Int128>(draw) * -3);
    case TypeKind::uuid:
      return static_cast<FixedBytesBuilder&>(builder).append(std::string(16, static_cast<char>(draw)));
    case TypeKind::fixed:
      return static_cast<FixedBytesBuilder&>(builder).append(std::string(3, static_cast<char>(draw)));
    case TypeKind::string:
    case TypeKind::binary: return static_cast<BytesBuilder&>(builder).append(text);
    case TypeKind::structure: {
      auto& row = static_cast<StructBuilder&>(builder);
      for (size_t c = 0; c < row.child_count(); ++c) append_random(row.child(c), random);
      return row.close_row();
    }
    case TypeKind::list:
    case TypeKind::map: {
      auto& row = static_cast<RepeatedBuilder&>(builder);
      for (uint64_t count = draw % 5; count > 0; --count) {
        for (size_t c = 0; c < builder.type()->fields().size(); ++c)
          append_random(row.child(c), random, builder.type()->kind() == TypeKind::list || c == 1);
      }
      return row.close_row();
    }
  }
}

ColumnPtr random_column(uint64_t seed, int rows) {
  SeededRandom random(seed);
  const auto builder = make_column_builder(every_type());
  for (int i = 0; i < rows; ++i) append_random(*builder, random);
  return builder->finish();
}

}  // namespace weir
